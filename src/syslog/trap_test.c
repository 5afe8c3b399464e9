// SPDX-License-Identifier: ISC
// Traps into facts, by the rules that come along and by such as nobody should write.
#include "base/check.h"
#include "syslog/trap.h"

#include <stdio.h>
#include <stdlib.h>

static struct syslog_text text_of(const char *text)
{
    return (struct syslog_text){text, strlen(text)};
}

static void add_file(struct trap_rules *rules, const char *name)
{
    char path[512], bytes[1 << 15];
    struct syslog_pattern_error error;
    snprintf(path, sizeof path, FAIRLEAD_SOURCE_DIR "/patterns/trap/%s", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    assert_true(size < sizeof bytes);
    fclose(file);
    if (!trap_rules_add(rules, name, (struct syslog_text){bytes, size}, &error))
        fail_msg("%s:%u: %s", name, error.line, error.what);
}

static struct trap_rules *all_rules(void)
{
    static const char *const files[] = {"cisco.pattern", "eos.pattern", "junos.pattern",
                                        "standard.pattern"};
    struct trap_rules *rules = trap_rules_new();
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        add_file(rules, files[i]);
    return rules;
}

#define V6 "32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.9"
#define BGP "1.3.6.1.2.1.15"
#define CISCO "1.3.6.1.4.1.9.9"
#define JUNOS "1.3.6.1.4.1.2636"

static const struct {
    const char *line, *fact, *words;  // fact NULL: unknown; words: what its text is
} rows[] = {
    {"1.3.6.1.6.3.1.1.5.3 1.3.6.1.2.1.2.2.1.1.7 i 7 1.3.6.1.2.1.2.2.1.2.7 s Gi0/7 "
     "1.3.6.1.2.1.31.1.1.1.1.7 s ge-0/0/7",
     "interface_down", "linkDown: interface ge-0/0/7"},
    {"1.3.6.1.6.3.1.1.5.4 1.3.6.1.2.1.2.2.1.2.7 s \"Ethernet 7 \"", "interface_up",
     "linkUp: interface Ethernet 7"},
    {"1.3.6.1.6.3.1.1.5.4 1.3.6.1.2.1.2.2.1.8.7 i 1", "interface_up", "linkUp: interface 7"},
    {"1.3.6.1.6.3.1.1.5.3", NULL, ""},  // of no interface
    {"1.3.6.1.6.3.1.1.5.3 1.3.6.1.2.1.31.1.1.1.1.7 s \" \"", NULL, "1.3.6.1.2.1.31.1.1.1.1.7="},
    {"1.3.6.1.6.3.1.1.5.3.1 1.3.6.1.2.1.31.1.1.1.1.7 s a", NULL, "1.3.6.1.2.1.31.1.1.1.1.7=a"},
    {BGP ".7.2 " BGP ".3.1.14.192.0.2.9 x 0400 " BGP ".3.1.2.192.0.2.9 i 1", "bgp_down",
     "bgpBackwardTransition: peer 192.0.2.9"},
    {BGP ".0.1 " BGP ".3.1.7.192.0.2.9 x c0000209", "bgp_up",
     "bgpEstablishedNotification: peer 192.0.2.9"},
    {BGP ".7.2 " BGP ".3.1.14.192.0.2.256 x 0400", NULL, BGP ".3.1.14.192.0.2.256=\x04"},
    {BGP ".7.2 " BGP ".3.1.14.192.0.2 x 41", NULL, BGP ".3.1.14.192.0.2=A"},
    {CISCO ".187.0.8 " CISCO ".187.1.2.5.1.3.2.16." V6 " i 1", "bgp_down",
     "cbgpPeer2BackwardTransition: peer 2001:db8::9"},
    {CISCO ".187.0.5 " CISCO ".187.1.2.5.1.3.1.4.192.0.2.9 i 6", "bgp_up",
     "cbgpPeer2EstablishedNotification: peer 192.0.2.9"},
    {"1.3.6.1.4.1.30065.4.1.0.2 1.3.6.1.4.1.30065.4.1.1.2.1.13.1.2.16." V6 " i 1", "bgp_down",
     "aristaBgp4V2BackwardTransitionNotification: peer 2001:db8::9"},
    {JUNOS ".5.1.1.1.0.2 " JUNOS ".5.1.1.2.1.1.1.2.0.2." V6 ".2." V6 " i 1", "bgp_down",
     "jnxBgpM2BackwardTransition: peer 2001:db8::9"},
    {JUNOS ".5.1.1.1.0.1 " JUNOS ".5.1.1.2.1.1.1.2.0.1.4.192.0.2.1.1.4.192.0.2.9 i 6", "bgp_up",
     "jnxBgpM2Established: peer 192.0.2.9"},
    {JUNOS ".4.1.2 " JUNOS ".3.1.8.1.6.4.1.0.0 s \"Fan Tray 0\"", "alarm_set",
     "jnxFanFailure: class chassis, reason Fan Tray 0"},
    {JUNOS ".4.2.2 " JUNOS ".3.1.8.1.6.4.1.0.0 s \"Fan Tray 0\"", "alarm_cleared",
     "jnxFanOK: class chassis, reason Fan Tray 0"},
    {CISCO ".13.3.0.9 " CISCO ".13.1.5.1.2.3 s PS1 " CISCO ".13.1.5.1.3.3 i 6", "alarm_set",
     "ciscoEnvMonSuppStatusChangeNotif: class power, reason PS1"},
    {CISCO ".13.3.0.9 " CISCO ".13.1.5.1.2.3 s PS1 " CISCO ".13.1.5.1.3.3 i 1", "alarm_cleared",
     "ciscoEnvMonSuppStatusChangeNotif: class power, reason PS1"},
    {CISCO ".117.2.0.6 " CISCO ".117.1.4.1.1.1.534 i 3", "alarm_set",
     "cefcFanTrayStatusChange: class fan, reason 534"},
    {"1.3.6.1.2.1.14.16.2.2 1.3.6.1.2.1.14.10.1.1.10.0.0.2.0 x 0a000002 "
     "1.3.6.1.2.1.14.10.1.6.10.0.0.2.0 i 4",
     NULL, NULL},
    {"1.3.6.1.6.3.1.1.5.2", "process_restarted", "warmStart: process snmp-agent"},
    {"1.3.6.1.4.1.8072.2.3.0.1 1.3.6.1.4.1.8072.2.3.2.1 i -5 1.3.6.1.4.1.1 o 1.3 1.3.6 s \"a b\"",
     NULL, "1.3.6.1.4.1.8072.2.3.2.1=-5 1.3.6.1.4.1.1= 1.3.6=a b"},
};

static void tells_facts(void **state)
{
    (void)state;
    struct trap_rules *rules = all_rules();
    struct trap *trap = malloc(sizeof *trap);
    struct trap_match *m = malloc(sizeof *m);
    char room[TRAP_LINE_OCTETS_MAX];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CHECK_ROW(rows[i].line, trap_line_read(text_of(rows[i].line), trap, room));
        bool known = trap_rules_match(rules, trap, m);
        const char *fact = known ? syslog_fact_names[m->match.rule->fact] : "";
        if (strcmp(fact, rows[i].fact ? rows[i].fact : "") != 0)
            fail_msg("'%s' is '%s'", rows[i].line, fact);
        if (rows[i].words && !syslog_text_is(m->message.text, rows[i].words))
            fail_msg("'%s' says '%.*s'", rows[i].line, (int)m->message.text.size,
                     m->message.text.at);
    }
    free(m);
    free(trap);
    trap_rules_free(rules);
}

