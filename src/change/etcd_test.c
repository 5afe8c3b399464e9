// SPDX-License-Identifier: ISC
#include "change/etcd.h"

#include "base/check.h"

#include <string.h>

// As etcd 3.4 writes them.
#define HEADER(revision)                                                                           \
    "{\"result\":{\"header\":{\"cluster_id\":\"14841639068965178418\",\"revision\":\"" revision    \
    "\",\"raft_term\":\"2\"},"
#define PUT                                                                                        \
    "{\"kv\":{\"key\":\"L25ldC9yci0xL2JmZA==\",\"mod_revision\":\"3\",\"value\":\"MTUw\"},"        \
    "\"prev_kv\":{\"key\":\"L25ldC9yci0xL2JmZA==\",\"value\":\"MTUwMA==\"}}"
#define DELETE                                                                                     \
    "{\"type\":\"DELETE\",\"kv\":{\"key\":\"L25ldC9yci0xL2JmZA==\"},\"prev_kv\":{\"key\":"         \
    "\"L25ldC9yci0xL2JmZA==\",\"value\":\"MTUw\"}}"
#define NEW "{\"kv\":{\"key\":\"L25ldC94L3k=\",\"value\":\"G1sySiBoaQ==\"}}"

static const struct {
    const char *text;
    enum etcd_kind kind;
    int64_t revision;
    const char *reason;
    const char *events;  // "id devices others what|"
} rows[] = {
    {HEADER("2") "\"created\":true}}", ETCD_CREATED, 2, "", ""},
    {HEADER("3") "\"events\":[" PUT "," DELETE "," NEW "]}}", ETCD_EVENTS, 3, "",
     "/net/rr-1/bfd 1 0 1500 -> 150|/net/rr-1/bfd 1 0 150 removed|/net/x/y 0 1  [2J hi is new|"},
    {HEADER("9") "\"events\":[]}}", ETCD_EVENTS, 9, "", ""},
    {HEADER("9") "\"x\":1}}", ETCD_EVENTS, 9, "", ""},
    {"{\"result\":{\"header\":{},\"canceled\":true,\"compact_revision\":\"4\"}}", ETCD_COMPACTED, 4,
     "", ""},
    {"{\"result\":{\"header\":{},\"canceled\":true,\"cancel_reason\":\"no\\u001bt you\"}}",
     ETCD_REFUSED, 0, "no t you", ""},
    {"{\"error\":{\"grpc_code\":14,\"message\":\"unavailable\"}}", ETCD_REFUSED, 0, "unavailable",
     ""},
    {"{\"error\":\"unexpected EOF\",\"message\":\"unexpected EOF\",\"code\":2}", ETCD_REFUSED, 0,
     "unexpected EOF", ""},
    {"", ETCD_UNREADABLE, 0, "", ""},
    {"{}", ETCD_UNREADABLE, 0, "", ""},
    {"{\"result\":7}", ETCD_UNREADABLE, 0, "", ""},
    {HEADER("-1") "\"events\":[7,{\"kv\":{\"key\":7}}]}}", ETCD_EVENTS, 0, "",
     " 0 0 '' is new| 0 0 '' is new|"},
};

static void reads_what_etcd_says(void **state)
{
    (void)state;
    struct net net = {.router_count = 1};
    strcpy(net.routers[0].name, "rr-1");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct etcd_answer answer;
        struct change change;
        char text[1024] = "", *at = text;
        etcd_answer_read(rows[i].text, strlen(rows[i].text), &answer);
        while (etcd_answer_next(&answer, &net, "/net/{device}/**", &change))
            at += sprintf(at, "%s %u %u %s|", change.id, change.devices.words[0], change.others,
                          change.what);
        if (answer.kind != rows[i].kind || answer.revision != rows[i].revision ||
            strcmp(answer.reason, rows[i].reason) != 0 || strcmp(text, rows[i].events) != 0)
            fail_msg("row '%s': %d %d '%s' '%s'", rows[i].text, (int)answer.kind,
                     (int)answer.revision, answer.reason, text);
        etcd_answer_done(&answer);
    }
}

static void asks_for_a_prefix(void **state)
{
    (void)state;
    char text[ETCD_REQUEST_MAX];
    size_t size = etcd_request("/net/", 0, text, sizeof text);
    assert_int_equal(size, strlen(text));
    assert_string_equal(text,
                        "{\"create_request\":{\"key\":\"L25ldC8=\",\"range_end\":\"L25ldDA=\","
                        "\"prev_kv\":true,\"progress_notify\":true}}");
    etcd_request("/net/", 17, text, sizeof text);
    assert_non_null(strstr(text, ",\"start_revision\":\"17\"}}"));
    assert_int_equal(etcd_request("", 0, text, sizeof text), 0);
    assert_int_equal(etcd_request("\xff", 0, text, sizeof text), 0);
    assert_int_equal(etcd_request("/net/", 0, text, 20), 0);
    assert_true(etcd_request("a\xff", 0, text, sizeof text) > 0);
    assert_non_null(strstr(text, "\"range_end\":\"Yg==\""));
}

static void logs_in(void **state)
{
    (void)state;
    char text[ETCD_REQUEST_MAX], token[ETCD_TOKEN_MAX], reason[ETCD_REASON_MAX];
    assert_int_equal(etcd_login_request("a", "p\"w", text, sizeof text), 30);
    assert_string_equal(text, "{\"name\":\"a\",\"password\":\"p\\\"w\"}");
    assert_int_equal(etcd_login_request("a", "p\"w", text, 30), 0);
    assert_int_equal(etcd_login_request("a", "\xff", text, sizeof text), 0);
    static const struct {
        const char *text, *token, *reason;
    } answers[] = {
        {"{\"header\":{\"revision\":\"9\"},\"token\":\"VkuL.17\"}", "VkuL.17", ""},
        {"{\"error\":\"e\",\"message\":\"etcdserver: authentication failed\",\"code\":3}", "",
         "etcdserver: authentication failed"},
        {"{\"token\":\"two words\"}", "", "it gives no token for that user and password"},
        {"{\"token\":\"a\\r\\nHost: x\"}", "", "it gives no token for that user and password"},
        {"{\"token\":\"\"}", "", "it gives no token for that user and password"},
        {"<html>", "", "it gives no token for that user and password"},
    };
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        token[0] = reason[0] = '\0';
        bool good = etcd_login_read(answers[i].text, strlen(answers[i].text), token, reason);
        assert_int_equal(good, answers[i].token[0] != '\0');
        assert_string_equal(token, answers[i].token);
        assert_string_equal(reason, answers[i].reason);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_etcd_says),
        cmocka_unit_test(asks_for_a_prefix),
        cmocka_unit_test(logs_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
