// SPDX-License-Identifier: ISC
#include "steer/hold.h"

#include "base/check.h"

static const int64_t minute = 60 * (int64_t)NS_PER_S;

// One letter a minute of quiet ('.') or more: 'f' a failure; an 'h' is an hour without any.
static const struct {
    const char *history;
    int64_t minutes;  // the hold that follows, before jitter; from 1 minute, at most 60
} rows[] = {
    {"", 1},        {"f", 2},
    {"ff", 4},      {"fffff", 32},
    {"ffffff", 60}, {"fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 60},
    {"fh", 1},      {"ffh", 2},
    {"fffhh", 2},   {"ffhhhhf", 2},
    {"f.f.f..", 8}, {"ffhhhhh", 1},
};

static void grows_and_fades(void **state)
{
    (void)state;
    const struct net_steer steer = {.hold_min_ns = minute, .hold_max_ns = 60 * minute};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hold hold = {0};
        struct random random = {7};
        struct mono now = {5 * minute};
        for (const char *step = rows[i].history; *step; step++) {
            if (*step == 'f')
                hold_failed(&hold, now);
            else
                now = mono_add_ns(now, *step == 'h' ? 60 * minute : minute);
        }
        int64_t least = INT64_MAX, most = 0;
        for (int n = 0; n < 1000; n++) {
            int64_t length = hold_length_ns(&hold, &steer, now, &random);
            least = length < least ? length : least;
            most = length > most ? length : most;
        }
        int64_t percent = rows[i].minutes * minute / 100;
        CHECK_ROW(rows[i].history, least >= 80 * percent && least < 81 * percent);
        CHECK_ROW(rows[i].history, most < 120 * percent && most >= 119 * percent);
    }
}

static void allows_six_an_hour(void **state)
{
    (void)state;
    struct hold hold = {0};
    struct mono now = {0};
    uint32_t acts = 0;
    for (int m = 0; m < 600; m++, now = mono_add_ns(now, minute)) {
        if (!hold_allows(&hold, now))
            continue;
        hold_acted(&hold, now);
        acts++;
    }
    assert_int_equal(acts, 10 * STEER_ACTS_PER_HOUR_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_and_fades),
        cmocka_unit_test(allows_six_an_hour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
