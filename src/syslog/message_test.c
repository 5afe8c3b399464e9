// SPDX-License-Identifier: ISC
#include "base/check.h"
#include "syslog/message.h"

#include <stdio.h>

// Fields in order: time, host, node, app, pid, id, text; joined by '|'.
static const struct {
    const char *line, *fields;
} rows[] = {
    // RFC 3164 §5.4
    {"<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
     "Oct 11 22:14:15|mymachine||su|||'su root' failed for lonvick on /dev/pts/8"},
    {"<13>Feb  5 17:32:18 10.0.0.99 Use the BFG!", "Feb  5 17:32:18|10.0.0.99|||||Use the BFG!"},
    {"<13>Feb  5 17:32:18 2001:db8::99 sshd[12]: hello",
     "Feb  5 17:32:18|2001:db8::99||sshd|12||hello"},
    {"<13>Feb  5 17:32:18 sshd[12]: hello", "Feb  5 17:32:18|||sshd|12||hello"},
    {"<13>no header at all", "||||||no header at all"},
    {"no priority", "||||||no priority"},
    {"<13>", "||||||"},
    {"", "||||||"},
    {"<13>x\n", "||||||x"},
    {"<30>1 - - bird - - - b4: up", "|||bird|||b4: up"},
    // Junos
    {"<28>Jul  8 23:04:13  re0.edge1 alarmd[2449]: Alarm set: FPC",
     "Jul  8 23:04:13|edge1|re0|alarmd|2449||Alarm set: FPC"},
    {"<7>Jan 16 06:30:04 re0.vmx01 fpc0 expr_nh_unilist_install: Creation failed",
     "Jan 16 06:30:04|vmx01|fpc0|||expr_nh_unilist_install|Creation failed"},
    {"<87>Jul  5 05:52:44  vmx01 rpd[1848]: bgp_read_message:2764: NOTIFICATION",
     "Jul  5 05:52:44|vmx01||rpd|1848|bgp_read_message|NOTIFICATION"},
    {"<4>2020-03-31T08:41:59+00:00 vmx01 /kernel: tcp_auth_ok: Packet",
     "2020-03-31T08:41:59+00:00|vmx01||kernel||tcp_auth_ok|Packet"},
    // EOS
    {"<13>Dec 14 12:08:59 sw1 Bgp: %BGP-5-ADJCHANGE: peer 192.0.2.2",
     "Dec 14 12:08:59|sw1||Bgp||BGP-5-ADJCHANGE|peer 192.0.2.2"},
    // IOS, with and without an origin id, a zone, a year
    {"<189>521: router1: *Nov 14 08:30:56.699: %LINK-5-CHANGED: Interface",
     "Nov 14 08:30:56.699|router1||||LINK-5-CHANGED|Interface"},
    {"<189>521: Nov 14 08:30:56.699 MEST: %LINK-5-CHANGED: Interface",
     "Nov 14 08:30:56.699 MEST|||||LINK-5-CHANGED|Interface"},
    {"<189>521: Nov 14 2018 08:30:56: %LINK-5-CHANGED: Interface",
     "||||||Nov 14 2018 08:30:56: %LINK-5-CHANGED: Interface"},
    // IOS-XR
    {"<190>40: xrv RP/0/RP0/CPU0:Oct  4 22:52:47.441 : cfgmgr[67310]: %MGBL-CONFIG-6-DB_COMMIT : "
     "by",
     "Oct  4 22:52:47.441|xrv|RP/0/RP0/CPU0|cfgmgr|67310|MGBL-CONFIG-6-DB_COMMIT|by"},
    // NX-OS
    {"<190>2018 Apr 20 13:15:07 nx1 %ETHPORT-5-IF_UP: Interface",
     "2018 Apr 20 13:15:07|nx1||||ETHPORT-5-IF_UP|Interface"},
    {"<190>sw01: 2017 Jul 28 14:42:46 UTC: %AUTHPRIV-6-SYSTEM_MSG: pam",
     "2017 Jul 28 14:42:46 UTC|sw01||||AUTHPRIV-6-SYSTEM_MSG|pam"},
    // VRP, SR OS, Linux
    {"<29>2018-7-23 01:00:34.270.1 ce1 %%01IFNET/4/IF_STATE(l)[4997]:Interface",
     "2018-7-23 01:00:34.270.1|ce1||||01IFNET/4/IF_STATE|Interface"},
    {"<188>Oct 23 13:33:08 10.0.0.1 TMNX: 1235 Base SNMP-WARNING-linkDown-2004 [1/1/1]: x",
     "Oct 23 13:33:08|10.0.0.1||TMNX||SNMP-WARNING-linkDown-2004|[1/1/1]: x"},
    {"<6>Oct 23 13:33:08 edge1 kernel: [   12.678901] eth0: up",
     "Oct 23 13:33:08|edge1||kernel|||eth0: up"},
    // RFC 5424 §6.5
    {"<34>1 2003-10-11T22:14:15.003Z host su - ID47 - \xef\xbb\xbf'su root' failed",
     "2003-10-11T22:14:15.003Z|host||su||ID47|'su root' failed"},
    {"<165>1 - 2001:db8::1 p 8710 - [a@1 x=\"\\]\\\"\"] t", "|2001:db8::1||p|8710||t"},
    {"<166>1 2019-02-20T15:10:35.073589+00:00 s bgpd 83 - -  %ADJCHANGE: neighbor",
     "2019-02-20T15:10:35.073589+00:00|s||bgpd|83|ADJCHANGE|neighbor"},
};

