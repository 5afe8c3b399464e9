// SPDX-License-Identifier: ISC
#include "role/route_known.h"

#include "base/check.h"
#include "base/random.h"

static struct prefix numbered(enum family family, uint32_t n)
{
    return (struct prefix){{family, {10, (uint8_t)(n >> 8), (uint8_t)n}}, 24};
}

static void keeps_a_room_for_each_family(void **state)
{
    (void)state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        static struct route_known known;
        enum family other = family == FAMILY_IPV4 ? FAMILY_IPV6 : FAMILY_IPV4;
        known = (struct route_known){0};
        for (uint32_t n = 0; n < ROUTES_PER_FAMILY_MAX + 205; n++)
            assert_int_equal(route_known_change(&known, numbered(family, n), false, true),
                             n < ROUTES_PER_FAMILY_MAX ? KNOWN_NEWLY : KNOWN_NOT);
        assert_int_equal(route_known_change(&known, numbered(other, 0), false, true), KNOWN_NEWLY);
        assert_int_equal(known.untold[family], 205);
        assert_int_equal(known.untold[other], 0);
    }
}

// Whatever comes and goes, each prefix that has ways is known or counted, and no other is; none is
// left out while there is room for it as it changes.
static void never_drifts(void **state)
{
    (void)state;
    enum { PREFIXES = 1500, CHANGES = 200000 };
    static struct route_known known;
    static bool has[FAMILIES][PREFIXES];
    uint32_t counts[FAMILIES] = {0};
    struct random random = {.state = 7};
    for (uint32_t i = 0; i < CHANGES; i++) {
        enum family family = FAMILY_IPV4 + random_u64(&random) % 2;
        uint32_t n = random_u64(&random) % PREFIXES;
        // Nearly all, then nearly none, and so on.
        bool comes = random_u64(&random) % 10 < (i / 20000 % 2 ? 1 : 9), had = has[family][n];
        uint32_t room = ROUTES_PER_FAMILY_MAX + known.untold[family] - counts[family];
        enum route_known_news news = route_known_change(&known, numbered(family, n), had, comes);
        assert_true(!(comes && news == KNOWN_NOT && room > 0));
        counts[family] += (uint32_t)comes - (uint32_t)had;
        has[family][n] = comes;
        assert_int_equal(known.count + known.untold[FAMILY_IPV4] + known.untold[FAMILY_IPV6],
                         counts[FAMILY_IPV4] + counts[FAMILY_IPV6]);
    }
    for (uint32_t i = 1; i < known.count; i++)
        assert_true(prefix_compare(known.items[i - 1], known.items[i]) < 0);
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        for (uint32_t n = 0; n < PREFIXES; n++)
            route_known_change(&known, numbered(family, n), has[family][n], false);
    assert_int_equal(known.count + known.untold[FAMILY_IPV4] + known.untold[FAMILY_IPV6], 0);
}

// One for one, wherever in the order they stand.
static void exchanges(void **state)
{
    (void)state;
    static struct route_known known;
    static const struct {
        uint32_t in, out;
    } pairs[] = {{1000, 0}, {1001, 999}, {0, 1000}, {999, 1}, {1002, 500}, {1, 1002}};
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        known = (struct route_known){0};
        for (uint32_t n = 0; n < ROUTES_PER_FAMILY_MAX + 3; n++)
            route_known_change(&known, numbered(family, n), false, true);
        for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
            struct prefix in = numbered(family, pairs[i].in), out = numbered(family, pairs[i].out);
            assert_false(route_known_exchange(&known, out, in));
            assert_false(route_known_exchange(&known, out, out));
            assert_true(route_known_exchange(&known, in, out));
            assert_int_equal(known.count, ROUTES_PER_FAMILY_MAX);
            assert_int_equal(route_known_change(&known, in, true, true), KNOWN_BEFORE);
            assert_int_equal(route_known_change(&known, out, true, true), KNOWN_NOT);
            for (uint32_t n = 1; n < known.count; n++)
                assert_true(prefix_compare(known.items[n - 1], known.items[n]) < 0);
        }
        assert_int_equal(known.untold[family], 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_a_room_for_each_family),
        cmocka_unit_test(never_drifts),
        cmocka_unit_test(exchanges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
