// SPDX-License-Identifier: ISC
#include "rib/sample.h"

#include "rib/rib_check.h"

enum { MOST = 100, PREFIXES = 5000 };

static struct prefix prefix_at(enum family family, uint32_t n)
{
    uint8_t bytes[16] = {family == FAMILY_IPV4 ? 20 : 0x2a, (uint8_t)(n >> 8), (uint8_t)n};
    return prefix_of(address_from_bytes(family, bytes), 24);
}

static uint32_t number_of(struct prefix prefix)
{
    return (uint32_t)prefix.address.bytes[1] << 8 | prefix.address.bytes[2];
}

static void learn(struct rib *rib, enum family family, uint32_t n)
{
    static const uint8_t path[] = {2, 1, 0, 0, 0xfd, 0xe9};
    struct rib_attributes a = {.as_path = {path, sizeof path}};
    assert_true(check_learn(rib, 0, prefix_at(family, n), 0, &a) == RIB_CHANGED);
}

// No prefix twice, none that is not there, and from all parts of the table.
static void spreads_over_the_table(void **state)
{
    (void)state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct rib *rib = rib_new(16 << 20, (struct siphash_key){1, 0});
        struct prefix sample[MOST];
        assert_int_equal(rib_sample(rib_live(rib), family, sample, MOST), 0);
        for (uint32_t n = 0; n < PREFIXES; n++)
            learn(rib, family, n);
        uint32_t tenths[10] = {0}, seen[PREFIXES] = {0};
        uint32_t count = rib_sample(rib_live(rib), family, sample, MOST);
        assert_true(count > MOST * 9 / 10 && count <= MOST);
        for (uint32_t i = 0; i < count; i++) {
            uint32_t n = number_of(sample[i]);
            assert_true(n < PREFIXES && seen[n]++ == 0);
            assert_true(prefix_equal(sample[i], prefix_at(family, n)));
            tenths[n * 10 / PREFIXES]++;
        }
        for (uint32_t tenth = 0; tenth < 10; tenth++)
            assert_true(tenths[tenth] >= 5);
        rib_free(rib);
    }
}

static void takes_all_of_a_small_one(void **state)
{
    (void)state;
    struct rib *rib = rib_new(16 << 20, (struct siphash_key){1, 0});
    struct prefix sample[MOST];
    for (uint32_t n = 0; n < PREFIXES; n++)
        learn(rib, FAMILY_IPV6, n);
    for (uint32_t n = 0; n < PREFIXES; n++)
        if (n % 50 != 7)
            rib_withdraw(rib, 0, prefix_at(FAMILY_IPV6, n), 0);
    assert_int_equal(rib_sample(rib_live(rib), FAMILY_IPV6, sample, MOST), MOST);
    assert_int_equal(rib_sample(rib_live(rib), FAMILY_IPV4, sample, MOST), 0);
    rib_free(rib);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spreads_over_the_table),
        cmocka_unit_test(takes_all_of_a_small_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
