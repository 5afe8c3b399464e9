// SPDX-License-Identifier: ISC
#include "stat/sprt.h"

#include "base/check.h"
#include "base/random.h"

#include <math.h>
#include <stdbool.h>

// detection.md 2.1: mean probes with both errors at 0.1 %, when good and when bad.
static const struct {
    const char *name;
    uint32_t good_ppm, bad_ppm;
    double probes_good, probes_bad;
} rows[] = {
    {"0.1 % or 1 %", 1000, 10000, 1023, 490}, {"0.1 % or 2 %", 1000, 20000, 426, 168},
    {"0.1 % or 5 %", 1000, 50000, 149, 47},   {"0.1 % or 10 %", 1000, 100000, 69, 19},
    {"5 % or 38 %", 50000, 380000, 23, 14},   {"1 % or 5 %", 10000, 50000, 279, 167},
};

static enum sprt_answer decide(struct sprt *s, double loss, struct random *r, double *probes)
{
    enum sprt_answer answer = SPRT_OPEN;
    for (sprt_restart(s); answer == SPRT_OPEN; ++*probes) {
        bool lost = random_unit(r) < loss;
        answer = sprt_add(s, !lost, lost);
    }
    return answer;
}

static void decides_soon_and_rightly(void **state)
{
    (void)state;
    const int runs = 3000;
    struct random r = {1};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sprt s;
        sprt_init(&s, rows[i].good_ppm, rows[i].bad_ppm);
        assert_int_equal(sprt_add(&s, sprt_least_good(&s) - 1, 0), SPRT_OPEN);
        assert_int_equal(sprt_add(&s, 1, 0), SPRT_GOOD);
        double good_probes = 0, bad_probes = 0;
        int wrong = 0;
        for (int n = 0; n < runs; n++) {
            wrong += decide(&s, rows[i].good_ppm / 1e6, &r, &good_probes) != SPRT_GOOD;
            wrong += decide(&s, rows[i].bad_ppm / 1e6, &r, &bad_probes) != SPRT_BAD;
        }
        CHECK_ROW(rows[i].name, fabs(sprt_mean_good(&s) / rows[i].probes_good - 1) < 0.03);
        CHECK_ROW(rows[i].name, wrong <= 2 * runs / 1000 + 6);
        // Theirs is the bound; the last loss overshoots it.
        CHECK_ROW(rows[i].name, good_probes / runs > 0.93 * rows[i].probes_good);
        CHECK_ROW(rows[i].name, good_probes / runs < 1.35 * rows[i].probes_good);
        CHECK_ROW(rows[i].name, bad_probes / runs > 0.93 * rows[i].probes_bad);
        CHECK_ROW(rows[i].name, bad_probes / runs < 1.5 * rows[i].probes_bad);
    }
}

static void adds_counts_as_if_one_by_one(void **state)
{
    (void)state;
    struct sprt one, many;
    sprt_init(&one, 10000, 190000);
    many = one;
    for (int i = 0; i < 20; i++)
        sprt_add(&one, 1, 0);
    sprt_add(&one, 0, 1);
    assert_int_equal(sprt_add(&many, 20, 1), sprt_answer(&one));
    assert_true(fabs(one.score - many.score) < 1e-9);
    // Verify: at most 1 % against half of 38 %.
    sprt_restart(&many);
    assert_int_equal(sprt_add(&many, 34, 0), SPRT_OPEN);
    assert_int_equal(sprt_add(&many, 1, 0), SPRT_GOOD);
    sprt_restart(&many);
    assert_int_equal(sprt_add(&many, 0, 2), SPRT_OPEN);
    assert_int_equal(sprt_add(&many, 0, 1), SPRT_BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decides_soon_and_rightly),
        cmocka_unit_test(adds_counts_as_if_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
