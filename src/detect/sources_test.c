// SPDX-License-Identifier: ISC
#include "detect/sources.h"

#include "base/check.h"

#include <stdlib.h>

static struct mono seconds(double s)
{
    return (struct mono){(int64_t)(s * NS_PER_S)};
}

static const struct {
    const char *name;
    double every_s, for_s;  // reports
    double silent_s;        // after the last one it is called silent; 0: never
} rows[] = {
    {"one a second", 1, 120, 30},    {"one in ten seconds", 10, 300, 40},
    {"one a minute", 60, 1200, 240}, {"many a second", 0.01, 120, 30},
    {"not for long", 1, 50, 0},      {"not often", 30, 240, 0},
};

static double silent_after(size_t row, const char *address)
{
    struct sources *sources = calloc(1, sizeof *sources);
    struct notice notice;
    double at = 1000;
    for (; at <= 1000 + rows[row].for_s; at += rows[row].every_s) {
        sources_heard(sources, check_address(address), seconds(at));
        assert_false(sources_tick(sources, seconds(at), &notice));
    }
    double last = at - rows[row].every_s, found = 0;
    for (at = last; found == 0 && at < last + 3600; at += 1)
        if (sources_tick(sources, seconds(at), &notice))
            found = at - last;
    if (found > 0) {
        CHECK_ROW(rows[row].name, notice.kind == NOTICE_COUNTERS_SILENT && notice.raised);
        assert_string_equal(notice.peer, address);
        assert_false(sources_tick(sources, seconds(at), &notice));  // said once
        sources_heard(sources, check_address(address), seconds(at + 5));
        assert_true(sources_tick(sources, seconds(at + 6), &notice));
        CHECK_ROW(rows[row].name, !notice.raised && notice.text[0] == '\0');
        assert_false(sources_tick(sources, seconds(at + 7), &notice));
    }
    free(sources);
    return found;
}

static void says_who_fell_silent(void **state)
{
    (void)state;
    static const char *const addresses[] = {"192.0.2.9", "2001:db8::9"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (int a = 0; a < 2; a++) {
            double after = silent_after(i, addresses[a]);
            if (after < rows[i].silent_s || after > rows[i].silent_s * 1.03)
                fail_msg("row '%s': after %.1f s", rows[i].name, after);
        }
}

static void regular(struct sources *sources, const char *address, double from, double to)
{
    for (double at = from; at <= to; at += 1)
        sources_heard(sources, check_address(address), seconds(at));
}

static void our_own_sleep_is_nobodys_silence(void **state)
{
    (void)state;
    struct sources *sources = calloc(1, sizeof *sources);
    struct notice notice;
    regular(sources, "192.0.2.9", 1000, 1100);
    sources_excuse(sources, 600 * (int64_t)NS_PER_S);
    assert_false(sources_tick(sources, seconds(1705), &notice));
    assert_true(sources_tick(sources, seconds(1731), &notice));
    free(sources);
}

static void forgets_after_a_day(void **state)
{
    (void)state;
    struct sources *sources = calloc(1, sizeof *sources);
    struct notice notice;
    regular(sources, "192.0.2.9", 1000, 1100);
    regular(sources, "192.0.2.10", 1000, 1003);
    assert_true(sources_tick(sources, seconds(2000), &notice) && notice.raised);
    assert_false(sources_tick(sources, seconds(87000), &notice));
    assert_true(sources_tick(sources, seconds(90000), &notice) && !notice.raised);
    while (sources_tick(sources, seconds(90001), &notice))
        continue;
    (void)sources_tick(sources, seconds(90002), &notice);
    assert_int_equal(sources->count, 0);
    free(sources);
}

// Passers-by make room for each other; who is watched stays watched.
static void keeps_within_its_room(void **state)
{
    (void)state;
    struct sources *sources = calloc(1, sizeof *sources);
    struct notice notice;
    regular(sources, "192.0.2.9", 1000, 1100);
    for (uint32_t i = 0; i < 4 * SOURCES_MAX; i++) {
        struct address address = check_address("10.0.0.0");
        address.bytes[2] = (uint8_t)(i >> 8);
        address.bytes[3] = (uint8_t)i;
        sources_heard(sources, address, seconds(1101 + i * 0.001));
    }
    assert_int_equal(sources->count, SOURCES_MAX);
    assert_int_equal(sources->unwatched, 0);
    assert_true(sources_tick(sources, seconds(1140), &notice));
    assert_string_equal(notice.peer, "192.0.2.9");
    free(sources);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_who_fell_silent),
        cmocka_unit_test(our_own_sleep_is_nobodys_silence),
        cmocka_unit_test(forgets_after_a_day),
        cmocka_unit_test(keeps_within_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
