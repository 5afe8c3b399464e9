// SPDX-License-Identifier: ISC
#include "engine/json_put.h"

#include "base/check.h"

#include <string.h>

static const struct {
    int64_t value;
    const char *text;
} integers[] = {
    {0, "0"},
    {7, "7"},
    {-1, "-1"},
    {1000000000, "1000000000"},
    {INT64_MAX, "9223372036854775807"},
    {INT64_MIN, "-9223372036854775808"},
};

static void writes_integers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof integers / sizeof integers[0]; i++) {
        char text[32] = {0};
        struct writer w = writer_over(text, sizeof text - 1);
        json_put_integer(&w, integers[i].value);
        CHECK_ROW(integers[i].text, writer_ok(&w) && strcmp(text, integers[i].text) == 0);
        w = writer_over(text, strlen(integers[i].text) - 1);
        json_put_integer(&w, integers[i].value);
        CHECK_ROW(integers[i].text, !writer_ok(&w));
    }
}

static const struct {
    const char *name, *text;
    const char *said;  // NULL: it has to be escaped
} strings[] = {
    {"a name", "transit-a ipv4", "\"transit-a ipv4\""},
    {"nothing", "", "\"\""},
    {"the edges of what is plain", " ~", "\" ~\""},
    {"a quote", "a\"b", NULL},
    {"a backslash", "a\\b", NULL},
    {"a line feed", "a\nb", NULL},
    {"delete", "a\x7f", NULL},
    {"beyond ASCII", "Z\xc3\xbcrich", NULL},
};

static void writes_what_is_plain(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
        char text[32] = {0};
        struct writer w = writer_over(text, sizeof text - 1);
        bool plain = json_put_string(&w, strings[i].text);
        CHECK_ROW(strings[i].name, plain == (strings[i].said != NULL));
        CHECK_ROW(strings[i].name, strcmp(text, plain ? strings[i].said : "") == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_integers),
        cmocka_unit_test(writes_what_is_plain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
