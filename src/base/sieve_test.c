// SPDX-License-Identifier: ISC
#include "base/sieve.h"

#include "base/check.h"
#include "base/random.h"

#include <string.h>

static const struct {
    const char *held, *asked;
    bool may;
} rows[] = {
    {"192.0.2.0/24", "192.0.2.0/24", true},
    {"192.0.2.0/24", "192.0.2.128/25", true},
    {"192.0.2.0/24", "192.0.3.0/24", true},  // "perhaps" is allowed,
    {"192.0.2.0/24", "192.1.2.0/24", false},
    {"192.0.2.0/24", "10.0.0.0/8", false},
    {"192.0.2.0/24", "2001:db8::/32", false},
    {"10.0.0.0/8", "10.255.0.0/16", true},
    {"10.0.0.0/8", "11.0.0.0/16", false},
    {"0.0.0.0/0", "203.0.113.7/32", true},
    {"2001:db8::/32", "2001:db8:ffff::/48", true},
    {"2001:db8::/32", "2001:db9::/32", false},
    {"2001:db8::/29", "2001:dbf::/32", true},
    {"2001:db8::/29", "2001:dc0::/32", false},
    {"2000::/3", "3fff::/20", true},
    {"::/0", "2001:db8::1/128", true},
    {"::/0", "192.0.2.0/24", false},
};

static void follows_the_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sieve sieve = {0};
        struct prefix asked = check_prefix(rows[i].asked);
        CHECK_ROW(rows[i].asked, !sieve_may_hold(&sieve, &asked));
        sieve_add(&sieve, check_prefix(rows[i].held));
        CHECK_ROW(rows[i].asked, sieve_may_hold(&sieve, &asked) == rows[i].may);
    }
}

static struct prefix any_prefix(struct random *random)
{
    struct address address = {.family = random_u64(random) % 2 ? FAMILY_IPV4 : FAMILY_IPV6};
    for (int i = 0; i < (address.family == FAMILY_IPV4 ? 4 : 16); i++)
        address.bytes[i] = (uint8_t)(random_u64(random) % 3);  // few values: they meet often
    return prefix_of(address, (uint8_t)(random_u64(random) % (family_bits(address.family) + 1u)));
}

// Never "no" for what is contained; and mostly "no" for what is not.
static void never_denies(void **state)
{
    (void)state;
    struct random random = {1};
    uint32_t contained = 0, denied = 0;
    for (int i = 0; i < 20000; i++) {
        struct sieve sieve = {0};
        struct prefix held = any_prefix(&random), asked = any_prefix(&random);
        sieve_add(&sieve, held);
        if (prefix_contains(held, asked))
            assert_true(sieve_may_hold(&sieve, &asked));
        contained += prefix_contains(held, asked);
        denied += !sieve_may_hold(&sieve, &asked);
    }
    assert_true(contained > 500 && denied > 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_rows),
        cmocka_unit_test(never_denies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
