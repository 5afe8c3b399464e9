// SPDX-License-Identifier: ISC
#include "base/siphash.h"

#include "base/check.h"

// The vectors of the authors' reference: key 00 01 .. 0f, input 00 01 .. of that size.
static const struct {
    const char *name;
    size_t size;
    uint64_t hash;
} rows[] = {
    {"nothing", 0, 0x726fdb47dd0e0e31},
    {"one byte", 1, 0x74f839c593dc67fd},
    {"seven: no whole word", 7, 0xab0200f58b01d137},
    {"eight: one word", 8, 0x93f5f5799a932462},
    {"fifteen: the paper's example", 15, 0xa129ca6149be45e5},
};

static void gives_the_reference_vectors(void **state)
{
    (void)state;
    const struct siphash_key key = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
    uint8_t input[16];
    for (uint8_t i = 0; i < sizeof input; i++)
        input[i] = i;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CHECK_ROW(rows[i].name, siphash(key, input, rows[i].size) == rows[i].hash);
}

static void depends_on_both_halves_of_the_key(void **state)
{
    (void)state;
    uint64_t hash = siphash((struct siphash_key){1, 2}, "x", 1);
    assert_true(hash != siphash((struct siphash_key){3, 2}, "x", 1));
    assert_true(hash != siphash((struct siphash_key){1, 3}, "x", 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_reference_vectors),
        cmocka_unit_test(depends_on_both_halves_of_the_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