static void show(const struct syslog_message *m, char *text, size_t size)
{
    const struct syslog_text fields[] = {m->time, m->host, m->node, m->app, m->pid, m->id};
    size_t at = 0;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        at += (size_t)snprintf(text + at, size - at, "%.*s|", (int)fields[i].size, fields[i].at);
    snprintf(text + at, size - at, "%.*s", (int)m->text.size, m->text.at);
}

static void test_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct syslog_message m;
        char text[512];
        syslog_message_read(rows[i].line, strlen(rows[i].line), &m);
        show(&m, text, sizeof text);
        if (strcmp(text, rows[i].fields) != 0)
            fail_msg("%s\nis   %s\nnot  %s", rows[i].line, text, rows[i].fields);
    }
}

static const struct {
    const char *line;
    size_t at;
    const char *fault;  // NULL: none
} faults[] = {
    {"<34>1 - - - - - -", 0, NULL},
    {"<34>1 2024-02-29T23:59:59.999999-23:59 h a p i [x y=\"\\]\"][z] t", 0, NULL},
    {"<192>1 - - - - - -", 0, "a priority"},
    {"<012>1 - - - - - -", 0, "a priority"},
    {"1 - - - - - -", 0, "a priority"},
    {"<1>0 - - - - - -", 3, "a version"},
    {"<1>1000 - - - - - -", 3, "a version"},
    {"<1>1 2023-02-29T22:14:15Z - - - - -", 13, "a time"},
    {"<1>1 2023-02-28T24:14:15Z - - - - -", 16, "a time"},
    {"<1>1 2023-02-28T22:14:15 - - - - -", 24, "a time"},
    {"<1>1 2023-02-28T22:14:15.1234567Z - - - - -", 25, "a time"},
    {"<1>1 - - - - - x", 15, "structured data"},
    {"<1>1 - - - - - [a x=\"]\"]", 15, "structured data"},
    {"<1>1 - - - - - [a][a]", 18, "structured data"},
    {"<1>1 - - - - - [a]x", 18, "a blank"},
    {"<1>1 -  - - - -", 7, "a name"},
};

static void test_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct syslog_message m;
        syslog_message_read_5424(faults[i].line, strlen(faults[i].line), &m);
        bool as_wanted =
            !faults[i].fault == !m.fault &&
            (!m.fault || (strncmp(m.fault, faults[i].fault, strlen(faults[i].fault)) == 0 &&
                          m.fault_at == faults[i].at));
        if (!as_wanted)
            fail_msg("%s: %s at %zu", faults[i].line, m.fault ? m.fault : "none", m.fault_at);
    }
}

static void test_priority(void **state)
{
    (void)state;
    struct syslog_message m;
    syslog_message_read("<191>x", 6, &m);
    assert_int_equal(m.facility, 23);
    assert_int_equal(m.severity, 7);
    syslog_message_read("x", 1, &m);
    assert_int_equal(m.facility, SYSLOG_UNKNOWN);
    assert_int_equal(m.severity, SYSLOG_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_priority),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
