// SPDX-License-Identifier: ISC
#include "detect/usual.h"

#include "base/check.h"
#include "base/random.h"

static uint64_t failures(struct random *random, uint32_t attempts, double rate)
{
    uint64_t failed = 0;
    for (uint32_t i = 0; i < attempts; i++)
        failed += random_unit(random) < rate;
    return failed;
}

static const struct {
    const char *name;
    uint32_t least_ppm, attempts;  // a block
    double rate, burst;            // of one block in `each`, its rate
    uint32_t each, blocks, ppm;    // what is learned
} rows[] = {
    {"nothing yet", 1000, 1000, 0, 0, 1, 59, 100000},
    {"clean", 1000, 1000, 0, 0, 1, 60, 1000},
    {"clean, but few attempts", 1000, 1, 0, 0, 1, 60, 100000},
    {"clean, few for long", 1000, 1, 0, 0, 1, 3000, 2000},
    {"0.05 %", 1000, 1000, 0.0005, 0, 1, 600, 1000},
    {"0.3 %", 1000, 1000, 0.003, 0, 1, 600, 5000},
    {"3 %", 1000, 1000, 0.03, 0, 1, 600, 50000},
    {"half", 1000, 1000, 0.5, 0, 1, 600, 100000},
    {"0.02 %, never below the least", 5000, 1000, 0.0002, 0, 1, 600, 5000},
    {"bursts of 4 % in each 20th block", 1000, 1000, 0.0005, 0.04, 20, 600, 50000},
    {"bursts of 4 % in each 500th", 1000, 1000, 0.0005, 0.04, 500, 5000, 1000},
};

static void learns_an_upper_bound(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct usual usual;
        struct random random = {i};
        usual_init(&usual);
        for (uint32_t block = 0; block < rows[i].blocks; block++) {
            bool in_burst = rows[i].burst > 0 && block % rows[i].each == 7;
            uint64_t failed =
                failures(&random, rows[i].attempts, in_burst ? rows[i].burst : rows[i].rate);
            (void)usual_add(&usual, rows[i].least_ppm, rows[i].attempts - failed, failed);
        }
        uint32_t ppm = usual_step_ppm(usual.step, rows[i].least_ppm);
        if (ppm != rows[i].ppm)
            fail_msg("row '%s': %u", rows[i].name, ppm);
    }
}

static void forgets(void **state)
{
    (void)state;
    enum { DAY = 86400 };
    struct usual usual;
    usual_init(&usual);
    for (uint32_t block = 0; block < 600; block++)
        (void)usual_add(&usual, 1000, 950, 50);
    assert_int_equal(usual_step_ppm(usual.step, 1000), 100000);
    bool moved = false;
    uint32_t blocks = 0;
    for (; blocks < 20 * DAY && usual.step > 0; blocks++)
        moved |= usual_add(&usual, 1000, 100000, 0);
    assert_true(moved && usual.step == 0);
    assert_true(usual.blocks <= 2 * DAY);
    for (; blocks < 20 * DAY; blocks++)
        (void)usual_add(&usual, 1000, UINT32_MAX, 0);
    assert_true(usual.blocks <= 2 * DAY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learns_an_upper_bound),
        cmocka_unit_test(forgets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