// A device may send what it likes; the room ends somewhere.
static void cuts_what_is_too_long(void **state)
{
    (void)state;
    static char value[4 * TRAP_ROOM];
    struct trap_rules *rules = all_rules();
    struct trap *trap = calloc(1, sizeof *trap);
    struct trap_match *m = malloc(sizeof *m);
    char room[TRAP_LINE_OCTETS_MAX];
    memset(value, 'x', sizeof value);
    assert_true(trap_line_read(
        text_of("1.3.6.1.6.3.1.1.5.3 1.3.6.1.2.1.31.1.1.1.1.7 s a 1.3.6 s b"), trap, room));
    trap->variables[0].octets = (struct syslog_text){value, sizeof value};
    assert_true(trap_rules_match(rules, trap, m));
    assert_true(m->used <= TRAP_ROOM);
    assert_int_equal(m->match.fields[SYSLOG_INTERFACE].size, TRAP_ROOM);
    trap->id.count--;
    trap->count = TRAP_VARIABLES_MAX;
    for (uint32_t i = 0; i < trap->count; i++) {
        trap->variables[i].name.count = TRAP_OID_MAX;
        for (uint32_t n = 0; n < TRAP_OID_MAX; n++)
            trap->variables[i].name.ids[n] = UINT32_MAX;
    }
    assert_false(trap_rules_match(rules, trap, m));
    assert_true(m->used <= TRAP_ROOM);
    free(m);
    free(trap);
    trap_rules_free(rules);
}

#define LINK "[interface_down]\ntrap = linkDown 1.3.6\n"

static const struct {
    const char *file, *what;
    uint32_t line;
} bad[] = {
    {"trap = a 1.3\n", "a [fact] is wanted before", 1},
    {"[nothing]\n", "a fact such as [bgp_down] is wanted: '[nothing]'", 1},
    {"[none]\n", "a fact such as", 1},
    {LINK "interface = value 1.3.6\n", "a trap, a field and a line", 1},
    {LINK "line = 1.3.6\n", "a trap, a field and a line", 1},
    {LINK "interface = name 1.3.6\n", "value, address, index, inet or text", 3},
    {LINK "interface = text\n", "value, address, index, inet or text", 3},
    {LINK "interface = value 1..3\n", "2 to 32 numbers", 3},
    {LINK "interface = value 1.4294967296\n", "2 to 32 numbers", 3},
    {LINK "colour = text red\n", "no key has this name", 3},
    {LINK "only = 1.3.6 up\n", "a number is wanted", 3},
    {LINK "interface = value 1.3.6.1\nline = 1.3.6 1.3.6.2.1 s x\n", "does not give its rule", 4},
    {LINK "interface = value 1.3.6.1\nline = 1.3.6 1.3.6.1.1 q x\n", "as of snmptrap", 4},
    {LINK "interface = value 1.3.6.1\nline = 1.3.6 1.3.6.1.1 x abc\n", "as of snmptrap", 4},
    {"[interface_down]\ntrap = linkDown\n", "2 to 32 numbers", 2},
};

static void refuses_files(void **state)
{
    (void)state;
    struct trap_rules *rules = all_rules();
    uint32_t count = trap_rules_count(rules);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct syslog_pattern_error error;
        CHECK_ROW(bad[i].file, !trap_rules_add(rules, "x", text_of(bad[i].file), &error));
        if (error.line != bad[i].line || !strstr(error.what, bad[i].what))
            fail_msg("'%s' gives %u: %s", bad[i].file, error.line, error.what);
        CHECK_ROW(bad[i].file, trap_rules_count(rules) == count);
    }
    trap_rules_free(rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_facts),
        cmocka_unit_test(cuts_what_is_too_long),
        cmocka_unit_test(refuses_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
