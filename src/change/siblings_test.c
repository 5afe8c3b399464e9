// SPDX-License-Identifier: ISC
#include "change/siblings.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

enum { DEVICES_MAX = 6, TEXT_MAX = 4096 };

struct fleet {
    uint32_t count;
    char names[DEVICES_MAX][16];
    char texts[DEVICES_MAX][TEXT_MAX];
    struct config configs[DEVICES_MAX];
    struct sibling siblings[DEVICES_MAX];
    struct sibling_findings findings;
};

// A template; "%n" is the device's name, "%d" its digit, "%v" what follows in
// `values`, one word for each device: "-" is none of it.
static void expand(const char *form, uint32_t digit, const char *value, char *text)
{
    size_t used = 0;
    for (; *form && used + 64 < TEXT_MAX; form++) {
        if (form[0] != '%')
            text[used++] = *form;
        else if (*++form == 'n')
            used += (size_t)sprintf(text + used, "fra-rr-%u", digit);
        else if (*form == 'd')
            used += (size_t)sprintf(text + used, "%u", digit);
        else
            used += (size_t)sprintf(text + used, "%s", value);
    }
    text[used] = '\0';
}

static struct fleet *fleet_of(const char *form, const char *values)
{
    struct fleet *f = calloc(1, sizeof *f);
    char value[64];
    int used;
    assert_non_null(f);
    for (; sscanf(values, "%63s%n", value, &used) == 1; values += used, f->count++) {
        uint32_t i = f->count;
        for (char *c = value; *c; c++)
            *c = *c == '_' ? ' ' : *c == '|' ? '\n' : *c;
        sprintf(f->names[i], "fra-rr-%u", i + 1);
        expand(form, i + 1, strcmp(value, "-") == 0 ? "" : value, f->texts[i]);
        assert_true(config_read(&f->configs[i], f->texts[i], strlen(f->texts[i])));
        f->siblings[i] = (struct sibling){f->names[i], &f->configs[i], NULL};
    }
    return f;
}

static void fleet_done(struct fleet *f)
{
    for (uint32_t i = 0; i < f->count; i++)
        config_done(&f->configs[i]);
    free(f);
}

#define FRR                                                                                        \
    "hostname %n\n!\nbfd\n profile fast\n  detect-multiplier 3\n  "                                \
    "transmit-interval %v\n !\n!\n"                                                                \
    "router bgp 64500\n bgp router-id 192.0.2.%d\n neighbor 198.51.100.1 bfd "                     \
    "profile fast\nexit\n"
#define JUNOS                                                                                      \
    "system { host-name %n; }\nprotocols {\n  bgp {\n    group rr {\n"                             \
    "      neighbor 2001:db8::1 {\n        bfd-liveness-detection {\n"                             \
    "          minimum-interval %v;\n          multiplier 3;\n        }\n      "                   \
    "}\n"                                                                                          \
    "      local-address 2001:db8::ff:%d;\n    }\n  }\n}\n"
#define SET                                                                                        \
    "set system host-name %n\nset protocols bgp group rr neighbor 2001:db8::1 "                    \
    "bfd-liveness-detection minimum-interval %v\nset interfaces lo0 unit 0 "                       \
    "family inet6 address "                                                                        \
    "2001:db8::%d/128\n"
#define BIRD                                                                                       \
    "# rendered for %n\nrouter id 192.0.2.%d;\nprotocol bfd {\n\tinterface "                       \
    "\"eth*\" { interval "                                                                         \
    "%v ms; };\n}\nprotocol bgp up1 { local as 64500; neighbor 198.51.100.1 as "                   \
    "64501; bfd; }\n"

