// SPDX-License-Identifier: ISC
#include "incident/words.h"

#include "base/check.h"

#include <string.h>

static void cuts_what_does_not_fit(void **state)
{
    (void)state;
    static const struct {
        const char *first, *second, *text;
    } rows[] = {
        {"", "", ""},
        {"edge1", ", edge2", "edge1, edge2"},  // just so
        {"edge1", ", edge22", "edge1, ed..."},
        {"edge1, edge22", "", "edge1, ed..."},
        {"edge1, edge22", ", edge3", "edge1, ed..."},                 // once is enough
        {"Z\u00fcrich, \u00d6\u00d6\u00d6", "", "Z\u00fcrich, ..."},  // no half of a letter
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[sizeof "edge1, edge2"];
        struct words words = WORDS_IN(text);
        words_add(&words, "%s", rows[i].first);
        words_add(&words, "%s", rows[i].second);
        assert_string_equal(text, rows[i].text);
        assert_int_equal(words.length, strlen(text));
    }
}

static void has_no_room_for_dots(void **state)
{
    (void)state;
    for (size_t size = 1; size <= 4; size++) {
        char text[4];
        struct words words = words_in(text, size);
        for (int n = 0; n < 3; n++)
            words_add(&words, "%s", "edge1");
        assert_int_equal(strlen(text), size - 1);
        assert_int_equal(words.length, size - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_what_does_not_fit),
        cmocka_unit_test(has_no_room_for_dots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
