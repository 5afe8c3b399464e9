// SPDX-License-Identifier: ISC
#include "stat/arl.h"

#include "base/check.h"
#include "base/random.h"

#include <math.h>
#include <stdbool.h>

#define YEAR_S 31557600.0

enum { SMALL = 40 };

// The table of detection.md 2.4: normal loss 0.1 %, six times a year asked of each.
static const struct {
    const char *name;
    uint32_t lost_step, ok_step, threshold_10ms, threshold_100ms, threshold_1s;
} bank[] = {
    {"0.4 %", 461, 1, 5582, 4816, 4050}, {"1.2 %", 224, 1, 1631, 1424, 1217},
    {"3.5 %", 103, 1, 554, 487, 421},    {"10 %", 44, 1, 192, 169, 148},
    {"30 %", 64, 4, 237, 205, 185},      {"80 %", 33, 8, 100, 100, 84},
};

static void solves_the_published_thresholds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bank / sizeof bank[0]; i++) {
        struct arl_test t = {
            .loss = 0.001, .lost_step = bank[i].lost_step, .ok_step = bank[i].ok_step};
        CHECK_ROW(bank[i].name, arl_threshold(&t, 600 * YEAR_S, 60000) == bank[i].threshold_10ms);
        CHECK_ROW(bank[i].name, arl_threshold(&t, 60 * YEAR_S, 60000) == bank[i].threshold_100ms);
        CHECK_ROW(bank[i].name, arl_threshold(&t, 6 * YEAR_S, 60000) == bank[i].threshold_1s);
    }
}

// detection.md 2.2 and 2.3: mean probes to notice a loss rate that is known beforehand.
static const struct {
    const char *name;
    double loss;
    uint32_t ok_step;
    double probes_between_alarms, delay;
} delays[] = {
    {"1 % at 10 ms", 0.01, 1, 100 * YEAR_S, 1139},
    {"1 % at 100 ms", 0.01, 1, 10 * YEAR_S, 976},
    {"1 % at 1 s", 0.01, 1, YEAR_S, 812},
    {"5 % at 10 ms", 0.05, 1, 100 * YEAR_S, 124},
    {"5 % at 100 ms", 0.05, 1, 10 * YEAR_S, 108},
    {"5 % at 1 s", 0.05, 1, YEAR_S, 92},
    {"10 % at 10 ms", 0.1, 1, 100 * YEAR_S, 52.5},
    {"10 % at 100 ms", 0.1, 1, 10 * YEAR_S, 46.1},
    {"10 % at 1 s", 0.1, 1, YEAR_S, 40.4},
    {"38 % at 10 ms", 0.38, 8, 100 * YEAR_S, 10.7},
    {"38 % at 1 s", 0.38, 8, YEAR_S, 8.2},
    {"1 % at 10 ms, 100000 paths", 0.01, 1, 1e7 * YEAR_S, 1958},
    {"10 % at 10 ms, 100000 paths", 0.1, 1, 1e7 * YEAR_S, 83.8},
    {"38 % at 10 ms, 100000 paths", 0.38, 8, 1e7 * YEAR_S, 16.7},
};

static void solves_the_published_delays(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof delays / sizeof delays[0]; i++) {
        double loss = delays[i].loss;
        double steps = delays[i].ok_step * log(loss / 0.001) / -log((1 - loss) / 0.999);
        struct arl_test t = {
            .loss = 0.001, .lost_step = (uint32_t)lround(steps), .ok_step = delays[i].ok_step};
        t.threshold = arl_threshold(&t, delays[i].probes_between_alarms, 60000);
        t.loss = loss;
        // Theirs are of another lattice: within 4 %.
        CHECK_ROW(delays[i].name, fabs(arl_probes(&t) / delays[i].delay - 1) < 0.04);
    }
}

