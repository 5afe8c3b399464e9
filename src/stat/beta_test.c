// SPDX-License-Identifier: ISC
#include "stat/beta.h"

#include "base/check.h"

#include <math.h>
#include <stdbool.h>

static const struct {
    const char *name;
    double a, b, x, share;
} known[] = {
    {"uniform", 1, 1, 0.3, 0.3},
    {"a corner", 2, 1, 0.5, 0.25},
    {"the other", 1, 2, 0.5, 0.75},
    {"symmetric", 7.5, 7.5, 0.5, 0.5},
    {"arcsine", 0.5, 0.5, 0.25, 1.0 / 3},
    {"below all", 3, 4, 0, 0},
    {"above all", 3, 4, 1, 1},
    {"a cubic", 3, 2, 0.4, 0.1792},  // 4 x^3 - 3 x^4
};

static void knows_closed_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        CHECK_ROW(known[i].name,
                  fabs(beta_cdf(known[i].a, known[i].b, known[i].x) - known[i].share) < 1e-12);
}

// P(X <= x) of Beta(a, b) for whole numbers: P(Binomial(a + b - 1, x) >= a).
static double by_binomial(int a, int b, double x)
{
    double sum = 0;
    int n = a + b - 1;
    for (int k = a; k <= n; k++)
        sum += exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(x) +
                   (n - k) * log1p(-x));
    return sum;
}

static void agrees_with_binomial_sums(void **state)
{
    (void)state;
    for (int a = 1; a < 400; a = a * 3 / 2 + 1)
        for (int b = 1; b < 4000; b = b * 3 / 2 + 1)
            for (double x = 0.001; x < 1; x = x * 1.7 + 0.001)
                if (fabs(beta_cdf(a, b, x) - by_binomial(a, b, x)) > 1e-9)
                    fail_msg("a %d b %d x %f", a, b, x);
}

static const struct {
    const char *name;
    uint64_t ok, lost;
    struct beta_bounds bounds;
} rows[] = {
    {"nothing known", 0, 0, {0, 1000000}},
    // By summing the density after x = sin^2, whose powers are then whole; rounded outwards.
    {"a loss", 0, 1, {17644, 1000000}},
    {"an answer", 1, 0, {0, 982356}},
    {"38 % of twenty", 12, 8, {128742, 727995}},
    {"a clean second", 100, 0, {0, 52570}},
    {"a clean half minute", 3000, 0, {0, 1803}},
    {"1 % of many", 99000, 1000, {9060, 11006}},
    {"all of many lost", 0, 100000, {999945, 1000000}},
};

static bool is_near(uint32_t a, uint32_t b)
{
    return a <= b + 1 && b <= a + 1;
}

static void bounds_a_loss_rate(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct beta_bounds bounds = beta_bounds(rows[i].ok, rows[i].lost);
        if (!is_near(bounds.low_ppm, rows[i].bounds.low_ppm) ||
            !is_near(bounds.high_ppm, rows[i].bounds.high_ppm))
            fail_msg("row '%s': %u to %u", rows[i].name, bounds.low_ppm, bounds.high_ppm);
    }
}

static void more_losses_are_never_less_loss(void **state)
{
    (void)state;
    for (uint32_t n = 1; n < 200; n += 7) {
        struct beta_bounds before = {0, 0};
        for (uint32_t lost = 0; lost <= n; lost++) {
            struct beta_bounds bounds = beta_bounds(n - lost, lost);
            assert_true(bounds.low_ppm >= before.low_ppm && bounds.high_ppm >= before.high_ppm);
            assert_true(bounds.low_ppm <= lost * 1000000 / n);
            assert_true(bounds.high_ppm >= lost * 1000000 / n);
            before = bounds;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_closed_forms),
        cmocka_unit_test(agrees_with_binomial_sums),
        cmocka_unit_test(bounds_a_loss_rate),
        cmocka_unit_test(more_losses_are_never_less_loss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
