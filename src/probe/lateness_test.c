// SPDX-License-Identifier: ISC
#include "probe/lateness.h"

#include "base/check.h"

enum { NOTES_MAX = 3 };

// What is noted, and what is the worst of the last second at some time after.
static const struct {
    const char *name;
    struct {
        int64_t at_ms, late_us;
    } notes[NOTES_MAX];
    int64_t asked_ms, worst_us;
} rows[] = {
    {"never late", {{0, 0}}, 100000, 0},
    {"at once", {{100000, 7000}}, 100000, 7000},
    {"still", {{100000, 7000}}, 100999, 7000},
    {"no longer", {{100000, 7000}}, 101000, 0},
    {"as late as timers are", {{100000, 2000}}, 100100, 0},
    {"a little more", {{100000, 2001}}, 100100, 2001},
    {"the worse of two", {{100000, 7000}, {100010, 3000}}, 100020, 7000},
    {"the worse, though later", {{100000, 3000}, {100010, 7000}}, 100020, 7000},
    {"the worse is past", {{100000, 9000}, {100900, 3000}}, 101100, 3000},
    {"a slot that was used before", {{100000, 9000}, {101000, 3000}}, 101001, 3000},
    {"each second", {{100000, 3000}, {101000, 4000}, {102000, 5000}}, 102001, 5000},
};

static void remembers_the_worst_of_a_second(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct lateness late = {0};
        for (size_t n = 0; n < NOTES_MAX; n++)
            lateness_note(&late, rows[i].notes[n].late_us * NS_PER_US,
                          (struct mono){rows[i].notes[n].at_ms * NS_PER_MS});
        struct mono asked = {rows[i].asked_ms * NS_PER_MS};
        CHECK_ROW(rows[i].name, lateness_worst_ns(&late, asked) == rows[i].worst_us * NS_PER_US);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(remembers_the_worst_of_a_second)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
