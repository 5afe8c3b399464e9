// SPDX-License-Identifier: ISC
#include "base/wordhash.h"

#include "base/check.h"

// Made with the authors' reference, SipHash-1-3: the last word holds the length in its top byte.
static const struct {
    const char *name;
    struct siphash_key key;
    uint64_t hash;
} rows[] = {
    {"nothing, key of zeroes", {0, 0}, 0xd1fba762150c532c},
    {"nothing, key 00 01 .. 0f", {0x0706050403020100, 0x0f0e0d0c0b0a0908}, 0xabac0158050fc4dc},
};

static void gives_the_reference_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wordhash h = wordhash_begin(rows[i].key);
        wordhash_add(&h, 0);
        CHECK_ROW(rows[i].name, wordhash_end(h) == rows[i].hash);
    }
}

static uint64_t hash_of(struct siphash_key key, uint64_t one, uint64_t other)
{
    struct wordhash h = wordhash_begin(key);
    wordhash_add(&h, one);
    wordhash_add(&h, other);
    return wordhash_end(h);
}

static void depends_on_every_word_and_the_whole_key(void **state)
{
    (void)state;
    uint64_t hash = hash_of((struct siphash_key){1, 2}, 3, 4);
    assert_true(hash != hash_of((struct siphash_key){9, 2}, 3, 4));
    assert_true(hash != hash_of((struct siphash_key){1, 9}, 3, 4));
    assert_true(hash != hash_of((struct siphash_key){1, 2}, 9, 4));
    assert_true(hash != hash_of((struct siphash_key){1, 2}, 3, 9));
    assert_true(hash != hash_of((struct siphash_key){1, 2}, 4, 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_reference_vectors),
        cmocka_unit_test(depends_on_every_word_and_the_whole_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
