// SPDX-License-Identifier: ISC
#include "change/review.h"

#include "base/check.h"

#include <string.h>

#define FRR_MAP                                                                                    \
    "ip prefix-list OURS permit 192.0.2.0/24\nroute-map OUT permit 10\n match "                    \
    "ip address "                                                                                  \
    "prefix-list OURS\nrouter bgp 64500\n neighbor 2001:db8::1 route-map OUT "                     \
    "out\n"
#define MIAMI_BEFORE                                                                               \
    "policy-options {\n prefix-list SITE { 192.0.2.0/24; }\n policy-statement "                    \
    "OUT {\n  term a {\n"                                                                          \
    "   from { prefix-list SITE; }\n   then accept;\n  }\n }\n}\nprotocols {\n "                   \
    "bgp { group up { "                                                                            \
    "export OUT; } }\n}\n"
#define MIAMI_AFTER                                                                                \
    "policy-options {\n policy-statement OUT {\n  term a {\n   then accept;\n  "                   \
    "}\n }\n}\n"                                                                                   \
    "protocols {\n bgp { group up { export OUT; } }\n}\n"

static const struct {
    const char *name, *before, *now;
    const char *finds;  // "4 what|"
} rows[] = {
    {"nothing", NULL, FRR_MAP, ""},
    {"nothing in Junos", NULL, MIAMI_BEFORE, ""},
    {"a template", NULL, "bfd\n profile x\n  transmit-interval {{ bfd_interval }}\n",
     "3 a template left something behind: bfd profile x transmit-interval {{ "
     "bfd_interval }}|"},
    {"a template in Junos", NULL, "bfd {\n minimum-interval {{ x }};\n multiplier 3;\n}\n",
     "2 a template left something behind: bfd minimum-interval|"},
    {"a value of nothing", NULL, "bfd\n profile x\n  transmit-interval None\n",
     "3 a template left something behind: bfd profile x transmit-interval "
     "None|"},
    {"a lost prefix list", FRR_MAP, "route-map OUT permit 10\n match ip address prefix-list OURS\n",
     "2 prefix list OURS is used, and no longer defined: route-map OUT permit "
     "10 match ip address "
     "prefix-list OURS|"},
    {"a part of a file", NULL, "route-map OUT permit 10\n", ""},
    {"a part that uses", NULL, "router bgp 1\n neighbor 192.0.2.1 route-map X out\n", ""},
    {"a misspelt map", NULL,
     "route-map OUT permit 10\nrouter bgp 1\n neighbor 192.0.2.1 route-map 0UT "
     "out\n",
     "3 route-map 0UT is used, and nowhere defined: router bgp 1 neighbor "
     "192.0.2.1 route-map 0UT "
     "out|"},
    {"a policy in Junos", NULL,
     "set policy-options policy-statement A then accept\nset protocols bgp "
     "group x import B\n"
     "set protocols bgp group x export A\n",
     "2 policy B is used, and nowhere defined: protocols bgp group x import "
     "B|"},
    {"Miami", MIAMI_BEFORE, MIAMI_AFTER,
     "4 policy-options policy-statement OUT term a lost all its conditions: it "
     "matches everything "
     "now|"},
    {"Miami in FRR", FRR_MAP, "route-map OUT permit 10\n set metric 5\n",
     "1 route-map OUT permit 10 lost all its conditions: it matches everything "
     "now|"},
    {"a term that is gone", MIAMI_BEFORE,
     "policy-options { policy-statement OUT { term b { then "
     "accept; } } }\n",
     ""},
};

static void show(const struct review *review, char *text)
{
    *text = '\0';
    for (uint32_t i = 0; i < review->count; i++)
        text += sprintf(text, "%u %s|", review->items[i].line, review->items[i].what);
}

static void finds_what_looks_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static struct review review;
        struct config now, before = {0};
        char text[4096];
        review.count = 0;
        const struct config *was = rows[i].before ? &before : NULL;
        assert_true(config_read(&now, rows[i].now, strlen(rows[i].now)));
        if (was)
            assert_true(config_read(&before, rows[i].before, strlen(rows[i].before)));
        review_templates(&now, &review);
        assert_true(review_names(&now, was, &review));
        assert_true(!was || review_conditions(&now, was, &review));
        show(&review, text);
        if (strcmp(text, rows[i].finds) != 0)
            fail_msg("row '%s': %s", rows[i].name, text);
        config_done(&now);
        config_done(&before);
    }
}

static void compares_with_a_golden_file(void **state)
{
    (void)state;
    static const char golden[] = "bfd {\n interval 150;\n}\nx;\n",
                      now[] = "set bfd interval 15\nset x\n";
    static struct review review;
    struct config a, b;
    char text[1024];
    assert_true(config_read(&a, now, sizeof now - 1) && config_read(&b, golden, sizeof golden - 1));
    assert_true(review_golden(&a, &b, &review));
    show(&review, text);
    assert_string_equal(text,
                        "1 the golden file does not have: bfd interval 15|0 it lacks what the "
                        "golden file has in line 2: bfd interval 150|");
    review.count = 0;
    assert_true(review_golden(&b, &b, &review));
    assert_int_equal(review.count, 0);
    config_done(&a);
    config_done(&b);
}

static void keeps_a_bounded_number(void **state)
{
    (void)state;
    static struct review review;
    char text[4000] = "";
    struct config config;
    for (int i = 0; i < 150; i++)
        sprintf(text + strlen(text), "x%d {%%\n", i);
    assert_true(config_read(&config, text, strlen(text)));
    review_templates(&config, &review);
    assert_int_equal(review.count, REVIEW_FINDINGS_MAX);
    assert_int_equal(review.more, 50);
    config_done(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_looks_wrong),
        cmocka_unit_test(compares_with_a_golden_file),
        cmocka_unit_test(keeps_a_bounded_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
