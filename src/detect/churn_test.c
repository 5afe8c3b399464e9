// SPDX-License-Identifier: ISC
#include "detect/churn.h"

#include "base/check.h"
#include "base/random.h"

#include <math.h>
#include <stdlib.h>

static struct mono ms(int64_t at)
{
    return (struct mono){at * NS_PER_MS};
}

// What was added when (ms), and what the windows say later.
static const struct {
    const char *name;
    struct {
        int64_t at;
        uint32_t count;
    } adds[4];
    int64_t asked_at;
    uint32_t counts[CHURN_SPANS];
} rows[] = {
    {"nothing", {{0, 0}}, 5000, {0, 0, 0, 0, 0}},
    {"now", {{5000, 7}}, 5000, {7, 7, 7, 7, 7}},
    {"within the last second", {{5050, 7}, {5950, 1}}, 5999, {8, 8, 8, 8, 8}},
    {"a second ago", {{5000, 7}}, 6000, {0, 7, 7, 7, 7}},
    {"nine seconds ago", {{5000, 7}}, 14999, {0, 7, 7, 7, 7}},
    {"ten seconds ago", {{5000, 7}}, 15000, {0, 0, 7, 7, 7}},
    {"a minute ago", {{5000, 7}}, 65000, {0, 0, 0, 7, 7}},
    {"ten minutes ago", {{5000, 7}}, 605000, {0, 0, 0, 0, 7}},
    {"an hour ago", {{5000, 7}}, 3605000, {0, 0, 0, 0, 0}},
    {"several", {{5000, 1}, {20000, 2}, {700000, 4}, {710500, 8}}, 711000, {8, 8, 12, 12, 15}},
    {"long silence, then something",
     {{5000, 1}, {INT64_C(900000000), 2}},
     900000000,
     {2, 2, 2, 2, 2}},
};

static void counts_in_windows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int what = 0; what < CHURN_WHATS; what++) {
            struct churn churn = {0};
            for (int n = 0; n < 4; n++)
                churn_add(&churn, ms(rows[i].adds[n].at), what, rows[i].adds[n].count);
            for (int span = 0; span < CHURN_SPANS; span++) {
                uint32_t count = churn_count(&churn, ms(rows[i].asked_at), span, what);
                if (count != rows[i].counts[span])
                    fail_msg("row '%s', span %d: %u", rows[i].name, span, count);
                count = churn_count(&churn, ms(rows[i].asked_at), span, (what + 1) % CHURN_WHATS);
                CHECK_ROW(rows[i].name, count == 0);
            }
        }
    }
}

// Adds `count` a second from `from_s` to `to_s` and looks each second; gives when it first became
// unusual, or -1.
static int64_t run(struct churn *churn, int64_t from_s, int64_t to_s, uint32_t count)
{
    int64_t when = -1;
    for (int64_t s = from_s; s < to_s; s++) {
        churn_add(churn, ms(s * 1000), s % 2 ? CHURN_WITHDRAWN : CHURN_ANNOUNCED, count);
        struct churn_news news = churn_look(churn, ms(s * 1000), 1000000);
        if (news.unusual_changed && churn->unusual && when < 0)
            when = s;
    }
    return when;
}

static void a_table_that_comes_is_not_churn(void **state)
{
    (void)state;
    struct churn churn = {0};
    assert_int_equal(run(&churn, 0, 60, 100000), -1);
    churn_complete(&churn, ms(60 * 1000));
    assert_int_equal(run(&churn, 60, 119, 50000), -1);
    assert_int_equal(run(&churn, 119, 7200, 30), -1);
    assert_int_equal(churn.learned, 707);
}

static void learns_what_is_usual(void **state)
{
    (void)state;
    struct churn churn = {0};
    churn_complete(&churn, ms(0));
    assert_int_equal(churn_threshold(&churn, 1000000), 100000);  // a tenth of the table
    assert_int_equal(run(&churn, 0, 3000, 600), -1);
    assert_int_equal(run(&churn, 3000, 4000, 600), -1);
    assert_int_equal(churn_threshold(&churn, 1000000), 24000);      // four times 6029, the edge
    assert_int_equal(churn_threshold(&churn, 100000000), 1000000);  // a hundredth
    int64_t when = run(&churn, 4000, 4030, 4000);
    assert_true(when >= 4005 && when <= 4007);
    assert_true(churn.unusual);
    assert_int_equal(run(&churn, 4030, 4100, 600), -1);
    assert_false(churn.unusual);
    churn_threshold(&churn, 0);
    assert_true(run(&churn, 4100, 4130, 20000) >= 0);
    churn_lost(&churn, ms(4130 * 1000));
    assert_true(churn_look(&churn, ms(4131 * 1000), 0).unusual_changed && !churn.unusual);
}

static void what_stays_becomes_usual(void **state)
{
    (void)state;
    struct churn churn = {0};
    churn_complete(&churn, ms(0));
    run(&churn, 0, 90000, 20);
    assert_int_equal(churn_threshold(&churn, 1000000), CHURN_FLOOR);
    assert_true(run(&churn, 90000, 93000, 2000) > 0);
    assert_true(churn.unusual && churn_threshold(&churn, 0) == CHURN_FLOOR);
    run(&churn, 93000, 94000, 2000);
    assert_false(churn.unusual);
}

static void small_tables_have_a_floor(void **state)
{
    (void)state;
    struct churn churn = {0};
    assert_int_equal(churn_threshold(&churn, 0), CHURN_FLOOR);
    assert_int_equal(churn_threshold(&churn, 4000), CHURN_FLOOR);
    assert_int_equal(churn_threshold(&churn, UINT32_MAX), UINT32_MAX / 10);
}

// What the header promises of false notices, on counts with Pareto's tail of index 1, for 60 days.
static void is_seldom_wrong(void **state)
{
    (void)state;
    uint32_t wrong = 0;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct random random = {seed};
        struct churn churn = {0};
        churn_complete(&churn, ms(0));
        for (int64_t span = 10; span < 15 * 8640; span++) {
            double count = 100 / (1 - random_unit(&random));
            churn_add(&churn, ms(span * 10000), CHURN_ANNOUNCED,
                      count < 1e6 ? (uint32_t)count : 1000000);
            struct churn_news news = churn_look(&churn, ms(span * 10000 + 9000), 1000000);
            wrong += news.unusual_changed && churn.unusual;
        }
    }
    assert_true(wrong <= 15);  // twice what is to be expected
    assert_true(wrong >= 2);   // else the test tests nothing
}

static void tells_a_flapping_session(void **state)
{
    (void)state;
    struct churn churn = {0};
    churn_lost(&churn, ms(1000));
    churn_lost(&churn, ms(100000));
    assert_false(churn_look(&churn, ms(100000), 0).flapping_changed);
    churn_lost(&churn, ms(500000));
    assert_true(churn_look(&churn, ms(500000), 0).flapping_changed && churn.flapping);
    assert_false(churn_look(&churn, ms(900000), 0).flapping_changed);
    assert_true(churn_look(&churn, ms(1140000), 0).flapping_changed && !churn.flapping);
    churn_lost(&churn, ms(1200000));
    assert_false(churn_look(&churn, ms(1200000), 0).flapping_changed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_in_windows),
        cmocka_unit_test(a_table_that_comes_is_not_churn),
        cmocka_unit_test(learns_what_is_usual),
        cmocka_unit_test(what_stays_becomes_usual),
        cmocka_unit_test(small_tables_have_a_floor),
        cmocka_unit_test(is_seldom_wrong),
        cmocka_unit_test(tells_a_flapping_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
