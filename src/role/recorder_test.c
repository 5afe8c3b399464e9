// SPDX-License-Identifier: ISC
#include "role/recorder.h"

#include "base/check.h"
#include "engine/message.h"
#include "engine/recording.h"
#include "net/keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>

static const struct recorder_config config = {"f.yaml", "site: \"fra1\"\n", 13};
static const struct net net;

struct place {
    char directory[32], path[64], old[64];
};

static struct place make_place(void)
{
    struct place p = {.directory = "/tmp/recorder-XXXXXX"};
    assert_non_null(mkdtemp(p.directory));
    snprintf(p.path, sizeof p.path, "%s/r", p.directory);
    snprintf(p.old, sizeof p.old, "%s/r.old", p.directory);
    return p;
}

static void remove_place(const struct place *p)
{
    unlink(p->path);
    unlink(p->old);
    rmdir(p->directory);
}

static int open_at(struct recorder *r, const char *path, const struct recorder_config *what)
{
    struct net *place = calloc(1, sizeof *place);
    assert_non_null(place);
    snprintf(place->record_path, sizeof place->record_path, "%s", path);
    int error = recorder_open(r, place, what);
    free(place);
    return error;
}

static size_t read_file(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t got = fread(text, 1, size - 1, file);
    text[got] = '\0';
    fclose(file);
    return got;
}

static void records_the_configuration_and_every_event(void **state)
{
    (void)state;
    struct place p = make_place();
    struct recorder r;
    char text[4096], why[128];
    assert_int_equal(open_at(&r, p.path, &config), 0);
    for (int64_t i = 1; i <= 3; i++)
        assert_int_equal(recorder_add(&r, &net, &(struct event){.kind = EVENT_TICK, .at = {i}}), 0);
    assert_int_equal(recorder_close(&r), 0);
    read_file(p.path, text, sizeof text);

    char *line = strtok(text, "\n");
    struct recording_header header;
    assert_true(recording_header_read(&header, line, strlen(line), why));
    assert_string_equal(header.config, config.text);
    assert_string_equal(header.file, "f.yaml");
    assert_string_equal(header.version, FAIRLEAD_VERSION);
    recording_header_done(&header);
    for (int64_t i = 1; i <= 3; i++) {
        struct event event;
        line = strtok(NULL, "\n");
        assert_true(message_to_event(&net, line, strlen(line), &event, why));
        assert_int_equal(event.at.ns, i);
    }
    assert_null(strtok(NULL, "\n"));
    remove_place(&p);
}

static void writes_out_once_a_second(void **state)
{
    (void)state;
    struct place p = make_place();
    struct recorder r;
    char text[4096];
    assert_int_equal(open_at(&r, p.path, &config), 0);
    assert_int_equal(recorder_turn(&r, (struct mono){NS_PER_S}), 0);
    size_t header = read_file(p.path, text, sizeof text);
    assert_true(header > 0);
    recorder_add(&r, &net, &(struct event){.kind = EVENT_TICK});
    assert_int_equal(recorder_turn(&r, (struct mono){NS_PER_S + 999 * NS_PER_MS}), 0);
    assert_int_equal(read_file(p.path, text, sizeof text), header);
    assert_int_equal(recorder_turn(&r, (struct mono){2ll * NS_PER_S}), 0);
    assert_true(read_file(p.path, text, sizeof text) > header);
    assert_int_equal(recorder_close(&r), 0);
    remove_place(&p);
}

static void keeps_the_recording_before(void **state)
{
    (void)state;
    struct place p = make_place();
    struct recorder r;
    char first[4096], old[4096];
    assert_int_equal(open_at(&r, p.path, &config), 0);
    recorder_add(&r, &net, &(struct event){.kind = EVENT_TICK, .at = {77}});
    assert_int_equal(recorder_close(&r), 0);
    read_file(p.path, first, sizeof first);
    assert_int_equal(open_at(&r, p.path, &config), 0);
    assert_int_equal(recorder_close(&r), 0);
    read_file(p.old, old, sizeof old);
    assert_string_equal(first, old);
    remove_place(&p);
}