// What is found first, and on which (bits); "": nothing is.
static const struct {
    const char *name, *form, *values;
    uint64_t odd;
    const char *says;
    uint32_t count;
} rows[] = {
    {"arveon in FRR", FRR, "150 150 150 15", 8,
     "bfd profile fast transmit-interval 15; the others have 150", 1},
    {"arveon in Junos", JUNOS, "150 150 150 15", 8,
     "protocols bgp group rr neighbor 2001:db8::1 bfd-liveness-detection "
     "minimum-interval 15; the "
     "others have 150",
     1},
    {"arveon as set", SET, "150 15 150 150", 2,
     "protocols bgp group rr neighbor 2001:db8::1 bfd-liveness-detection "
     "minimum-interval 15; the "
     "others have 150",
     1},
    {"arveon in BIRD", BIRD, "15 150 150 150", 1,
     "protocol bfd interface eth* interval 15 ms; the others have 150", 1},
    {"all alike", FRR, "150 150 150 150", 0, "", 0},
    {"two of five", FRR, "150 15 150 15 150", 10,
     "bfd profile fast transmit-interval 15; the others have 150", 1},
    {"three values", FRR, "150 150 150 15 1500", 8,
     "bfd profile fast transmit-interval 15; the others have 150", 2},
    {"no two alike", FRR, "1 2 3 4", 0, "", 0},
    {"half and half", FRR, "15 15 150 150", 0, "", 0},
    {"two devices", FRR, "15 150", 0, "", 0},
    {"its own name", "hostname %n\nlog tag x-%n-y\nlogging %v\n", "on on on", 0, "", 0},
    {"another's name", "hostname %n\nlogging source %v\n", "fra-rr-1 fra-rr-2 fra-rr-1", 4,
     "logging source fra-rr-1; the others have their own names", 1},
    {"one lacks a line", "a 1\n%v\n", "ip_ssh ip_ssh ip_ssh -", 8,
     "it lacks 'ip ssh', which the others have", 1},
    {"one has more", "a 1\n%v\n", "- - no_ip_ssh -", 4, "no ip ssh, which the others do not have",
     1},
    {"one lacks a block", "a 1\n%v\n", "x|_b_1|_c_2 x|_b_1|_c_2 - x|_b_1|_c_2", 4,
     "it lacks 'x b 1', which the others have (and 1 more like it)", 1},
    {"several words", "neighbor 192.0.2.9 timers %v\n", "10_30 10_30 3_9", 4,
     "neighbor 192.0.2.9 timers 3 9; the others have 'neighbor 192.0.2.9 "
     "timers 10 30'",
     1},
    {"a block's own name", "router bgp %v\n timers 3\n hold 9\n", "64500 64500 6450", 4,
     "router bgp 6450 timers 3; the others have 64500 (and 1 more like it)", 1},
    {"what too few have", "a 1\n%v\n", "x_1 x_1 x_2 - - -", 3, "x 1, which the others do not have",
     2},
    {"one for two", "a 1\n%v\n", "l_a|l_b l_a|l_b l_a|l_b l_c", 8,
     "it lacks 'l a', which the others have", 3},
    {"a lost digit before another value", "%v\n", "a_10|b_150 a_10|b_150 a_10|b_150 a_77|b_15", 8,
     "b 15; the others have 150", 2},
    {"a secret", "neighbor 192.0.2.9 password %v\n", "hunter2 hunter2 hunter3", 4,
     "neighbor 192.0.2.9 password (secret); the others have (secret) of their "
     "own",
     1},
    {"hostile bytes", "x %v\n", "1 1 \x1b[2J", 4, "x ?[2J; the others have 1", 1},
};

static void finds_what_differs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fleet *f = fleet_of(rows[i].form, rows[i].values);
        char text[256] = "";
        assert_true(siblings_compare(f->siblings, f->count, &f->findings));
        if (f->findings.count > 0)
            sibling_say(f->siblings, &f->findings.items[0], text, sizeof text);
        if (f->findings.count != rows[i].count || strcmp(text, rows[i].says) != 0)
            fail_msg("row '%s': %u: '%s'", rows[i].name, f->findings.count, text);
        if (rows[i].count > 0)
            CHECK_ROW(rows[i].name, f->findings.items[0].odd == rows[i].odd);
        fleet_done(f);
    }
}

// Each lacks itself, and that is as it should be; the one with another value is
// found all the same.
static void knows_a_mesh(void **state)
{
    (void)state;
    struct fleet *f = fleet_of("", "1 1 1 1");
    for (uint32_t i = 0; i < f->count; i++) {
        f->texts[i][0] = '\0';
        for (uint32_t peer = 0; peer < f->count; peer++)
            if (peer != i)
                sprintf(f->texts[i] + strlen(f->texts[i]),
                        "router bgp 64500\n neighbor 2001:db8::%u timers %s\n"
                        " neighbor 192.0.2.%u activate\n",
                        peer, i == 3 ? "15" : "150", peer);
        config_done(&f->configs[i]);
        assert_true(config_read(&f->configs[i], f->texts[i], strlen(f->texts[i])));
    }
    char text[256];
    assert_true(siblings_compare(f->siblings, f->count, &f->findings));
    assert_int_equal(f->findings.count, 1);
    sibling_say(f->siblings, &f->findings.items[0], text, sizeof text);
    assert_string_equal(text, "router bgp 64500 neighbor 2001:db8::0 timers 15; the others have "
                              "150 (and 2 more like it)");
    fleet_done(f);
}

// A change's own mistake comes before what was odd already.
static void says_what_is_new(void **state)
{
    (void)state;
    struct fleet *now = fleet_of("mtu %v\nbfd 150\n", "9000 9000 900 9000");
    struct fleet *before = fleet_of("mtu %v\nbfd 1500\n", "9000 9000 900 9000");
    strcpy(now->texts[1], "mtu 9000\nbfd 15\n");
    config_done(&now->configs[1]);
    assert_true(config_read(&now->configs[1], now->texts[1], strlen(now->texts[1])));
    for (uint32_t i = 0; i < now->count; i++)
        now->siblings[i].before = &before->configs[i];
    char text[256];
    assert_true(siblings_compare(now->siblings, now->count, &now->findings));
    assert_int_equal(now->findings.count, 2);
    assert_true(now->findings.items[0].is_new && !now->findings.items[1].is_new);
    sibling_say(now->siblings, &now->findings.items[0], text, sizeof text);
    assert_string_equal(text, "bfd 15; the others have 150, it had 1500 before");
    sibling_say(now->siblings, &now->findings.items[0], text, 12);
    assert_string_equal(text, "bfd 15; the");
    fleet_done(now);
    fleet_done(before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_differs),
        cmocka_unit_test(knows_a_mesh),
        cmocka_unit_test(says_what_is_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
