// SPDX-License-Identifier: ISC
#include "engine/names.h"

#include "base/check.h"
#include "engine/small_alert.h"

static void says_and_reads_names_with_their_marks(void **state)
{
    struct net net = small_net();
    char text[128];
    (void)state;
    small_alert(&net);
    struct words words = WORDS_IN(text);
    const struct names people = {3, {[NAMES_STAR] = 2}};
    names_say(&net, NAMES_PEOPLE, &people, &words);
    assert_string_equal(text, "anna, ben*");
    words = WORDS_IN(text);
    const struct names paths = {1 | 1 << 1 | 1 << 2, {[NAMES_STAR] = 1, [NAMES_PLUS] = 4}};
    names_say(&net, NAMES_PATHS, &paths, &words);
    struct names read = names_read(&net, NAMES_PATHS, text);
    assert_int_equal(read.all, paths.all);
    assert_int_equal(read.marked[NAMES_STAR], 1);
    assert_int_equal(read.marked[NAMES_PLUS], 4);
}

static void what_nobody_is_called_is_left_out(void **state)
{
    static const struct {
        const char *text;
        uint64_t all, star;
    } rows[] = {{"", 0, 0},           {"ben*", 2, 2},     {"be", 0, 0},      {"bena", 0, 0},
                {"carl*, ben", 2, 0}, {"anna, be", 1, 0}, {"*", 0, 0},       {", ,", 0, 0},
                {"ben**", 0, 0},      {"ben+", 2, 0},     {"anna,ben", 3, 0}};
    struct net net = small_net();
    (void)state;
    small_alert(&net);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct names read = names_read(&net, NAMES_PEOPLE, rows[i].text);
        CHECK_ROW(rows[i].text, read.all == rows[i].all);
        CHECK_ROW(rows[i].text, read.marked[NAMES_STAR] == rows[i].star);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_and_reads_names_with_their_marks),
        cmocka_unit_test(what_nobody_is_called_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
