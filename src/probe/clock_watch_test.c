// SPDX-License-Identifier: ISC
#include "probe/clock_watch.h"

#include "base/check.h"

static const struct {
    const char *name;
    int64_t passed_ms, moved_us;  // on the monotonic clock; of the wall clock beside that
    bool is_step;
} rows[] = {
    {"nothing", 5, 0, false},
    {"read a moment later", 5, 900, false},
    {"stepped forth by 2 ms", 5, 2000, true},
    {"and back", 5, -2000, true},
    {"by a second", 5, 1000 * 1000, true},
    {"by an hour back", 5, -INT64_C(3600) * 1000 * 1000, true},
    {"a leap second", 1000, -1000 * 1000, true},
    {"slewed by 500 ppm while we slept for 10 s", 10000, 5000, false},
    {"and the other way", 10000, -5000, false},
    {"stepped by 50 ms while we slept", 10000, 50000, true},
    {"slewed for an hour", 3600 * 1000, 1800 * 1000, false},
};

static void tells_steps_from_slews(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct clock_watch watch;
        struct mono now = {77 * INT64_C(1000000000)};
        struct wall wall = {1466424588 * INT64_C(1000000000)};
        clock_watch_init(&watch, now, wall);
        now.ns += rows[i].passed_ms * NS_PER_MS;
        wall.ns += rows[i].passed_ms * NS_PER_MS + rows[i].moved_us * NS_PER_US;
        int64_t stepped_ns = clock_watch_stepped_ns(&watch, now, wall);
        CHECK_ROW(rows[i].name, stepped_ns == (rows[i].is_step ? rows[i].moved_us * NS_PER_US : 0));
        CHECK_ROW(rows[i].name, watch.ahead_ns == wall.ns - now.ns);
        CHECK_ROW(rows[i].name, clock_watch_stepped_ns(&watch, now, wall) == 0);  // said once
    }
}

// What it may have been slewed by counts from the last look on, not from the first.
static void a_long_quiet_is_not_saved_up(void **state)
{
    (void)state;
    struct clock_watch watch;
    struct mono now = {0};
    struct wall wall = {1466424588 * INT64_C(1000000000)};
    clock_watch_init(&watch, now, wall);
    for (int i = 0; i < 1000; i++) {
        now.ns += NS_PER_S;
        wall.ns += NS_PER_S;
        assert_int_equal(clock_watch_stepped_ns(&watch, now, wall), 0);
    }
    wall.ns += 50 * NS_PER_MS;
    assert_int_equal(clock_watch_stepped_ns(&watch, now, wall), 50 * NS_PER_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tells_steps_from_slews),
                                       cmocka_unit_test(a_long_quiet_is_not_saved_up)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
