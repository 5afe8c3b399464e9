// SPDX-License-Identifier: ISC
// Traps and informs as net-snmp's programs send them, over both families: what is taken, and who is
// refused.
#include "role/ingest_check.h"

#include <poll.h>

#define ENGINE "8000000001020304"
#define OTHER_ENGINE "8000000001020305"
#define LINK_DOWN                                                                                  \
    "1.3.6.1.6.3.1.1.5.3 1.3.6.1.2.1.2.2.1.1.526 i 526 1.3.6.1.2.1.31.1.1.1.1.526 s et-0/0/8"
#define LINK_UP                                                                                    \
    "1.3.6.1.6.3.1.1.5.4 1.3.6.1.2.1.2.2.1.1.526 i 526 1.3.6.1.2.1.31.1.1.1.1.526 s et-0/0/8"
#define V2C "-v 2c -c s3cret"
#define KEYS "-a SHA -A 'long \"enough' -x AES -X longenough2"
#define V3 "-v 3 -u watcher -l authPriv " KEYS
#define V3_TRAP V3 " -e 0x" ENGINE

static struct net a_site(void)
{
    struct net net = site();
    net.traps.port = (uint16_t)(net.counters.port + 1);
    strcpy(net.traps.community, "s3cret");
    strcpy(net.syslog.devices[0].name, "edge1");
    net.syslog.device_count = 1;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        net.traps.listen[family] = net.syslog.devices[0].address[family] =
            net.counters.listen[family];
    net.traps.user_count = 3;
    struct net_trap_user *users = net.traps.users;
    users[0] = (struct net_trap_user){"watcher", ENGINE, "SHA", "long \"enough", "longenough2"};
    users[1] = (struct net_trap_user){"signer", "0x" ENGINE, "SHA-256", "longenough3", ""};
    users[2] = (struct net_trap_user){"open", ENGINE, "SHA", "", ""};
    return net;
}

// The program's exit status.
static int run(const struct server *server, enum family family, const char *program,
               const char *what)
{
    char command[1024];
    snprintf(command, sizeof command,
             "MIBS= SNMPCONFPATH=/dev/null SNMP_PERSISTENT_DIR=/dev/null timeout 60 %s %s:%u "
             "'' %s >/dev/null 2>&1",
             program, family == FAMILY_IPV6 ? "udp6:[::1]" : "udp:127.0.0.1",
             server->net.traps.port, what);
    return system(command);
}

static struct notice hear(const struct server *server)
{
    struct event event;
    char why[MESSAGE_WHY_MAX];
    struct pollfd readable = {.fd = server->channel, .events = POLLIN};
    assert_int_equal(poll(&readable, 1, 60 * 1000), 1);
    assert_int_equal(channel_receive_event(server->channel, &server->net, &event, why), 1);
    assert_int_equal(event.kind, EVENT_NOTICE);
    return event.notice;
}

static const struct {
    const char *program, *what;
    enum notice_kind kind;
    bool raised;
    const char *peer;
} taken[] = {
    {"snmptrap " V2C, LINK_DOWN, NOTICE_DEVICE_LINK, true, "edge1 et-0/0/8"},
    {"snmpinform " V2C, LINK_UP, NOTICE_DEVICE_LINK, false, "edge1 et-0/0/8"},
    {"snmptrap " V3_TRAP, LINK_DOWN, NOTICE_DEVICE_LINK, true, "edge1 et-0/0/8"},
    {"snmpinform " V3, LINK_UP, NOTICE_DEVICE_LINK, false, "edge1 et-0/0/8"},
    {"snmptrap -v 3 -u signer -l authNoPriv -a SHA-256 -A longenough3 -e 0x" ENGINE,
     "1.3.6.1.2.1.15.7.2 1.3.6.1.2.1.15.3.1.14.192.0.2.17 x 0400", NOTICE_DEVICE_BGP, true,
     "edge1 192.0.2.17"},
    {"snmptrap -v 3 -u open -l noAuthNoPriv -e 0x" ENGINE,
     "1.3.6.1.4.1.9.9.187.0.5 "
     "1.3.6.1.4.1.9.9.187.1.2.5.1.3.2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.9 i 6",
     NOTICE_DEVICE_BGP, false, "edge1 2001:db8::9"},
    {"snmptrap " V2C,
     "1.3.6.1.4.1.2636.4.1.2 1.3.6.1.4.1.2636.3.1.8.1.6.4.1.0.0 s 'Fan Tray 0' "
     "1.3.6.1.4.1.2636.3.1.13.1.6.4.1.0.0 i 6",
     NOTICE_DEVICE_ALARM, true, "edge1 Fan Tray 0"},
    {"snmpinform " V2C, "1.3.6.1.6.3.1.1.5.1", NOTICE_DEVICE_RESTART, true, "edge1 snmp-agent"},
};

