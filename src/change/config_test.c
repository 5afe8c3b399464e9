// SPDX-License-Identifier: ISC
#include "change/config.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

// Each statement that holds no others, with its context and line: "3 router bgp
// 1".
static const struct {
    const char *name, *text;
    enum config_form form;
    const char *statements;
} rows[] = {
    {"empty", "", CONFIG_INDENTED, ""},
    {"only space", " \n\t\n", CONFIG_INDENTED, ""},
    {"FRR",
     "frr version 8.4\n!\nrouter bgp 64500\n bgp router-id 192.0.2.1\n !\n "
     "address-family ipv6 "
     "unicast\n  network 2001:db8::/32\n exit-address-family\nexit\n!\nbfd\n "
     "profile x\n"
     "  transmit-interval 150\nend\n",
     CONFIG_INDENTED,
     "1 frr version 8.4|4 router bgp 64500 bgp router-id 192.0.2.1|"
     "7 router bgp 64500 address-family ipv6 unicast network 2001:db8::/32|"
     "13 bfd profile x transmit-interval 150|"},
    {"IOS, carriage returns and quotes",
     "interface Gi0/1\r\n description \"to a  b\"\r\n no shutdown\r\nline vty "
     "0 4\r\n",
     CONFIG_INDENTED,
     "2 interface Gi0/1 description to a  b|3 interface Gi0/1 no shutdown|4 "
     "line vty 0 4|"},
    {"Junos",
     "## Last commit\nsystem {\n  host-name rr1;\n}\nprotocols {\n  bgp {\n    "
     "group x {\n"
     "      import [ A B ];\n      /* { ; */\n      neighbor 2001:db8::1;\n    "
     "  inactive: export "
     "\"a; {b\";\n    }\n  }\n}\n",
     CONFIG_BRACED,
     "3 system host-name rr1|8 protocols bgp group x import A|8 protocols bgp "
     "group x import B|"
     "10 protocols bgp group x neighbor 2001:db8::1|"
     "11 protocols bgp group x inactive: export a; {b|"},
    {"Junos set",
     "set system host-name rr1\nset protocols bgp group x neighbor "
     "2001:db8::1\n\n"
     "deactivate protocols ospf\n",
     CONFIG_SET,
     "1 system host-name rr1|2 protocols bgp group x neighbor 2001:db8::1|"
     "4 deactivate protocols ospf|"},
    {"BIRD",
     "log syslog all; # x { y\ndefine OURS = [ 192.0.2.0/24+, 198.51.100.0/24 "
     "];\n"
     "protocol bgp up1 {\n\tipv4 {\n\t\timport filter { if net ~ OURS then "
     "reject; accept; };\n"
     "\t};\n\tbfd { interval 150 ms; };\n}\n",
     CONFIG_BRACED,
     "1 log syslog all|2 define OURS = 192.0.2.0/24+|2 define OURS = "
     "198.51.100.0/24|"
     "5 protocol bgp up1 ipv4 import filter if net ~ OURS then reject|"
     "5 protocol bgp up1 ipv4 import filter accept|7 protocol bgp up1 bfd "
     "interval 150 ms|"},
    {"a template's braces", "bfd\n profile {{ zone }}\n", CONFIG_INDENTED,
     "2 bfd profile {{ zone }}|"},
    {"nothing ends", "a {\nb {\nc \"d;", CONFIG_BRACED, "3 a b c d;|"},
    {"too much ends", "}\n}\na;\n};\nb;\n", CONFIG_BRACED, "3 a|5 b|"},
    {"an empty list and a block without a name", "a [ ];\n{\nb;\n}\n", CONFIG_BRACED, "3 b|"},
};

static void show(const struct config *config, char *text)
{
    static struct config_word words[CONFIG_WORDS_MAX];
    *text = '\0';
    for (uint32_t i = 0; i < config->statement_count; i++) {
        uint32_t count = config_flat(config, i, words);
        if (config->statements[i].is_block)
            continue;
        text += sprintf(text, "%u", config->statements[i].line);
        for (uint32_t w = 0; w < count; w++)
            text += sprintf(text, " %.*s", (int)words[w].size, words[w].at);
        text += sprintf(text, "|");
    }
}

static void reads_each_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct config config;
        char text[4096];
        CHECK_ROW(rows[i].name, config_read(&config, rows[i].text, strlen(rows[i].text)));
        show(&config, text);
        if (config.form != rows[i].form || strcmp(text, rows[i].statements) != 0)
            fail_msg("row '%s': %s: %s", rows[i].name, config_form_names[config.form], text);
        config_done(&config);
    }
}

// As deep, as wide and as long as anybody may make it.
static void bounds_what_it_reads(void **state)
{
    (void)state;
    enum { SIZE = 400000 };
    static const char *const parts[] = {"a{", "a ", " a\n  b\n", "}", "\"", "[ a ];", "set a\n"};
    static struct config_word words[CONFIG_WORDS_MAX];
    char *text = malloc(SIZE);
    assert_non_null(text);
    for (size_t p = 0; p < sizeof parts / sizeof parts[0]; p++) {
        struct config config;
        size_t part = strlen(parts[p]);
        for (size_t i = 0; i < SIZE; i++)
            text[i] = parts[p][i % part];
        assert_true(config_read(&config, text, SIZE));
        for (uint32_t i = 0; i < config.statement_count; i += 97)
            assert_true(config_flat(&config, i, words) <= CONFIG_WORDS_MAX);
        config_done(&config);
    }
    struct config config;
    assert_false(config_read(&config, text, (size_t)CONFIG_BYTES_MAX + 1));
    free(text);
}

// Blocks that are too deep end where they end.
static void comes_out_of_the_depth(void **state)
{
    (void)state;
    enum { DEPTH = CONFIG_DEPTH_MAX + 8 };
    char text[DEPTH * 4 + 16] = "";
    static struct config_word words[CONFIG_WORDS_MAX];
    struct config config;
    for (int i = 0; i < DEPTH; i++)
        strcat(text, "a{\n");
    for (int i = CONFIG_DEPTH_MAX; i < DEPTH; i++)
        strcat(text, "}");
    strcat(text, "\nz;\n");
    assert_true(config_read(&config, text, strlen(text)));
    assert_int_equal(config_flat(&config, config.statement_count - 1, words), CONFIG_DEPTH_MAX + 1);
    config_done(&config);
}

static void knows_secrets(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t word;
        bool secret;
    } words_of[] = {
        {"neighbor x password hunter2", 3, true},
        {"neighbor x password 7 0822", 4, true},
        {"authentication-key \"$9$abc\";", 1, true},
        {"x \"$6$salt$hash\";", 1, true},
        {"timers 15", 1, false},
        {"snmp-server community public", 2, true},
        {"x $A", 1, false},
    };
    for (size_t i = 0; i < sizeof words_of / sizeof words_of[0]; i++) {
        struct config config;
        static struct config_word words[CONFIG_WORDS_MAX];
        assert_true(config_read(&config, words_of[i].text, strlen(words_of[i].text)));
        assert_true(config_flat(&config, 0, words) > words_of[i].word);
        CHECK_ROW(words_of[i].text,
                  config_is_secret(words, words_of[i].word) == words_of[i].secret);
        config_done(&config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_each_form),
        cmocka_unit_test(bounds_what_it_reads),
        cmocka_unit_test(comes_out_of_the_depth),
        cmocka_unit_test(knows_secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
