// SPDX-License-Identifier: ISC
#include "stat/blocks.h"

#include "base/check.h"
#include "base/random.h"

#include <math.h>
#include <string.h>

static struct blocks_rule rule_of(uint32_t normal_ppm, double apart)
{
    struct blocks_rule rule;
    blocks_rule_init(&rule, normal_ppm, apart);
    return rule;
}

static uint64_t failures(struct random *random, uint64_t events, double probability)
{
    uint64_t failed = 0;
    for (uint64_t i = 0; i < events; i++)
        failed += random_unit(random) < probability;
    return failed;
}

// Blocks of one event are what the bank of single results is.
static void agrees_with_the_bank_of_single_results(void **state)
{
    (void)state;
    struct blocks_rule rule = rule_of(1000, 1e6);
    struct cusum_rule single;
    struct cusum_ask ask = {.loss_normal_ppm = 1000, .probes = 1e6};
    assert_true(cusum_rule_init(&single, &ask));
    for (uint32_t k = 0; k < CUSUM_MEMBERS; k++) {
        assert_int_equal(rule.lost_ppm[k], single.loss_ppm[k]);
        double wanted = single.step_nats[k] * single.lost_step[k];
        assert_true(fabs(rule.lost_nats[k] - wanted) < 1e-9);
    }
}

// One block is at most what its events are one by one, in whatever order.
static void a_block_is_no_more_than_its_events(void **state)
{
    (void)state;
    struct blocks_rule rule = rule_of(2000, 1e200);  // out of reach
    struct random random = {5};
    for (int trial = 0; trial < 300; trial++) {
        struct blocks whole = {{0}}, single = {{0}};
        for (int block = 0; block < 5; block++) {
            uint64_t ok = 0, lost = 0;
            for (int i = 0; i < 50; i++) {
                bool is_lost = random_unit(&random) < 0.05;
                ok += !is_lost;
                lost += is_lost;
                blocks_add(&single, &rule, !is_lost, is_lost);
            }
            blocks_add(&whole, &rule, ok, lost);
            for (uint32_t k = 0; k < CUSUM_MEMBERS; k++)
                assert_true(whole.score[k] <= single.score[k] + 1e-9);
        }
    }
}

static const struct {
    const char *name;
    uint32_t events_min, events_max;
    bool in_company;  // failures in rows, but none likelier than normal given what was before
} nulls[] = {
    {"blocks of one", 1, 1, false},
    {"of ten", 10, 10, false},
    {"of any size", 1, 400, false},
    {"whole blocks of silence between", 1, 400, true},
};

static double measure_apart(size_t row, double asked)
{
    enum { NORMAL_PPM = 5000, ALARMS = 200 };
    struct blocks_rule rule = rule_of(NORMAL_PPM, asked);
    struct random random = {11 + row};
    uint64_t blocks_seen = 0;
    for (int alarm = 0; alarm < ALARMS; alarm++) {
        struct blocks blocks = {{0}};
        uint32_t alarms = 0;
        for (uint64_t n = 0; !alarms && n < 40 * asked; n++, blocks_seen++) {
            uint32_t span = nulls[row].events_max - nulls[row].events_min + 1;
            uint64_t events = nulls[row].events_min + random_u64(&random) % span;
            bool is_silent = nulls[row].in_company && n % 3 != 0;
            uint64_t failed = is_silent ? 0 : failures(&random, events, NORMAL_PPM / 1e6);
            alarms = blocks_add(&blocks, &rule, events - failed, failed);
        }
    }
    return (double)blocks_seen / ALARMS;
}

static void keeps_its_promise(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof nulls / sizeof nulls[0]; i++) {
        double apart = measure_apart(i, 100);
        if (apart < 100)
            fail_msg("row '%s': alarms %.0f blocks apart, asked 100", nulls[i].name, apart);
    }
}

static const struct {
    const char *name;
    double failing;
    uint32_t events, blocks_max;  // at most, on average
} changes[] = {
    {"all of one a block", 1, 1, 4},        {"all of many", 1, 1000, 3},
    {"1 % of 1000 a block", 0.01, 1000, 4}, {"1 % of 10 a block", 0.01, 10, 160},
    {"5 % of 100", 0.05, 100, 4},
};

static void alarms_soon(void **state)
{
    (void)state;
    enum { TRIALS = 200 };
    struct blocks_rule rule = rule_of(1000, 86400);
    struct random random = {3};
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        uint64_t total = 0;
        for (int trial = 0; trial < TRIALS; trial++) {
            struct blocks blocks = {{0}};
            for (uint32_t alarms = 0; !alarms; total++) {
                uint64_t failed = failures(&random, changes[i].events, changes[i].failing);
                alarms = blocks_add(&blocks, &rule, changes[i].events - failed, failed);
            }
        }
        double mean = (double)total / TRIALS;
        if (mean < BLOCKS_MIN || mean > changes[i].blocks_max)
            fail_msg("row '%s': %.1f blocks", changes[i].name, mean);
    }
}

static void nothing_that_happens_once_is_an_alarm(void **state)
{
    (void)state;
    struct blocks_rule rule = rule_of(1000, 86400);
    struct blocks blocks = {{0}};
    assert_int_equal(blocks_add(&blocks, &rule, 0, 1000000), 0);
    assert_int_equal(blocks_add(&blocks, &rule, 0, 1000000), 0);
    assert_true(blocks_height(&blocks, &rule) < 1);
    assert_int_equal(blocks_add(&blocks, &rule, 0, 1000000), (1 << CUSUM_MEMBERS) - 1);
    assert_true(blocks_height(&blocks, &rule) == 1);
    assert_int_equal(blocks_add(&blocks, &rule, 1000000, 0), 0);
    assert_true(blocks_height(&blocks, &rule) == 0);
    assert_int_equal(blocks_add(&blocks, &rule, UINT64_MAX, 0), 0);
    assert_int_equal(blocks_add(&blocks, &rule, 0, 0), 0);
}

// Whatever is asked: any of six members may alarm, and three blocks in which all failed are enough.
static void three_blocks_of_failures_are_an_alarm(void **state)
{
    (void)state;
    for (double apart = 2; apart < 1e14; apart *= 1.7) {
        struct blocks_rule rule = rule_of(1000, apart);
        struct blocks blocks = {{0}};
        assert_true(fabs(rule.threshold_nats - log(6 * apart)) < 1e-9);
        for (int i = 0; i < BLOCKS_MIN; i++)
            assert_true((blocks_add(&blocks, &rule, 0, 100000) != 0) == (i == BLOCKS_MIN - 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_bank_of_single_results),
        cmocka_unit_test(a_block_is_no_more_than_its_events),
        cmocka_unit_test(keeps_its_promise),
        cmocka_unit_test(alarms_soon),
        cmocka_unit_test(nothing_that_happens_once_is_an_alarm),
        cmocka_unit_test(three_blocks_of_failures_are_an_alarm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
