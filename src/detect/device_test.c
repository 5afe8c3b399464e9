// SPDX-License-Identifier: ISC
#include "base/check.h"
#include "detect/device.h"

#include <string.h>

static struct net site(void)
{
    struct net net = {.router_count = 1, .routers = {{.name = "edge1"}}};
    net.syslog.device_count = 2;
    net.syslog.devices[0] = (struct net_device){
        "edge1",
        {[FAMILY_IPV4] = check_address("192.0.2.1"), [FAMILY_IPV6] = check_address("2001:db8::1")}};
    net.syslog.devices[1] = (struct net_device){"ca2", {{0}}};
    return net;
}

static struct syslog_text text_of(const char *text)
{
    return (struct syslog_text){text, strlen(text)};
}

static const struct fact {
    enum syslog_fact fact;
    enum syslog_field field;
    const char *value, *device;
    enum notice_kind kind;
    bool raised;
    uint32_t router;
    const char *peer;
} facts[] = {
    {SYSLOG_PROCESS_CRASHED, SYSLOG_PROCESS, "l2ald", "ca2", NOTICE_DEVICE_CRASH, true, NET_NOBODY,
     "ca2 l2ald"},
    {SYSLOG_BGP_DOWN, SYSLOG_PEER, "2001:db8::9(transit)", "edge1", NOTICE_DEVICE_BGP, true, 0,
     "edge1 2001:db8::9"},
    {SYSLOG_BGP_UP, SYSLOG_PEER, "192.0.2.9", "edge1", NOTICE_DEVICE_BGP, false, 0,
     "edge1 192.0.2.9"},
    {SYSLOG_ALARM_CLEARED, SYSLOG_REASON, "Fan\x1b[2J \"x\"", "ca2", NOTICE_DEVICE_ALARM, false,
     NET_NOBODY, "ca2 Fan\\x1b[2J \\x22x\\x22"},
    {SYSLOG_CONFIG_COMMITTED, SYSLOG_USER, "", "ca2", NOTICE_DEVICE_COMMIT, true, NET_NOBODY,
     "ca2"},
};

static void test_facts(void **state)
{
    (void)state;
    const struct net net = site();
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        const struct fact *fact = &facts[i];
        const struct syslog_rule rule = {fact->fact, "x", 1};
        struct syslog_match match = {.rule = &rule};
        struct syslog_message message = {.text = text_of("said \xff so")};
        struct notice notice;
        match.fields[fact->field] = text_of(fact->value);
        assert_true(device_notice(&net, fact->device, &message, &match, &notice));
        assert_int_equal(notice.kind, fact->kind);
        assert_int_equal(notice.raised, fact->raised);
        assert_int_equal(notice.router, fact->router);
        assert_string_equal(notice.peer, fact->peer);
        assert_string_equal(notice.text, "said \\xff so");
        assert_int_equal(notice_origin(&notice), NOTICE_BY_INGEST);
        notice.asked = true;
        assert_int_equal(notice_origin(&notice), NOTICE_BY_SHELL);
    }
}

// Every fact is one for people; what goes up and comes down is the same notice.
static void test_all_facts(void **state)
{
    (void)state;
    const struct net net = site();
    for (enum syslog_fact fact = SYSLOG_FACT_NONE; fact < SYSLOG_FACTS; fact++) {
        const struct syslog_rule rule = {fact, "x", 1};
        const struct syslog_match match = {.rule = &rule};
        const struct syslog_message message = {.text = text_of("x")};
        struct notice notice;
        assert_int_equal(device_notice(&net, "ca2", &message, &match, &notice),
                         fact != SYSLOG_FACT_NONE);
        if (fact != SYSLOG_FACT_NONE)
            assert_true(notice.raised || notice_rules[notice.kind].stands);
    }
}

static void test_long(void **state)
{
    (void)state;
    const struct net net = site();
    char line[2000];
    memset(line, 'a', sizeof line);
    const struct syslog_rule rule = {SYSLOG_ALARM_SET, "x", 1};
    struct syslog_match match = {.rule = &rule};
    const struct syslog_message message = {.text = {line, sizeof line}};
    struct notice notice;
    match.fields[SYSLOG_REASON] = message.text;
    assert_true(device_notice(&net, "ca2", &message, &match, &notice));
    assert_int_equal(strlen(notice.peer), NOTICE_PEER_MAX - 1);
    assert_int_equal(strlen(notice.text), NOTICE_TEXT_MAX - 1);
}

static const struct {
    const char *host, *name;  // NULL: none
} hosts[] = {
    {"ca2", "ca2"},
    {"2001:db8::1", "edge1"},
    {"192.0.2.1", "edge1"},
    {"192.0.2.7", "192.0.2.7"},
    {"core-1.fra.example", "core-1.fra.example"},
    {"", NULL},
    {"a b", NULL},
    {"<script>", NULL},
    {"\xff", NULL},
    {"abcdefghijklmnopqrstuvwxyz012345", NULL},
};

static void test_hosts(void **state)
{
    (void)state;
    const struct net net = site();
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        char name[NET_NAME_MAX];
        bool is = device_by_host(&net.syslog, text_of(hosts[i].host), name);
        CHECK_ROW(hosts[i].host, is == (hosts[i].name != NULL));
        CHECK_ROW(hosts[i].host, !is || strcmp(name, hosts[i].name) == 0);
    }
    assert_null(device_by_address(&net.syslog, check_address("192.0.2.2")));
    assert_string_equal(device_by_address(&net.syslog, check_address("2001:db8::1"))->name,
                        "edge1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_facts),
        cmocka_unit_test(test_all_facts),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_hosts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