static void a_full_disk_ends_the_recording_only(void **state)
{
    (void)state;
    struct place p = make_place();
    struct recorder r;
    struct rlimit before, small = {4096, 4096};
    assert_int_equal(open_at(&r, p.path, &config), 0);
    getrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_IGN);
    small.rlim_max = before.rlim_max;
    setrlimit(RLIMIT_FSIZE, &small);
    int failed = 0, refused = 0;
    for (int i = 0; i < 100 * 1000; i++) {
        int error = recorder_add(&r, &net, &(struct event){.kind = EVENT_TICK, .at = {i}});
        failed += error != 0;
        refused += error == -EFBIG;
    }
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(failed, 1);
    assert_int_equal(refused, 1);
    assert_int_equal(recorder_turn(&r, (struct mono){9ll * NS_PER_S}), 0);
    assert_int_equal(recorder_close(&r), 0);
    remove_place(&p);
}

static void refuses_a_place_that_is_none(void **state)
{
    (void)state;
    struct recorder r;
    assert_int_equal(open_at(&r, "/nowhere/at/all", &config), -ENOENT);
    assert_int_equal(open_at(&r, "", &config), 0);  // no recording is wanted
    assert_int_equal(recorder_add(&r, &net, &(struct event){.kind = EVENT_TICK}), 0);
    assert_int_equal(recorder_close(&r), 0);
}

static const struct {
    const char *keys[2], *config, *recorded;  // recorded NULL: refused
    const char *fib_key, *token;
} secrets[] = {
    {{"", ""}, "md5_key: \"\" # none", "md5_key: \"\" # none", "", ""},
    {{"hush", ""}, "name: hush\nmd5_key: hush\n", "name: hush\nmd5_key: xxxx\n", "", ""},
    {{"a, }", "b"},
     "{md5_key: 'a, }', x: 1}\nmd5_key : b",
     "{md5_key: 'xxxx', x: 1}\nmd5_key : x",
     "",
     ""},
    {{"b", "bc"}, "\"md5_key\": \"bc\", md5_key: b", "\"md5_key\": \"xx\", md5_key: x", "", ""},
    {{"same", "same"}, "md5_key: same, md5_key: same", "md5_key: xxxx, md5_key: xxxx", "", ""},
    {{"tab\t", ""}, "md5_key: \"tab\\t\"", NULL, "", ""},
    {{"cut", ""}, "md5_key: cu", NULL, "", ""},
    {{"one", "two"}, "md5_key: one, md5_key: one, md5_key: \"t\\x77o\"", NULL, "", ""},
    {{"", ""},
     "fib: {md5_key: hush}, token: hush",
     "fib: {md5_key: xxxx}, token: xxxx",
     "hush",
     ""},
    {{"", ""},
     "token: 'secret', md5_key: secret",
     "token: 'xxxxxx', md5_key: xxxxxx",
     "",
     "secret"},
    {{"one", ""}, "token: two, md5_key: one", "token: xxx, md5_key: xxx", "", "two"},
    {{"", ""}, "token: \"t\\x77o\"", NULL, "", "two"},
};

static void keeps_secrets_out(void **state)
{
    (void)state;
    struct place p = make_place();
    struct net *site = calloc(1, sizeof *site);
    assert_non_null(site);
    snprintf(site->record_path, sizeof site->record_path, "%s", p.path);
    site->router_count = 2;
    for (size_t row = 0; row < sizeof secrets / sizeof secrets[0]; row++) {
        const char *text = secrets[row].config;
        char got[4096], why[128];
        struct recorder r;
        for (uint32_t i = 0; i < 2; i++)
            strcpy(site->routers[i].md5_key, secrets[row].keys[i]);
        strcpy(site->routers[1].fib.md5_key, secrets[row].fib_key);
        strcpy(site->counters.token, secrets[row].token);
        int error = recorder_open(&r, site, &(struct recorder_config){"f", text, strlen(text)});
        CHECK_ROW(text, error == (secrets[row].recorded ? 0 : -ENOKEY));
        assert_int_equal(recorder_close(&r), 0);
        size_t size = read_file(p.path, got, sizeof got);
        if (!secrets[row].recorded) {
            CHECK_ROW(text, size == 0);
            continue;
        }
        struct recording_header header;
        assert_true(recording_header_read(&header, got, size, why));
        CHECK_ROW(text, strcmp(header.config, secrets[row].recorded) == 0);
        recording_header_done(&header);
    }
    free(site);
    remove_place(&p);
}

