// SPDX-License-Identifier: ISC
// Walks over more prefixes than a batch holds, in orders of arrival that are hard for a selection.
#include "rib/rib_check.h"

#include "base/random.h"

#include <stdlib.h>

enum { PREFIXES = 60000 };

enum order { RANDOM, RISING, FALLING, ALIKE, ORDERS };

// Prefix n of an order: n itself, scattered, or all in the same /16 (or /80) but the last bits.
static struct prefix make(enum family family, enum order order, uint32_t n)
{
    struct random random = {n + 1};
    uint32_t value = order == RANDOM    ? (uint32_t)random_u64(&random)
                     : order == FALLING ? PREFIXES - n
                                        : n;
    uint8_t length = order == RANDOM ? (uint8_t)(1 + value % 32) : 32;
    struct address address = {.family = family};
    uint8_t *bytes = address.bytes + (family == FAMILY_IPV6 && order == ALIKE ? 12 : 0);
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> (24 - 8 * i));
    if (family == FAMILY_IPV6 && order == ALIKE)
        length = 128;
    return prefix_of(address, length);
}

static uint32_t count_walk(const struct rib *rib, uint32_t peer, struct prefix outer)
{
    struct rib_walk *walk = rib_walk_new(rib_live(rib), peer, outer);
    struct prefix last = {0}, prefix;
    uint32_t count = 0;
    for (; rib_walk_next(walk, &prefix); count++, last = prefix)
        assert_true(prefix_compare(last, prefix) < 0);
    assert_false(rib_walk_next(walk, &prefix));  // once at its end it stays there
    rib_walk_free(walk);
    return count;
}

static void gives_all_in_order(void **state)
{
    (void)state;
    for (enum order order = RANDOM; order < ORDERS; order++) {
        struct rib *rib = rib_new(64 << 20, (struct siphash_key){order, 1});
        struct rib_attributes a = {.local_pref = 100};
        uint32_t set = rib_attributes_take(rib, &a);
        for (uint32_t n = 0; n < PREFIXES; n++) {
            rib_learn(rib, 1, make(FAMILY_IPV4, order, n), 0, set);
            rib_learn(rib, 2, make(FAMILY_IPV6, order, n), 0, set);
        }
        uint32_t four = rib_route_count(rib, 1, FAMILY_IPV4);
        uint32_t six = rib_route_count(rib, 2, FAMILY_IPV6);
        assert_true(four > PREFIXES / 2 && six > PREFIXES / 2);
        assert_int_equal(count_walk(rib, RIB_NO_PEER, (struct prefix){0}), four + six);
        assert_int_equal(count_walk(rib, 1, (struct prefix){0}), four);
        assert_int_equal(count_walk(rib, 2, check_prefix("::/0")), six);
        assert_int_equal(count_walk(rib, 3, (struct prefix){0}), 0);
        rib_free(rib);
    }
}

static void stays_inside(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "203.0.112.0/23",    "203.0.113.0/24", "203.0.113.128/25", "203.0.114.0/24",
        "2001:db8::/32",     "2001:db8::/64",  "2001:db8::/65",    "2001:db8::1/128",
        "2001:db8:0:1::/64", "2001:db9::/32",
    };
    static const struct {
        const char *outer;
        uint32_t count;
    } rows[] = {
        {"0.0.0.0/0", 4},      {"203.0.112.0/23", 3}, {"203.0.113.0/24", 2},
        {"203.0.113.0/25", 0}, {"::/0", 6},           {"2001:db8::/32", 5},
        {"2001:db8::/64", 3},  {"2001:db8::/65", 2},  {"2001:db8::1/128", 1},
        {"2001:db8::/31", 6},
    };
    struct rib *rib = rib_new(1 << 20, (struct siphash_key){3, 1});
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        check_learn(rib, 0, check_prefix(texts[i]), 0, &(struct rib_attributes){.med = 1});
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CHECK_ROW(rows[i].outer,
                  count_walk(rib, RIB_NO_PEER, check_prefix(rows[i].outer)) == rows[i].count);
    rib_free(rib);
}

// While it is under way a third goes, a third comes: what is there throughout is met once.
static void bears_changes_under_way(void **state)
{
    (void)state;
    static uint8_t met[3 * PREFIXES];
    struct rib *rib = rib_new(64 << 20, (struct siphash_key){4, 1});
    uint32_t set = rib_attributes_take(rib, &(struct rib_attributes){.med = 1});
    for (uint32_t n = 0; n < 3 * PREFIXES; n++) {
        if (n % 3 != 2)
            rib_learn(rib, 0, make(FAMILY_IPV4, RISING, n), 0, set);
    }
    struct rib_walk *walk = rib_walk_new(rib_live(rib), 0, (struct prefix){0});
    struct prefix prefix;
    struct random random = {5};
    for (uint32_t count = 0; rib_walk_next(walk, &prefix); count++) {
        const uint8_t *b = prefix.address.bytes;
        met[(uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3]]++;
        uint32_t n = (uint32_t)(random_u64(&random) % PREFIXES) * 3;
        rib_withdraw(rib, 0, make(FAMILY_IPV4, RISING, n + 1), 0);
        rib_learn(rib, 0, make(FAMILY_IPV4, RISING, n + 2), 0, set);
    }
    rib_walk_free(walk);
    for (uint32_t n = 0; n < 3 * PREFIXES; n++)
        assert_true(n % 3 == 0 ? met[n] == 1 : met[n] <= 1);
    rib_free(rib);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_all_in_order),
        cmocka_unit_test(stays_inside),
        cmocka_unit_test(bears_changes_under_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
