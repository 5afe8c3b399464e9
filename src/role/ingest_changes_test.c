// SPDX-License-Identifier: ISC
// What pipelines post: who may, what is answered, and what the engine hears of it.
#include "role/ingest_check.h"

#include <poll.h>
#include <sys/stat.h>

#define SECRET "fedcba9876543210"

static struct server start_with_secret(const char *secret)
{
    struct net net = site();
    char path[] = "/tmp/fairlead-token-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, secret, strlen(secret)) == (ssize_t)strlen(secret));
    close(fd);
    strcpy(net.changes.token_file, path);
    net.router_count = 4;
    for (uint32_t i = 0; i < net.router_count; i++)
        sprintf(net.routers[i].name, "fra-rr-%u", i + 1);
    struct server server = start_at(&net);
    unlink(path);
    return server;
}

static void post(const struct server *server, enum family family, const char *place,
                 const char *token, const char *body, char *answer, size_t size)
{
    char request[4096];
    snprintf(request, sizeof request,
             "POST /api/v1/%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
             "%s\r\nContent-Length: %zu\r\n\r\n%s",
             place, token, strlen(body), body);
    ask(server, family, request, answer, size);
}

static struct event hear(const struct server *server)
{
    struct event event;
    char why[MESSAGE_WHY_MAX];
    struct pollfd readable = {.fd = server->channel, .events = POLLIN};
    assert_int_equal(poll(&readable, 1, 20 * 1000), 1);
    assert_int_equal(channel_receive_event(server->channel, &server->net, &event, why), 1);
    return event;
}

#define CONFIG(name, value) "\"" name "\":\"bfd\\n profile a\\n  transmit-interval " value "\\n\""
#define ARVEON                                                                                     \
    "{\"id\":\"CR-2026-3148\",\"who\":\"ansible\",\"what\":\"BFD\",\"at_unix_s\":1,\"rendered\":"  \
    "{" CONFIG("fra-rr-1", "150") "," CONFIG("fra-rr-2", "150") "," CONFIG(                        \
        "fra-rr-3", "150") "," CONFIG("fra-rr-4", "15") "," CONFIG("lab", "150") "}}"

// The pipeline is told at once, and the engine as well.
static void names_the_digit_before_it_breaks(void **state)
{
    (void)state;
    struct server server = start_with_secret(SECRET "\n");
    char answer[4096];
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        post(&server, family, "changes", SECRET, ARVEON, answer, sizeof answer);
        assert_int_equal(strncmp(answer, "HTTP/1.1 200", 12), 0);
        assert_non_null(strstr(answer,
                               "{\"id\":\"CR-2026-3148\",\"devices\":4,\"unknown\":1,\"odd\":"
                               "[{\"devices\":\"fra-rr-4\",\"what\":\"bfd profile a "
                               "transmit-interval 15; the others have 150\"}],"
                               "\"odd_more\":0}"));
        struct event event = hear(&server);
        assert_int_equal(event.kind, EVENT_CHANGE);
        assert_string_equal(event.change.id, "CR-2026-3148");
        assert_int_equal(event.change.devices.words[0], 15);
        assert_true(event.change.done_at.ns >= 0 && event.change.done_at.ns < event.at.ns);
        event = hear(&server);
        assert_int_equal(event.kind, EVENT_ODD);
        assert_int_equal(event.odd.devices.words[0], 8);
    }
    stop(&server);
}

static const struct {
    const char *name, *place, *token, *body, *status, *holds;
} rows[] = {
    {"the counters' token", "changes", TOKEN, "{}", "401", "what changes.token_file holds"},
    {"no token", "changes", "", "{}", "401", "Bearer"},
    {"its token for counters", "counters", SECRET, "[]", "401", "with counters.token"},
    {"counters still", "counters", TOKEN, "[]", "200", "\"taken\":0"},
    {"elsewhere", "elsewhere", SECRET, "{}", "404", "use, demand and changes"},
    {"no JSON", "changes", SECRET, "{", "400",
     "{\"error\":\"expected JSON; line 1, column 1 is none\",\"field\":\"\"}"},
    {"no body", "changes", SECRET, "", "400", "expected JSON"},
    {"a wrong field", "changes", SECRET, "{\"id\":\"x\",\"devices\":[7]}", "400",
     "{\"error\":\"devices[0]: expected a device's name\",\"field\":\"devices[0]\"}"},
};