static void keeps_hashes_out(void **state)
{
    (void)state;
    static const char text[] = "access: {users: [{name: a, password: $7$BU..../....salt$hash/.A1}],"
                               " tokens: [{name: b, sha256: \"00ff\"}]}";
    static const char kept[] = "access: {users: [{name: a, password: $7$BU..../....salt$xxxxxxxx}],"
                               " tokens: [{name: b, sha256: \"0000\"}]}";
    struct net *site = calloc(1, sizeof *site);
    assert_non_null(site);
    struct place p = make_place();
    struct recorder r;
    char got[4096], why[128];
    site->access.user_count = site->access.token_count = 1;
    strcpy(site->access.users[0].password, "$7$BU..../....salt$hash/.A1");
    strcpy(site->access.tokens[0].sha256, "00ff");
    strcpy(site->record_path, p.path);
    const struct recorder_config what = {"f.yaml", text, strlen(text)};
    assert_int_equal(recorder_open(&r, site, &what), 0);
    assert_int_equal(recorder_close(&r), 0);
    read_file(p.path, got, sizeof got);
    struct recording_header header;
    assert_true(recording_header_read(&header, got, strcspn(got, "\n"), why));
    assert_string_equal(header.config, kept);
    recording_header_done(&header);
    remove_place(&p);
    free(site);
}

static void keeps_snmp_out(void **state)
{
    (void)state;
    static const char text[] = "snmp: {community: s3cret} snmp: {auth_key: \"long enough\", "
                               "priv_key: 'even longer'} traps: {community: trapping, users: "
                               "[{auth_key: trapauth, priv_key: trappriv}]}";
    static const char kept[] = "snmp: {community: xxxxxx} snmp: {auth_key: \"xxxxxxxxxxx\", "
                               "priv_key: 'xxxxxxxxxxx'} traps: {community: xxxxxxxx, users: "
                               "[{auth_key: xxxxxxxx, priv_key: xxxxxxxx}]}";
    struct net *site = calloc(1, sizeof *site);
    assert_non_null(site);
    struct place p = make_place();
    struct recorder r;
    char got[4096], why[128];
    site->upstream_count = 2;
    strcpy(site->upstreams[0].use.snmp.community, "s3cret");
    strcpy(site->upstreams[1].use.snmp.auth_key, "long enough");
    strcpy(site->upstreams[1].use.snmp.priv_key, "even longer");
    site->traps.user_count = 1;
    strcpy(site->traps.community, "trapping");
    strcpy(site->traps.users[0].auth_key, "trapauth");
    strcpy(site->traps.users[0].priv_key, "trappriv");
    strcpy(site->record_path, p.path);
    const struct recorder_config what = {"f.yaml", text, strlen(text)};
    assert_true(recorder_has_to_hide(site));
    assert_int_equal(recorder_open(&r, site, &what), 0);
    assert_int_equal(recorder_close(&r), 0);
    read_file(p.path, got, sizeof got);
    struct recording_header header;
    assert_true(recording_header_read(&header, got, strcspn(got, "\n"), why));
    assert_string_equal(header.config, kept);
    recording_header_done(&header);
    remove_place(&p);
    site->upstream_count = 0;
    assert_true(recorder_has_to_hide(site));  // those of traps alone
    site->traps = (struct net_traps){0};
    assert_false(recorder_has_to_hide(site));
    free(site);
}

// Whoever adds a key whose value is a secret has it blotted out.
static void is_hidden(void *context, const char *path, const struct key *key)
{
    static const char *const secret[] = {"password", "passphrase", "secret", "token",
                                         "sha256",   "community",  "_key"};
    const char *name = strrchr(path, '.');
    bool wanted = false;
    (void)context;
    name = name ? name + 1 : path;
    for (size_t i = 0; i < sizeof secret / sizeof secret[0]; i++) {
        size_t size = strlen(name), end = strlen(secret[i]);
        wanted |= size >= end && strcmp(name + size - end, secret[i]) == 0;
    }
    wanted = wanted && key->kind == KEY_TEXT && strcmp(name, "tls_key") != 0;  // a file
    CHECK_ROW(path, !wanted || recorder_hides(name));
}

static void forgets_no_secret(void **state)
{
    (void)state;
    keys_walk(&(struct key_visit){is_hidden, NULL});
    assert_true(recorder_hides("priv_key"));
    assert_false(recorder_hides("name"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_the_configuration_and_every_event),
        cmocka_unit_test(writes_out_once_a_second),
        cmocka_unit_test(keeps_the_recording_before),
        cmocka_unit_test(a_full_disk_ends_the_recording_only),
        cmocka_unit_test(refuses_a_place_that_is_none),
        cmocka_unit_test(keeps_secrets_out),
        cmocka_unit_test(keeps_hashes_out),
        cmocka_unit_test(keeps_snmp_out),
        cmocka_unit_test(forgets_no_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
