// SPDX-License-Identifier: ISC
#include "lab/range.h"

#include "base/check.h"

#include <math.h>
#include <string.h>

static void percentiles(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t count;
        double values[10];
        unsigned percent;
        double expected;
    } rows[] = {
        {"one", 1, {7}, 50, 7},
        {"one, the largest", 1, {7}, 100, 7},
        {"two: the lower half ends with the first", 2, {9, 3}, 50, 3},
        {"three", 3, {9, 3, 5}, 50, 5},
        {"ten, p50", 10, {10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 50, 5},
        {"ten, p95 is the largest", 10, {10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 95, 10},
        {"ten, p90", 10, {10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 90, 9},
        {"what never happened comes last", 4, {INFINITY, 1, 2, 3}, 100, INFINITY},
        {"and does not hide the others", 4, {INFINITY, 1, 2, 3}, 50, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double values[10];
        memcpy(values, rows[i].values, sizeof values);
        CHECK_ROW(rows[i].name,
                  range_percentile(values, rows[i].count, rows[i].percent) == rows[i].expected);
    }
    assert_true(isnan(range_percentile(NULL, 0, 50)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(percentiles)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
