// SPDX-License-Identifier: ISC
// One device is asked again and again; what is told each time.
#include "base/check.h"
#include "detect/output.h"

#include <stdlib.h>
#include <string.h>

static const char rules[] = "[bfd_down]\napp = junos\ntext = {peer} Down {*}\n"
                            "line = <13>1 - e junos - - - 192.0.2.1 Down ge-0/0/0\n\n"
                            "[bfd_up]\napp = junos\ntext = {peer} Up {*}\n"
                            "line = <13>1 - e junos - - - 192.0.2.1 Up ge-0/0/0\n\n"
                            "[alarm_set]\napp = junos\ntext = {} Major {reason*}\n"
                            "line = <13>1 - e junos - - - 13:33 Major FPC 3 Errors\n\n"
                            "[process_crashed]\napp = junos\ntext = core.{process}.{}\n"
                            "line = <13>1 - e junos - - - core.rpd.7711\n\n"
                            "[bfd_down]\napp = eos\ntext = {peer} is down\n"
                            "line = <13>1 - e eos - - - 192.0.2.1 is down\n";

static const struct {
    const char *name, *printed;
    bool whole;
    const char *told;
} looks[] = {
    {"what stands is told at once, moments of before are not",
     "Address   State\r\n192.0.2.1 \t Down   ge-0/0/0\r\n192.0.2.2 Up ge-0/0/1\ncore.rpd.1", true,
     "+device_bfd edge1 192.0.2.1: 192.0.2.1 Down ge-0/0/0|"},
    {"nothing new", "192.0.2.1  Down  ge-0/0/0\ncore.rpd.1\n", true, ""},
    {"another, of IPv6; and a line that counts up",
     "2001:db8::1 Down et-0/0/8\n192.0.2.1 Down ge-0/0/0 2\ncore.rpd.1\n", true,
     "+device_bfd edge1 2001:db8::1: 2001:db8::1 Down et-0/0/8|"},
    {"half of it: nothing is over, what is new is told", "13:33 Major FPC 3 Errors\n", false,
     "+device_alarm edge1 FPC 3 Errors: 13:33 Major FPC 3 Errors|"},
    {"one is over, and there is a crash",
     "13:33 Major FPC 3 Errors\n2001:db8::1 Down et-0/0/8\ncore.rpd.1\ncore.rpd.2\n", true,
     "-device_bfd edge1 192.0.2.1: 192.0.2.1 Down ge-0/0/0|"
     "+device_crash edge1 rpd: core.rpd.2|"},
    {"all is over, of crashes without a word", "192.0.2.1 Up ge-0/0/0\n", true,
     "-device_alarm edge1 FPC 3 Errors: 13:33 Major FPC 3 Errors|"
     "-device_bfd edge1 2001:db8::1: 2001:db8::1 Down et-0/0/8|"},
    {"it comes again", "192.0.2.1 Down ge-0/0/0", true,
     "+device_bfd edge1 192.0.2.1: 192.0.2.1 Down ge-0/0/0|"},
    {"another vendor's rule is not its own", "192.0.2.1 Down ge-0/0/0\n192.0.2.9 is down\n", true,
     ""},
};

static struct syslog_patterns *patterns_of(const char *text)
{
    struct syslog_patterns *patterns = syslog_patterns_new();
    struct syslog_pattern_error error;
    if (!syslog_patterns_add(patterns, "x", (struct syslog_text){text, strlen(text)}, &error))
        fail_msg("%u: %s", error.line, error.what);
    return patterns;
}

static void tell(struct output *o, char *text)
{
    struct notice notice;
    text[0] = '\0';
    while (output_next(o, &notice)) {
        assert_true(notice.asked);
        text += sprintf(text, "%c%s %s: %s|", notice.raised ? '+' : '-',
                        notice_rules[notice.kind].name, notice.peer, notice.text);
    }
}

// Its bytes come one by one, or all at once: it is the same.
static void tells_what_changed(void **state)
{
    (void)state;
    static const struct net net = {.router_count = 1, .routers = {{.name = "edge1"}}};
    for (size_t step = 1; step < 1000; step *= 999) {
        struct output *o = calloc(1, sizeof *o);
        const struct output_of of = {&net, patterns_of(rules), "edge1", "junos"};
        for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++) {
            char told[1024];
            size_t size = strlen(looks[i].printed);
            output_begin(o);
            for (size_t at = 0; at < size; at += step)
                assert_true(output_take(o, &of, looks[i].printed + at,
                                        size - at < step ? size - at : step));
            output_end_command(o, &of);
            output_end(o, looks[i].whole);
            tell(o, told);
            if (strcmp(told, looks[i].told) != 0)
                fail_msg("'%s': '%s'", looks[i].name, told);
        }
        syslog_patterns_free((struct syslog_patterns *)of.patterns);
        free(o);
    }
}

static void is_bounded(void **state)
{
    (void)state;
    static const struct net net = {0};
    static char endless[OUTPUT_BYTES_MAX];
    struct output *o = calloc(1, sizeof *o);
    const struct output_of of = {&net, patterns_of(rules), "edge1", "junos"};
    char line[64];
    output_begin(o);
    for (int i = 0; i < 3 * OUTPUT_FACTS_MAX; i++)
        assert_true(output_take(o, &of, line,
                                (size_t)sprintf(line, "10.0.%d.%d Down x\n", i / 256, i % 256)));
    output_end_command(o, &of);
    output_end(o, true);
    assert_int_equal(o->count, OUTPUT_FACTS_MAX);
    assert_int_equal(o->dropped, 2 * OUTPUT_FACTS_MAX);
    output_begin(o);
    memset(endless, 'x', sizeof endless);
    assert_true(output_take(o, &of, endless, sizeof endless));  // one line
    assert_false(output_take(o, &of, endless, 1));
    output_end(o, false);
    assert_int_equal(o->count, OUTPUT_FACTS_MAX);
    output_begin(o);
    assert_true(output_take(o, &of, endless, sizeof endless));
    output_end_command(o, &of);
    assert_true(output_take(o, &of, endless, 1));  // of the next command
    syslog_patterns_free((struct syslog_patterns *)of.patterns);
    free(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_changed),
        cmocka_unit_test(is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