// One that nobody knows is in between; it is counted in the log, and answered.
static void takes_traps_and_informs(void **state)
{
    (void)state;
    struct net net = a_site();
    struct server server = start_at(&net);
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
            CHECK_ROW(taken[i].program, run(&server, family, taken[i].program, taken[i].what) == 0);
            struct notice notice = hear(&server);
            if (notice.kind != taken[i].kind || notice.raised != taken[i].raised ||
                strcmp(notice.peer, taken[i].peer) != 0 || notice.router != 0)
                fail_msg("'%s' gives %u '%s' '%s'", taken[i].program, notice.kind, notice.peer,
                         notice.text);
            CHECK_ROW("an unknown one", run(&server, family, "snmpinform " V2C,
                                            "1.3.6.1.4.1.8072.2.3.0.1 1.3.6 s a") == 0);
        }
    stop(&server);
}

static const struct {
    const char *program, *text;
} refused[] = {
    {"snmptrap -v 2c -c public", "of another community"},
    {"snmptrap -v 2c -c s3cret2", "of another community"},
    {"snmpinform -r 0 -t 0.1 -v 2c -c s3cre", "of another community"},
    {"snmptrap -v 3 -l authPriv -u stranger " KEYS " -e 0x" ENGINE, "of no user"},
    {"snmptrap " V3 " -e 0x" OTHER_ENGINE, "of "},
    {"snmptrap -v 3 -l authPriv -u watcher -a SHA -A wrongwrong -x AES -X longenough2 -e 0x" ENGINE,
     "signed with another key"},
    {"snmptrap -v 3 -l authPriv -u watcher -a SHA -A 'long \"enough' -x AES -X wrongwrong -e "
     "0x" ENGINE,
     "encrypted with another key"},
    {"snmptrap -v 3 -l noAuthNoPriv -u watcher -e 0x" ENGINE, "not signed or not encrypted"},
    {"snmptrap -v 3 -l authNoPriv -u watcher -a SHA -A 'long \"enough' -e 0x" ENGINE,
     "not signed or not encrypted"},
    {"snmpinform -r 5 -t 2 -v 3 -l authPriv -u watcher -a SHA -A wrongwrong -x AES -X "
     "longenough2",
     "signed with another key"},
};

static struct notice hear_refused(const struct server *server, const char *row, const char *text)
{
    struct notice notice = hear(server);
    if (notice.kind != NOTICE_SYSLOG_REFUSED || !strstr(notice.text, text) ||
        !strstr(notice.text, ": trap: "))
        fail_msg("'%s' gives %u '%s' '%s'", row, notice.kind, notice.peer, notice.text);
    return notice;
}

static void refuses_others(void **state)
{
    (void)state;
    struct net net = a_site();
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        enum family family = i % 2 ? FAMILY_IPV4 : FAMILY_IPV6;
        struct server server = start_at(&net);
        run(&server, family, refused[i].program, LINK_DOWN);
        struct notice notice = hear_refused(&server, refused[i].program, refused[i].text);
        CHECK_ROW(refused[i].program,
                  strncmp(notice.text, loopbacks[family], strlen(loopbacks[family])) == 0);
        stop(&server);
    }
    // Version 1, and one whose device is not known.
    struct server server = start_at(&net);
    run(&server, FAMILY_IPV4, "snmptrap -v 1 -c s3cret", "127.0.0.1 2 0 1");
    hear_refused(&server, "version 1", "version 1 is not taken");
    stop(&server);
    net.syslog.device_count = 0;
    server = start_at(&net);
    run(&server, FAMILY_IPV6, "snmptrap " V2C, LINK_DOWN);
    hear_refused(&server, "a stranger", "not among syslog.devices");
    stop(&server);
}