// The same equations, solved by elimination with a pivot: E = 1 + P E.
static double solved_densely(const struct arl_test *t)
{
    double m[SMALL][SMALL + 1] = {0};
    uint32_t size = t->threshold;
    for (uint32_t s = 0; s < size; s++) {
        m[s][s] += 1;
        m[s][s > t->ok_step ? s - t->ok_step : 0] -= 1 - t->loss;
        if (s + t->lost_step < size)
            m[s][s + t->lost_step] -= t->loss;
        m[s][SMALL] = 1;
    }
    for (uint32_t c = 0; c < size; c++) {
        uint32_t pivot = c;
        for (uint32_t r = c; r < size; r++)
            pivot = fabs(m[r][c]) > fabs(m[pivot][c]) ? r : pivot;
        for (uint32_t k = 0; k <= SMALL; k++) {
            double swap = m[c][k];
            m[c][k] = m[pivot][k];
            m[pivot][k] = swap;
        }
        for (uint32_t r = 0; r < size; r++)
            for (double f = r == c ? 0 : m[r][c] / m[c][c]; f != 0; f = 0)
                for (uint32_t k = c; k <= SMALL; k++)
                    m[r][k] -= f * m[c][k];
    }
    return m[0][SMALL] / m[0][0];
}

static struct arl_test random_test(struct random *r)
{
    return (struct arl_test){
        .loss = 0.05 + 0.5 * random_unit(r),
        .lost_step = 1 + (uint32_t)(random_u64(r) % 20),
        .ok_step = 1 + (uint32_t)(random_u64(r) % ARL_OK_STEP_MAX),
        .threshold = 1 + (uint32_t)(random_u64(r) % SMALL),
    };
}

static void agrees_with_a_dense_solution(void **state)
{
    (void)state;
    struct random r = {1};
    for (int i = 0; i < 2000; i++) {
        struct arl_test t = random_test(&r);
        double dense = solved_densely(&t), ours = arl_probes(&t);
        // Where the dense one, which subtracts, can be trusted.
        if (ours < 1e6 && fabs(ours / dense - 1) > 1e-6)
            fail_msg("loss %f, +%u -%u, threshold %u: %.9g, densely %.9g", t.loss, t.lost_step,
                     t.ok_step, t.threshold, ours, dense);
        if (ours > 1 && ours < 1e6)
            assert_in_range(arl_threshold(&t, ours * (1 - 1e-9), SMALL), 1, t.threshold);
    }
}

static double simulated_run(const struct arl_test *t, struct random *r)
{
    uint32_t score = 0, probes = 0;
    for (; score < t->threshold; probes++) {
        if (random_unit(r) < t->loss)
            score += t->lost_step;
        else
            score -= score < t->ok_step ? score : t->ok_step;
    }
    return probes;
}

static void agrees_with_simulation(void **state)
{
    (void)state;
    const int runs = 4000;
    struct random r = {2};
    for (int i = 0; i < 20;) {
        struct arl_test t = random_test(&r);
        double mean = arl_probes(&t), sum = 0, squares = 0;
        if (mean > 300)
            continue;
        i++;
        for (int n = 0; n < runs; n++) {
            double probes = simulated_run(&t, &r);
            sum += probes;
            squares += probes * probes;
        }
        double variance = squares / runs - sum / runs * (sum / runs);
        double off = fabs(sum / runs - mean), sigma = sqrt(variance / runs);
        if (off > 3 * sigma + 1e-9)
            fail_msg("loss %f, +%u -%u, threshold %u: %f, simulated %f", t.loss, t.lost_step,
                     t.ok_step, t.threshold, mean, sum / runs);
    }
}

static void tells_when_there_is_no_threshold(void **state)
{
    (void)state;
    struct arl_test t = {.loss = 0.5, .lost_step = 1, .ok_step = 1};
    assert_int_equal(arl_threshold(&t, 1e15, 100), 0);
    assert_int_equal(arl_threshold(&t, 1, 100), 1);
    t = (struct arl_test){.loss = 1, .lost_step = 10, .ok_step = 1, .threshold = 95};
    assert_true(fabs(arl_probes(&t) - 10) < 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(solves_the_published_thresholds),
        cmocka_unit_test(solves_the_published_delays),
        cmocka_unit_test(agrees_with_a_dense_solution),
        cmocka_unit_test(agrees_with_simulation),
        cmocka_unit_test(tells_when_there_is_no_threshold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
