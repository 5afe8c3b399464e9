// SPDX-License-Identifier: ISC
#include "role/secret_list.h"

#include "base/check.h"
#include "net/keys.h"

#include <stdlib.h>
#include <string.h>

// A net in which every file with a secret is configured.
static struct net *full_net(void)
{
    struct net *net = calloc(1, sizeof *net);
    assert_non_null(net);
    strcpy(net->access.tls_key, "/etc/fairlead/web.key");
    strcpy(net->access.link_secret, "/etc/fairlead/link");
    strcpy(net->syslog.tls_key, "/etc/fairlead/syslog.key");
    strcpy(net->changes.token_file, "/etc/fairlead/token");
    net->alert.channel_count = NET_CHANNELS_MAX;
    for (uint32_t i = 0; i < NET_CHANNELS_MAX; i++)
        strcpy(net->alert.channels[i].secret_file, "/etc/fairlead/pager");
    strcpy(net->ssh.key_file, "/etc/fairlead/ssh");
    net->changes.etcd_count = NET_ETCDS_MAX;
    for (uint32_t i = 0; i < NET_ETCDS_MAX; i++)
        strcpy(net->changes.etcd[i].secret_file, "/etc/fairlead/etcd");
    return net;
}

static void lists_what_is_configured(void **state)
{
    (void)state;
    struct secret_use uses[SECRET_USES_MAX];
    struct net *net = full_net();
    assert_int_equal(secret_list(net, uses), SECRET_USES_MAX);
    net->alert.channel_count = net->changes.etcd_count = 1;
    net->syslog.tls_key[0] = '\0';
    assert_int_equal(secret_list(net, uses), 7);
    static const struct secret_use said[] = {
        {"access.tls_key", "/etc/fairlead/web.key", ROLE_WEB},
        {"access.link_secret_file", "/etc/fairlead/link", ROLE_WEB},
        {"access.link_secret_file", "/etc/fairlead/link", ROLE_NOTIFY},
        {"changes.token_file", "/etc/fairlead/token", ROLE_INGEST},
        {"ssh.key_file", "/etc/fairlead/ssh", ROLE_SHELL},
        {"alert.channels[].secret_file", "/etc/fairlead/pager", ROLE_NOTIFY},
        {"changes.etcd[].secret_file", "/etc/fairlead/etcd", ROLE_INGEST},
    };
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
        assert_string_equal(uses[i].key, said[i].key);
        assert_string_equal(uses[i].file, said[i].file);
        assert_int_equal(uses[i].role, said[i].role);
    }
    free(net);
    net = calloc(1, sizeof *net);
    assert_non_null(net);
    assert_int_equal(secret_list(net, uses), 0);
    free(net);
}

struct listed {
    struct secret_use uses[SECRET_USES_MAX];
    uint32_t count;
};

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), last = strlen(end);
    return size >= last && strcmp(text + size - last, end) == 0;
}

// Whoever adds a key for a file with a secret adds it to the list.
static void is_listed(void *context, const char *path, const struct key *key)
{
    static const char *const secret[] = {"secret_file", "token_file", "password_file", "key_file",
                                         "tls_key"};
    const struct listed *listed = context;
    bool wanted = false, found = false;
    (void)key;
    for (size_t i = 0; i < sizeof secret / sizeof secret[0]; i++)
        wanted |= ends_with(path, secret[i]);
    for (uint32_t i = 0; i < listed->count; i++)
        found |= strcmp(listed->uses[i].key, path) == 0;
    CHECK_ROW(path, wanted == found);
}

static void forgets_no_key(void **state)
{
    (void)state;
    struct listed listed;
    struct net *net = full_net();
    listed.count = secret_list(net, listed.uses);
    keys_walk(&(struct key_visit){is_listed, &listed});
    free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lists_what_is_configured),
                                       cmocka_unit_test(forgets_no_key)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
