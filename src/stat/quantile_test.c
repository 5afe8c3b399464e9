// SPDX-License-Identifier: ISC
#include "stat/quantile.h"

#include "base/check.h"
#include "base/random.h"

#include <math.h>
#include <stdlib.h>

static const struct {
    const char *name;
    int64_t ns, edge_ns;  // of one value, and what every quantile of it is
} rows[] = {
    {"nothing", 0, 1088},
    {"less", INT64_MIN, 1088},
    {"first bin", 1087, 1088},
    {"second bin", 1088, 1152},
    {"1 ms", 1000000, 1015808},
    {"last of an octave", 2047, 2048},
    {"next octave", 2048, 2176},
    {"200 ms", 200000000, 201326592},
    {"most", INT64_MAX, 17179869184},
};

static void bins_a_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct quantile q = {0};
        CHECK_ROW(rows[i].name, quantile_ns(&q, 500000) == 0);
        quantile_add(&q, rows[i].ns);
        if (quantile_ns(&q, 500000) != rows[i].edge_ns)
            fail_msg("row '%s': %lld", rows[i].name, (long long)quantile_ns(&q, 500000));
        CHECK_ROW(rows[i].name, quantile_ns(&q, 0) == rows[i].edge_ns);
        CHECK_ROW(rows[i].name, quantile_ns(&q, 1000000) == rows[i].edge_ns);
    }
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void is_within_a_bin_of_the_truth(void **state)
{
    (void)state;
    enum { VALUES = 10000 };
    static int64_t values[VALUES];
    struct quantile q = {0};
    struct random r = {1};
    for (int i = 0; i < VALUES; i++) {
        values[i] = (int64_t)(20e6 * exp(2 * random_unit(&r)));
        quantile_add(&q, values[i]);
    }
    qsort(values, VALUES, sizeof values[0], compare);
    for (uint32_t ppm = 1000; ppm <= 999000; ppm += 499000) {
        int64_t truth = values[(uint64_t)VALUES * ppm / 1000000 - 1], told = quantile_ns(&q, ppm);
        assert_true(told >= truth && (double)told <= 1.0625 * (double)truth);
    }
}

// Of few values the rank is rounded up: half of three are two.
static void ranks_a_few(void **state)
{
    (void)state;
    struct quantile q = {0};
    quantile_add(&q, 2000);
    quantile_add(&q, 4000);
    quantile_add(&q, 8000);
    assert_in_range(quantile_ns(&q, 300000), 2000, 2200);
    assert_in_range(quantile_ns(&q, 500000), 4000, 4300);
    assert_in_range(quantile_ns(&q, 700000), 8000, 8600);
}

// Half of what was before counts after so many: what was seen as often since weighs twice as much.
static void forgets_by_half(void **state)
{
    (void)state;
    struct quantile q = {0};
    for (int i = 0; i < QUANTILE_FADE; i++)
        quantile_add(&q, 10 * 1000 * 1000);
    assert_int_equal(q.total, QUANTILE_FADE / 2);
    for (int i = 0; i < QUANTILE_FADE / 2 - 1; i++)
        quantile_add(&q, 100 * 1000 * 1000);
    assert_int_equal(q.total, QUANTILE_FADE - 1);
    assert_in_range(quantile_ns(&q, 500000), 10 * 1000 * 1000, 11 * 1000 * 1000);
    assert_true(quantile_ns(&q, 501000) >= 100 * 1000 * 1000);
}

static void forgets_slowly(void **state)
{
    (void)state;
    struct quantile q = {0};
    for (int i = 0; i < 100000; i++)
        quantile_add(&q, 10 * 1000 * 1000);
    int64_t before = quantile_ns(&q, 500000);
    for (int i = 0; i < 1000; i++)
        quantile_add(&q, 100 * 1000 * 1000);
    assert_int_equal(quantile_ns(&q, 500000), before);
    for (int i = 0; i < 40000; i++)
        quantile_add(&q, 100 * 1000 * 1000);
    assert_true(quantile_ns(&q, 500000) > 9 * before);
    assert_true(q.total < QUANTILE_FADE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bins_a_value),   cmocka_unit_test(is_within_a_bin_of_the_truth),
        cmocka_unit_test(ranks_a_few),    cmocka_unit_test(forgets_by_half),
        cmocka_unit_test(forgets_slowly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
