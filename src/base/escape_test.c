// SPDX-License-Identifier: ISC
#include "base/escape.h"

#include "base/check.h"

#include <string.h>

static void shows_text_and_escapes_the_rest(void **state)
{
    (void)state;
    static const struct {
        const char *name, *octets, *text;
        size_t text_size;
        bool whole;
    } rows[] = {
        {"nothing", "", "", 1, true},
        {"plain", "6564676531", "edge1", 64, true},
        {"just fits", "6564676531", "edge1", 6, true},
        {"one byte short", "6564676531", "edge", 5, false},
        {"no room", "6564676531", "", 1, false},
        {"new line", "610a62", "a\\x0ab", 64, true},
        {"zero", "610062", "a\\x00b", 64, true},
        {"quote and backslash", "225c", "\\x22\\x5c", 64, true},
        {"escape that does not fit", "610a", "a", 5, false},
        {"escape that just fits", "610a", "a\\x0a", 6, true},
        {"delete", "7f", "\\x7f", 64, true},
        {"two octets", "c3a9", "\xc3\xa9", 64, true},
        {"two octets, room for one", "c3a9", "", 2, false},
        {"C1 control", "c285", "\\xc2\\x85", 64, true},
        {"cut character", "e282", "\\xe2\\x82", 64, true},
        {"surrogate", "eda080", "\\xed\\xa0\\x80", 64, true},
        {"overlong", "c0af", "\\xc0\\xaf", 64, true},
        {"turns the text", "e280ae", "\\xe2\\x80\\xae", 64, true},
        {"four octets", "f09f9880", "\xf0\x9f\x98\x80", 64, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t octets[32];
        char text[64 + 1];
        memset(text, 'X', sizeof text);
        size_t size = check_hex(rows[i].octets, octets);
        bool whole = escape_text(octets, size, text, rows[i].text_size);
        CHECK_ROW(rows[i].name, whole == rows[i].whole);
        CHECK_ROW(rows[i].name, strcmp(text, rows[i].text) == 0);
        CHECK_ROW(rows[i].name, text[rows[i].text_size] == 'X');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(shows_text_and_escapes_the_rest)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
