// SPDX-License-Identifier: ISC
#include "steer/health.h"

#include "base/check.h"

// Of the answers '+' well and '-' not; of what is told after each '+', '-' or '.' nothing.
static const struct {
    const char *name;
    uint32_t rise, fall;
    const char *answers, *told;
} rows[] = {
    {"the first is believed alone", 3, 3, "+", "+"},
    {"likewise when it is bad", 3, 3, "-", "-"},
    {"three in a row, each way", 3, 3, "+---+++", "+..-..+"},
    {"two and one are not three", 3, 3, "+--+--+--+", "+........."},
    {"nor on the way back", 3, 2, "-++-++-+++", "-........+"},
    {"each answer at once", 1, 1, "+-+-++--", "+-+-+.-."},
    {"slow to rise, quick to fall", 4, 1, "+-++-++++", "+-......+"},
    {"told once", 1, 2, "+-----", "+.-..."},
};

static void counts_answers_in_a_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct net_health how = {.rise = rows[i].rise, .fall = rows[i].fall};
        struct health health = {0};
        for (size_t n = 0; rows[i].answers[n]; n++) {
            bool is_well = rows[i].answers[n] == '+';
            bool changed = health_answer(&health, &how, is_well);
            CHECK_ROW(rows[i].name, changed == (rows[i].told[n] != '.'));
            CHECK_ROW(rows[i].name, !changed || health.is_well == (rows[i].told[n] == '+'));
            CHECK_ROW(rows[i].name, health.is_known);
        }
    }
}

static void asks_on_its_interval_but_not_in_step(void **state)
{
    (void)state;
    const struct net_health how = {.interval_ns = 10ll * NS_PER_S};
    struct random random = {7};
    struct mono now = {5};
    int64_t least = INT64_MAX, most = 0;
    for (int i = 0; i < 1000; i++) {
        struct health health;
        health_begin(&health, now, &random);
        assert_true(health.ask_at.ns >= now.ns && health.ask_at.ns < now.ns + NS_PER_S);
        assert_true(health_is_due(&health, health.ask_at));
        health_ask(&health, &how, now, &random);
        int64_t wait_ns = mono_since_ns(health.ask_at, now);
        assert_false(health_is_due(&health, mono_add_ns(health.ask_at, -1)));
        least = wait_ns < least ? wait_ns : least;
        most = wait_ns > most ? wait_ns : most;
    }
    assert_true(least >= 9ll * NS_PER_S && least < 9100ll * NS_PER_MS);
    assert_true(most <= 11ll * NS_PER_S && most > 10900ll * NS_PER_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_answers_in_a_row),
        cmocka_unit_test(asks_on_its_interval_but_not_in_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
