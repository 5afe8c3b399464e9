// SPDX-License-Identifier: ISC
#include "probe/departure.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

// A story in steps, each at a time in ms: "?" whether one is due, "a" asked, "t" told, which left
// so many ms after the time of the letter's number, "d" whether there is doubt. A capital letter:
// it is so; a small one: it is not.
static const struct {
    const char *name, *story;
} rows[] = {
    {"at first one is due", "1000 D x"},
    {"not twice at once", "1000 a 1001 d 1020 d"},
    {"told in time", "1000 a 1002 t1001 x 1049 d 1050 D"},
    {"a device that does not tell", "1000 a 1020 x 1500 x 1999 d 2000 D a 2100 x"},
    {"waits in a queue",
     "1000 a 1001 t1001 1050 a 1061 X 1100 X 1149 d t1140 1200 X 2148 X 2149 x"},
    {"left late", "1000 a 1015 t1011 X 2014 X 2015 x"},
    {"a queue that grows",
     "1000 a 1001 t1001 1050 a 1100 t1100 1101 a 2100 X 3000 X 5100 X d 5101 x"},
    {"as late as may be", "1000 a 1010 t1010 x"},
    {"is told no more", "1000 a 1001 t1001 1050 a 2049 X d 2050 x D a 2100 x 2200 x"},
    {"is told again", "1000 a 1001 t1001 1050 a 2050 a 2060 t2051 x 2110 a 2121 X"},
    {"one that was given up",
     "1000 a 1001 t1001 1050 a 2050 a 2060 t2040 x 2061 t2051 2100 a 2111 X"},
};

static void step(const char *name, struct departure *d, const char *word, struct mono now)
{
    switch (word[0]) {
    case 'a':
        departure_asked(d, now);
        break;
    case 't':
        (void)departure_told(d, (struct mono){atoi(word + 1) * (int64_t)NS_PER_MS}, now);
        break;
    case 'D':
    case 'd':
        CHECK_ROW(name, departure_is_due(d, now) == (word[0] == 'D'));
        break;
    default:
        CHECK_ROW(name, departure_is_in_doubt(d, now) == (word[0] == 'X'));
    }
}

static void tells_the_story(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct departure d = {0};
        struct mono now = {0};
        char story[256], *rest = story;
        strcpy(story, rows[i].story);
        for (char *word; (word = strsep(&rest, " "));) {
            if (word[0] >= '0' && word[0] <= '9')
                now.ns = atoi(word) * (int64_t)NS_PER_MS;
            else
                step(rows[i].name, &d, word, now);
        }
    }
}

static void says_how_late(void **state)
{
    (void)state;
    struct departure d = {0};
    departure_asked(&d, (struct mono){5000});
    assert_int_equal(departure_told(&d, (struct mono){7000}, (struct mono){9000}), 2000);
    departure_asked(&d, (struct mono){8000});
    assert_int_equal(departure_told(&d, (struct mono){7500}, (struct mono){9000}), 0);
    assert_int_equal(departure_told(&d, (struct mono){7999}, (struct mono){9000}), 0);
    assert_true(d.waits);  // that was one before it
    assert_int_equal(departure_told(&d, (struct mono){8000}, (struct mono){9000}), 0);
    assert_false(d.waits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_the_story),
        cmocka_unit_test(says_how_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
