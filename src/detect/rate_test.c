// SPDX-License-Identifier: ISC
#include "detect/rate.h"

#include "base/check.h"

static void sums_what_became_of_probes(void **state)
{
    (void)state;
    struct rate_sum sum = {0};
    for (int64_t ms = 1; ms <= 100; ms++)
        rate_add(&sum, &(struct sample){.verdict = SAMPLE_OK, .rtt_ns = ms * NS_PER_MS});
    rate_add(&sum, &(struct sample){.verdict = SAMPLE_LOST});
    rate_add(&sum, &(struct sample){.verdict = SAMPLE_VOID});
    // Late: lost before, and its time would be that of another.
    rate_add(&sum, &(struct sample){.verdict = SAMPLE_OK,
                                    .late = true,
                                    .rtt_ns = NS_PER_S,
                                    .lost_forward = 2,
                                    .lost_reverse = 1});
    struct rate rate = rate_of(&sum, 7);
    assert_int_equal(rate.path, 7);
    assert_int_equal(rate.ok, 100);
    assert_int_equal(rate.lost, 1);
    assert_int_equal(rate.lost_forward, 2);
    assert_int_equal(rate.lost_reverse, 1);
    const struct {
        int64_t is_ns, wants_ms;
    } rows[] = {{rate.rtt_p50_ns, 50}, {rate.rtt_p90_ns, 90}, {rate.rtt_p99_ns, 99}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t wants_ns = rows[i].wants_ms * NS_PER_MS;
        CHECK_ROW("quantile", rows[i].is_ns >= wants_ns && rows[i].is_ns <= wants_ns * 107 / 100);
    }
}

static void knows_nothing_of_nothing(void **state)
{
    (void)state;
    struct rate rate = rate_of(&(struct rate_sum){0}, 0);
    assert_int_equal(rate.ok + rate.lost, 0);
    assert_int_equal(rate.rtt_p50_ns + rate.rtt_p90_ns + rate.rtt_p99_ns, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_what_became_of_probes),
        cmocka_unit_test(knows_nothing_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