// What was said before its engine began anew is not taken again (RFC 3414 §3.2 7b).
static void refuses_what_is_old(void **state)
{
    (void)state;
    struct net net = a_site();
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct server server = start_at(&net);
        run(&server, family, "snmptrap " V3_TRAP " -Z 5,100", LINK_DOWN);
        assert_int_equal(hear(&server).kind, NOTICE_DEVICE_LINK);
        run(&server, family, "snmptrap " V3_TRAP " -Z 4,100", LINK_UP);
        hear_refused(&server, "an old one", "of another time");
        run(&server, family, "snmptrap " V3_TRAP " -Z 6,1", LINK_UP);
        assert_false(hear(&server).raised);
        stop(&server);
    }
}

static void send_bytes(const struct server *server, const void *bytes, size_t size)
{
    union endpoint endpoint =
        endpoint_of(server->net.traps.listen[FAMILY_IPV6], server->net.traps.port);
    int fd = socket(AF_INET6, SOCK_DGRAM, 0);
    assert_int_equal(sendto(fd, bytes, size, 0, &endpoint.any, endpoint_size(&endpoint)), size);
    close(fd);
}

// Whatever comes, it goes on.
static void survives_rubbish(void **state)
{
    (void)state;
    static const char whole[] = "\x30\x2b\x02\x01\x01\x04\x06s3cret\xa7\x1e\x02\x01\x01\x02\x01\x00"
                                "\x02\x01\x00\x30\x13\x30\x11\x06\x0a\x2b\x06\x01\x06\x03\x01\x01"
                                "\x04\x01\x00\x06\x03\x2b\x06\x01";
    struct net net = a_site();
    struct server server = start_at(&net);
    for (size_t size = 0; size < sizeof whole - 1; size++)
        send_bytes(&server, whole, size);
    for (size_t at = 0; at < sizeof whole - 1; at++) {
        char other[sizeof whole];
        memcpy(other, whole, sizeof whole);
        other[at] = (char)0xff;
        send_bytes(&server, other, sizeof whole - 1);
    }
    hear_refused(&server, "rubbish", "cannot be read as SNMP");
    assert_int_equal(run(&server, FAMILY_IPV6, "snmptrap " V2C, LINK_DOWN), 0);
    assert_int_equal(hear(&server).kind, NOTICE_DEVICE_LINK);
    stop(&server);
}

static void write_rules(const char *place, const char *text)
{
    char path[64];
    snprintf(path, sizeof path, "%s/a.pattern", place);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

#define BEGIN "[alarm_set]\ntrap = a 1.3.6.1.4.1.1\n"
#define END "\nline = 1.3.6.1.4.1.1\n"

// What cannot be read changes nothing, and is told until it can.
static void takes_rules_anew(void **state)
{
    (void)state;
    char place[] = "/tmp/fairlead-traps-XXXXXX", command[64];
    struct net net = a_site();
    assert_non_null(mkdtemp(place));
    strcpy(net.traps.patterns, place);
    write_rules(place, BEGIN "reason = text old" END);
    struct server server = start_at(&net);
    assert_int_equal(run(&server, FAMILY_IPV6, "snmpinform " V2C, "1.3.6.1.4.1.1"), 0);
    assert_string_equal(hear(&server).peer, "edge1 old");
    write_rules(place, BEGIN);
    struct notice notice = hear(&server);
    assert_int_equal(notice.kind, NOTICE_PATTERNS_REFUSED);
    assert_true(notice.raised && strstr(notice.text, "a.pattern:1: a trap, a field"));
    assert_int_equal(run(&server, FAMILY_IPV4, "snmpinform " V2C, "1.3.6.1.4.1.1"), 0);
    assert_string_equal(hear(&server).peer, "edge1 old");
    write_rules(place, BEGIN "reason = text new" END);
    notice = hear(&server);
    assert_true(notice.kind == NOTICE_PATTERNS_REFUSED && !notice.raised);
    assert_int_equal(run(&server, FAMILY_IPV4, "snmpinform " V2C, "1.3.6.1.4.1.1"), 0);
    assert_string_equal(hear(&server).peer, "edge1 new");
    stop(&server);
    snprintf(command, sizeof command, "rm -r %s", place);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_traps_and_informs), cmocka_unit_test(refuses_others),
        cmocka_unit_test(refuses_what_is_old),     cmocka_unit_test(survives_rubbish),
        cmocka_unit_test(takes_rules_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
