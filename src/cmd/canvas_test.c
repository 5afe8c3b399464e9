// SPDX-License-Identifier: ISC
#include "cmd/canvas.h"

#include "base/check.h"

#include <string.h>

// A row as text, in which '*' is what is not ASCII.
static const char *row_of(const struct canvas *canvas, uint32_t row, char *text)
{
    for (uint32_t c = 0; c < canvas->columns; c++) {
        uint32_t character = canvas->cells[row * canvas->columns + c].character;
        text[c] = character < 0x7f ? (char)character : '*';
    }
    text[canvas->columns] = '\0';
    return text;
}

static void puts_what_is_harmless(void **state)
{
    (void)state;
    static const struct {
        const char *text, *row;
    } rows[] = {
        {"transit-a", " transit-a  "},
        {"", "            "},
        {"exactly te", " exactly te "},
        {"eleven char", " eleven ch* "},
        {"\x1b[2J", " \\x1b[2J    "},
        {"a\tb\n", " a\\x09b\\x0a "},
        {"\x7f", " \\x7f       "},
        {"a\xc2\x9b"
         "1m",
         " a\\x9b1m    "},                   // U+009B: a control sequence of one byte
        {"M\xc3\xbcnchen", " M*nchen    "},  // one column
        {"\xe6\xbc\xa2x", " ?x         "},   // two columns in a terminal
        {"e\xcc\x81x", " e?x        "},      // combines with its neighbour
        {"a\xe2\x80\xae"
         "b",
         " a?b        "},  // turns the text around
        {"a\xe2\x80\x8b"
         "b",
         " a?b        "},  // has no width
        {"\xf0\x9f\x98\x80x", " ?x         "},
        {"\xff\xc3", " ??         "},  // no UTF-8
        {"\xe2\x80", " ??         "},  // cut
        {"a\xc2\xa0"
         "b",
         " a b        "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct canvas canvas;
        char text[16];
        canvas_init(&canvas, 1, 12);
        canvas_put(&canvas, (struct canvas_place){0, 1, 11, CANVAS_GOOD, false}, rows[i].text);
        assert_string_equal(row_of(&canvas, 0, text), rows[i].row);
        canvas_done(&canvas);
    }
}

static void keeps_to_its_place(void **state)
{
    (void)state;
    static const struct {
        struct canvas_place place;
        uint32_t behind;
        const char *row;
    } rows[] = {
        {{0, 0, 8, CANVAS_BAD, false}, 3, "abc     "},
        {{0, 0, 8, CANVAS_BAD, true}, 8, "     abc"},
        {{0, 6, 99, CANVAS_BAD, false}, 8, "      a*"},
        {{0, 8, 9, CANVAS_BAD, false}, 8, "        "},
        {{1, 0, 8, CANVAS_BAD, false}, 0, "        "},
        {{0, 5, 5, CANVAS_BAD, true}, 5, "        "},
        {{0, 7, 8, CANVAS_BAD, true}, 8, "       *"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct canvas canvas;
        char text[16];
        canvas_init(&canvas, 1, 8);
        assert_int_equal(canvas_put(&canvas, rows[i].place, "abc"), rows[i].behind);
        assert_string_equal(row_of(&canvas, 0, text), rows[i].row);
        canvas_done(&canvas);
    }
}

static void wraps_between_words(void **state)
{
    (void)state;
    static const struct {
        uint32_t lines_max, lines;
        const char *text, *rows[3];
    } rows[] = {
        {3, 1, "ten chars.", {"ten chars.", "          ", "          "}},
        {3, 2, "ten chars. more", {"ten chars.", "more      ", "          "}},
        {3, 3, "one two three four five", {"one two   ", "three four", "five      "}},
        {2, 2, "one two three four five", {"one two   ", "three fou*", "          "}},
        {3, 2, "unbreakable-word", {"unbreakabl", "e-word    ", "          "}},
        {3, 0, "", {"          ", "          ", "          "}},
        {9,
         3,
         "a long text that needs more rows than there are",
         {"a long    ", "text that ", "needs more"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct canvas canvas;
        char text[16];
        canvas_init(&canvas, 3, 10);
        const struct canvas_place place = {0, 0, 10, CANVAS_PLAIN, false};
        assert_int_equal(canvas_wrap(&canvas, place, rows[i].lines_max, rows[i].text),
                         rows[i].lines);
        for (uint32_t r = 0; r < 3; r++)
            assert_string_equal(row_of(&canvas, r, text), rows[i].rows[r]);
        canvas_done(&canvas);
    }
}

static void copies_what_is_seen(void **state)
{
    (void)state;
    struct canvas page, canvas;
    char text[16];
    canvas_init(&page, 4, 6);
    canvas_init(&canvas, 3, 4);
    for (uint32_t r = 0; r < 4; r++)
        canvas_putf(&page, (struct canvas_place){r, 0, 6, CANVAS_WARN, false}, "row %u!", r);
    canvas_mark(&page, 3);
    canvas_copy(&canvas, 1, 9, &page, 2);
    assert_string_equal(row_of(&canvas, 0, text), "    ");
    assert_string_equal(row_of(&canvas, 1, text), "row ");
    assert_int_equal(canvas.cells[4].ink, CANVAS_WARN);
    assert_false(canvas.cells[4].marked);
    assert_true(canvas.cells[8].marked);
    canvas_done(&page);
    canvas_done(&canvas);
}

int main(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test(puts_what_is_harmless),
        cmocka_unit_test(keeps_to_its_place),
        cmocka_unit_test(wraps_between_words),
        cmocka_unit_test(copies_what_is_seen),
    };
    return cmocka_run_group_tests(all, NULL, NULL);
}
