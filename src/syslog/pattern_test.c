// SPDX-License-Identifier: ISC
#include "base/check.h"
#include "syslog/pattern.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static struct syslog_text text_of(const char *text)
{
    return (struct syslog_text){text, strlen(text)};
}

static const struct wrong {
    const char *text;
    uint32_t line;
    const char *what;
} wrongs[] = {
    {"[bgp_dwn]\n", 1, "a fact such as [bgp_down] is wanted: '[bgp_dwn]'"},
    {"[none]\n", 1, "a fact such as"},
    {"[bgp_down\n", 1, "a fact such as"},
    {"# a comment\n\ntext = x\n", 3, "a [fact] is wanted before"},
    {"[bgp_up]\nhello\n", 2, "a key = value is wanted: 'hello'"},
    {"[bgp_up]\ntext =\n", 2, "a value is wanted behind"},
    {"[bgp_up]\ntxt = x\n", 2, "no key has this name"},
    {"[bgp_up]\ntext = {pear}\n", 2, "no field has this name"},
    {"[bgp_up]\ntext = {peer\n", 2, "a } is wanted behind"},
    {"[bgp_up]\ntext = {peer}{as}\n", 2, "letters are wanted between two pieces"},
    {"\n[bgp_up]\ntext = x\n[bgp_down]\n", 2, "a text and a line, its example, are wanted in"},
    {"[bgp_up]\nline = <1>x: y\n", 1, "a text and a line"},
    {"[bgp_up]\ntext = up\nline = <1>x: down\n", 3,
     "the example does not give its rule: its app is 'x', its id '', its text 'down'"},
    {"[bgp_up]\ntext = {*}\nline = <1>x: up\n[bgp_down]\ntext = down\nline = <1>x: down\n", 6,
     "the example does not give its rule"},
};

static void test_wrong_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
        struct syslog_patterns *patterns = syslog_patterns_new();
        struct syslog_pattern_error error = {0};
        assert_false(syslog_patterns_add(patterns, "x", text_of(wrongs[i].text), &error));
        if (error.line != wrongs[i].line || !strstr(error.what, wrongs[i].what))
            fail_msg("%s: %u: %s", wrongs[i].text, error.line, error.what);
        assert_int_equal(syslog_patterns_count(patterns), 0);
        syslog_patterns_free(patterns);
    }
}

static const char first[] = "[bgp_up]\napp = bird\ntext = {peer}: up\nline = <1>bird: b4: up\n";
static const char second[] = "[bgp_down]\napp = bird\ntext = {peer}: down {reason*}\n"
                             "line = <1>bird: b4: down at last\n";

static enum syslog_fact fact_of(const struct syslog_patterns *patterns, const char *line,
                                struct syslog_match *match)
{
    struct syslog_message message;
    syslog_message_read(line, strlen(line), &message);
    return syslog_patterns_match(patterns, &message, match) ? match->rule->fact : SYSLOG_FACT_NONE;
}

// A file that is wrong takes nothing away of those before it.
static void test_several_files(void **state)
{
    (void)state;
    struct syslog_patterns *patterns = syslog_patterns_new();
    struct syslog_pattern_error error;
    struct syslog_match match;
    assert_true(syslog_patterns_add(patterns, "a", text_of(first), &error));
    assert_false(syslog_patterns_add(patterns, "b", text_of("[bgp_up]\napp = bird\n"), &error));
    assert_true(syslog_patterns_add(patterns, "c", text_of(second), &error));
    assert_int_equal(syslog_patterns_count(patterns), 2);
    assert_int_equal(fact_of(patterns, "<30>bird: t6: up", &match), SYSLOG_BGP_UP);
    assert_string_equal(match.rule->vendor, "a");
    assert_int_equal(fact_of(patterns, "<30>bird: t6: down for good", &match), SYSLOG_BGP_DOWN);
    assert_string_equal(match.rule->vendor, "c");
    assert_true(syslog_text_is(match.fields[SYSLOG_PEER], "t6"));
    assert_true(syslog_text_is(match.fields[SYSLOG_REASON], "for good"));
    assert_int_equal(match.fields[SYSLOG_AS].size, 0);
    syslog_patterns_free(patterns);
}

static const struct fit {
    const char *text, *line;
    bool fits;
} fits[] = {
    {"a {peer} b", "a x b", true},
    {"a {peer} b", "a x y b", false},  // no blanks
    {"a {peer*} b", "a x y b", true},
    {"a {peer} b", "a  b", false},  // something must be there
    {"a {peer*}b", "a b", true},
    {"a {peer} b", "a x b ", false},  // to the last letter
    {"a {peer} b", "aa x b", false},  // from the first
    {"{peer} b", "x b b", false},
    {"{*} b", "x b b", true},  // the last letters stand at the end
    {"{*}b", "b", true},
    {"a", "a", true},
    {"a", "ab", false},
    {"a{*}", "a", true},
    {"{}", "x", true},
    {"{}", "x y", false},
    {"{} {} {peer}: c", "e 00:1f eth0: c", true},
};

static void test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof fits / sizeof fits[0]; i++) {
        char file[256], line[128];
        struct syslog_patterns *patterns = syslog_patterns_new();
        struct syslog_pattern_error error;
        struct syslog_match match;
        snprintf(file, sizeof file, "[bfd_up]\napp = t\ntext = %s\nline = <1>t: %s\n", fits[i].text,
                 fits[i].fits ? fits[i].line : "");
        snprintf(line, sizeof line, "<1>t: %s", fits[i].line);
        bool taken = syslog_patterns_add(patterns, "t", text_of(file), &error);
        bool is = taken && fact_of(patterns, line, &match) == SYSLOG_BFD_UP;
        if (is != fits[i].fits)
            fail_msg("'%s' on '%s': %d %s", fits[i].text, fits[i].line, is,
                     taken ? "" : error.what);
        syslog_patterns_free(patterns);
    }
}

static void add_file(struct syslog_patterns *patterns, const char *name)
{
    static char text[256 * 1024];
    char path[512];
    struct syslog_pattern_error error;
    snprintf(path, sizeof path, FAIRLEAD_SOURCE_DIR "/patterns/%s", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(text, 1, sizeof text, file);
    fclose(file);
    if (!syslog_patterns_add(patterns, name, (struct syslog_text){text, size}, &error))
        fail_msg("%s:%u: %s", name, error.line, error.what);
}

// Those that are installed: each rule has an example, which gives it also when all are there.
static void test_all_files(void **state)
{
    (void)state;
    struct syslog_patterns *patterns = syslog_patterns_new();
    struct dirent **files;
    int count = scandir(FAIRLEAD_SOURCE_DIR "/patterns", &files, NULL, alphasort);
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        if (strstr(files[i]->d_name, ".pattern"))
            add_file(patterns, files[i]->d_name);
        free(files[i]);
    }
    free(files);
    assert_true(syslog_patterns_count(patterns) > 100);
    struct syslog_match match;
    assert_int_equal(fact_of(patterns,
                             "<29>Oct 23 13:26:35 ca1 systemd: l2ald.service: Main process exited, "
                             "code=dumped, status=6/abrt",
                             &match),
                     SYSLOG_PROCESS_CRASHED);
    assert_true(syslog_text_is(match.fields[SYSLOG_PROCESS], "l2ald"));
    assert_int_equal(fact_of(patterns, "<29>Oct 23 13:26:35 ca1 systemd: hello", &match),
                     SYSLOG_FACT_NONE);
    syslog_patterns_free(patterns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_files),
        cmocka_unit_test(test_several_files),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_all_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
