// SPDX-License-Identifier: ISC
#include "base/utf8.h"

#include "base/check.h"

static void takes_only_half_characters_away(void **state)
{
    (void)state;
    static const struct {
        const char *cut, *trimmed;
    } rows[] = {
        {"", ""},
        {"plain", "plain"},
        {"\xc3\xa9", "\xc3\xa9"},
        {"a\xc3", "a"},
        {"\xe2\x82\xac", "\xe2\x82\xac"},
        {"a\xe2\x82", "a"},
        {"a\xe2", "a"},
        {"\xf0\x9f\x9a\xa2", "\xf0\x9f\x9a\xa2"},
        {"a\xf0\x9f\x9a", "a"},
        {"a\xf0\x9f", "a"},
        {"\xf0", ""},
        {"\x80\x80", "\x80\x80"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[16];
        strcpy(text, rows[i].cut);
        utf8_trim(text);
        CHECK_ROW(rows[i].cut, strcmp(text, rows[i].trimmed) == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(takes_only_half_characters_away)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
