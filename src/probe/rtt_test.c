// SPDX-License-Identifier: ISC
#include "probe/rtt.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/random.h"

static const struct {
    const char *name;
    uint32_t usual, slow;  // answers of either kind
    int64_t usual_ns, slow_ns;
    int64_t timeout_min_ns, timeout_max_ns;  // what to expect, limits 50 ms and 1 s
} rows[] = {
    {"nothing known", 0, 0, 0, 0, NS_PER_S, NS_PER_S},
    {"too little known", 19, 0, NS_PER_MS, 0, NS_PER_S, NS_PER_S},
    {"a near target", 20, 0, NS_PER_MS, 0, 50 * NS_PER_MS, 50 * NS_PER_MS},
    {"a far one, steady", 1000, 0, 180 * NS_PER_MS, 0, 180 * NS_PER_MS, 193 * NS_PER_MS},
    {"one slow answer of few counts", 40, 20, 10 * NS_PER_MS, 30 * NS_PER_MS, 105 * NS_PER_MS,
     120 * NS_PER_MS},
    {"one in two thousand does not", 4000, 2, 10 * NS_PER_MS, 300 * NS_PER_MS, 50 * NS_PER_MS,
     50 * NS_PER_MS},
    {"one in a hundred does", 3960, 40, 10 * NS_PER_MS, 50 * NS_PER_MS, 200 * NS_PER_MS,
     235 * NS_PER_MS},
    {"never over the limit", 100, 100, NS_PER_MS, 900 * NS_PER_MS, NS_PER_S, NS_PER_S},
    {"absurdly long", 20, 20, 1, INT64_MAX, NS_PER_S, NS_PER_S},
};

static void waits_as_long_as_answers_take(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static struct rtt rtt;  // on a line of its own, which a sanitized stack does not give
        rtt = (struct rtt){0};
        for (uint32_t n = 0; n < rows[i].usual; n++)
            rtt_add(&rtt, rows[i].usual_ns);
        for (uint32_t n = 0; n < rows[i].slow; n++)
            rtt_add(&rtt, rows[i].slow_ns);
        int64_t timeout_ns = rtt_timeout_ns(&rtt, 50 * NS_PER_MS, NS_PER_S);
        CHECK_ROW(rows[i].name, timeout_ns >= rows[i].timeout_min_ns);
        CHECK_ROW(rows[i].name, timeout_ns <= rows[i].timeout_max_ns);
    }
}

// A path that became slower stops looking lossy, one that became faster is judged sooner again.
static void forgets_what_was(void **state)
{
    (void)state;
    static struct rtt rtt;
    rtt = (struct rtt){0};
    for (int n = 0; n < 100 * 1000; n++)
        rtt_add(&rtt, 200 * NS_PER_MS);
    for (int n = 0; n < 60 * 1000; n++)
        rtt_add(&rtt, NS_PER_MS);
    assert_int_equal(rtt_timeout_ns(&rtt, 50 * NS_PER_MS, NS_PER_S), 50 * NS_PER_MS);
}

// p99.9 rests on four answers then, and on two when half was forgotten.
static void keeps_half_of_4096(void **state)
{
    (void)state;
    static struct rtt rtt;
    rtt = (struct rtt){0};
    for (int n = 0; n < 4095; n++)
        rtt_add(&rtt, NS_PER_MS);
    assert_int_equal(rtt.total, 4095);
    rtt_add(&rtt, NS_PER_MS);
    assert_int_equal(rtt.total, 2048);
}

// Quantiles of known values err upwards and by a sixteenth at most.
static void quantiles_are_near_and_above(void **state)
{
    (void)state;
    struct random random = {2};
    for (int run = 0; run < 200; run++) {
        static struct rtt rtt;
        rtt = (struct rtt){0};
        int64_t ns = 2048 + (int64_t)(random_u64(&random) % (20 * (uint64_t)NS_PER_S));
        for (int n = 0; n < 20; n++)
            rtt_add(&rtt, ns);
        assert_true(rtt.p50_ns > ns && rtt.p50_ns <= ns + ns / 16 + 1);
        assert_true(rtt.p999_ns == rtt.p50_ns);
    }
}

// Where a quantile is followed to, it is also found by counting from the first bucket on, whatever
// came before: times that jump far, that double, and after half was forgotten.
static void follows_what_counting_finds(void **state)
{
    (void)state;
    struct random random = {7};
    for (int run = 0; run < 20; run++) {
        static struct rtt rtt;
        rtt = (struct rtt){0};
        for (int n = 0; n < 6000; n++) {
            uint64_t octave = random_u64(&random) % (run % 2 ? 3 : 24) + (n / 1500 % 2 ? 12 : 0);
            rtt_add(&rtt, (int64_t)((2048 + random_u64(&random) % 2048) << octave % 24));
            const struct rtt_place *places[] = {&rtt.p50, &rtt.p999};
            for (int q = 0; q < 2; q++) {
                uint32_t rank = (rtt.total * (q ? 999 : 500) + 999) / 1000, below = 0, bucket = 0;
                while (below + rtt.counts[bucket] < rank)
                    below += rtt.counts[bucket++];
                assert_int_equal(places[q]->bucket, bucket);
                assert_int_equal(places[q]->below, below);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_as_long_as_answers_take),
        cmocka_unit_test(forgets_what_was),
        cmocka_unit_test(keeps_half_of_4096),
        cmocka_unit_test(quantiles_are_near_and_above),
        cmocka_unit_test(follows_what_counting_finds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