static void answers_who_may_post_what(void **state)
{
    (void)state;
    struct server server = start_with_secret(SECRET);
    char answer[4096];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        post(&server, FAMILY_IPV6, rows[i].place, rows[i].token, rows[i].body, answer,
             sizeof answer);
        if (strncmp(answer + 9, rows[i].status, 3) != 0 || !strstr(answer, rows[i].holds))
            fail_msg("row '%s': got %s", rows[i].name, answer);
    }
    struct event event = hear(&server);
    assert_int_equal(event.kind, EVENT_NOTICE);
    assert_int_equal(event.notice.kind, NOTICE_CHANGE_REFUSED);
    assert_non_null(strstr(event.notice.text, "::1: change: expected JSON; line 1, column 1"));
    ask(&server, FAMILY_IPV4,
        "POST /api/v1/changes HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: "
        "Bearer " SECRET "\r\nContent-Length: 1048577\r\n\r\n",
        answer, sizeof answer);
    assert_non_null(strstr(answer, "at most 1048576 bytes"));
    stop(&server);
}

// It is asked for less often than counters are, and nobody who asks too much is in the others' way.
static void limits_how_often_changes_come(void **state)
{
    (void)state;
    struct server server = start_with_secret(SECRET);
    char answer[4096];
    bool is_refused = false;
    for (int i = 0; i < 200 && !is_refused; i++) {
        post(&server, FAMILY_IPV4, "changes", SECRET, "{\"id\":\"x\",\"devices\":[]}", answer,
             sizeof answer);
        is_refused = strstr(answer, "429") != NULL;
    }
    assert_true(is_refused);
    assert_non_null(strstr(answer, "at most 2 changes a second"));
    post(&server, FAMILY_IPV4, "counters", TOKEN, "[]", answer, sizeof answer);
    assert_non_null(strstr(answer, "200"));
    stop(&server);
}

// An engine that does not read holds nobody up: the pipeline is asked to come again.
static void says_when_there_is_no_room(void **state)
{
    (void)state;
    struct ingest_role *role = calloc(1, sizeof *role);
    assert_non_null(role);
    struct net net = site();
    struct address client = check_address("::1");
    static const char body[] = "{\"id\":\"x\",\"devices\":[]}";
    unsigned status = 0;
    role->net = &net;
    role->channel = -1;
    for (int i = 0; i < INGEST_CHANGES_MAX; i++) {
        char *answer = ingest_changes_take(role, &client, body, sizeof body - 1, &status);
        assert_non_null(answer);
        free(answer);
    }
    assert_int_equal(status, 503);
    assert_true(role->changes.count <= INGEST_CHANGES_MAX);
    free(role);
}

static void wants_a_secret_worth_its_name(void **state)
{
    (void)state;
    struct net net = site();
    char path[] = "/tmp/fairlead-token-XXXXXX", why[ROLE_ERROR_MAX];
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, "short", 5) == 5);
    strcpy(net.changes.token_file, path);
    assert_null(ingest_role_open(&net, why));
    assert_non_null(strstr(why, "it has 5 bytes: write 16 or more"));
    assert_int_equal(fchmod(fd, 0644), 0);
    assert_null(ingest_role_open(&net, why));
    assert_non_null(strstr(why, "others may read it"));
    close(fd);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_the_digit_before_it_breaks),
        cmocka_unit_test(answers_who_may_post_what),
        cmocka_unit_test(limits_how_often_changes_come),
        cmocka_unit_test(says_when_there_is_no_room),
        cmocka_unit_test(wants_a_secret_worth_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
