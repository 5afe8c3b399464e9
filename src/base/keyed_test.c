// SPDX-License-Identifier: ISC
#include "base/keyed.h"

#include "base/check.h"
#include "base/random.h"

#include <stdlib.h>

struct record {
    uint32_t key, value;
};

static const struct siphash_key hash_key = {1, 2};

static void finds_what_was_made(void **state)
{
    (void)state;
    struct keyed k;
    keyed_init(&k, sizeof(struct record), sizeof(uint32_t), 3, hash_key);
    assert_null(keyed_find(&k, &(uint32_t){1}));
    for (uint32_t key = 1; key <= 3; key++) {
        struct record *made = keyed_make(&k, &key);
        assert_true(made->key == key && made->value == 0);
        made->value = key * 10;
    }
    assert_null(keyed_make(&k, &(uint32_t){4}));
    assert_int_equal(((struct record *)keyed_make(&k, &(uint32_t){2}))->value, 20);
    assert_int_equal(k.count, 3);
    keyed_drop(&k, keyed_find(&k, &(uint32_t){1}));
    assert_null(keyed_find(&k, &(uint32_t){1}));
    assert_int_equal(((struct record *)keyed_find(&k, &(uint32_t){3}))->value, 30);
    assert_int_equal(((struct record *)keyed_make(&k, &(uint32_t){4}))->value, 0);
    keyed_clear(&k);
    assert_null(keyed_find(&k, &(uint32_t){3}));
    keyed_done(&k);
    keyed_done(&k);
}

// Both hashes: where strangers choose the keys, and where they do not.
static void init(struct keyed *k, size_t key_size, uint32_t max, bool is_trusted)
{
    size_t item_size = key_size > sizeof(struct record) ? key_size : sizeof(struct record);
    if (is_trusted)
        keyed_init_trusted(k, item_size, key_size, max);
    else
        keyed_init(k, item_size, key_size, max, hash_key);
}

// Against a plain array, over many makes and drops that collide.
static void play_against_an_array(bool is_trusted)
{
    enum { KEYS = 300, STEPS = 60000 };
    uint32_t values[KEYS] = {0}, count = 0;
    struct random random = {7};
    struct keyed k;
    init(&k, sizeof(uint32_t), KEYS, is_trusted);
    for (uint32_t step = 1; step <= STEPS; step++) {
        uint32_t key = (uint32_t)(random_u64(&random) % KEYS);
        struct record *found = keyed_find(&k, &key);
        assert_int_equal(found ? found->value : 0, values[key]);
        if (random_u64(&random) % 2 == 0) {
            count += values[key] == 0;
            values[key] = step;
            ((struct record *)keyed_make(&k, &key))->value = step;
        } else if (found) {
            keyed_drop(&k, found);
            values[key] = 0;
            count--;
        }
        assert_int_equal(k.count, count);
    }
    for (uint32_t place = 0; place < k.count; place++) {
        const struct record *record = keyed_at(&k, place);
        assert_int_equal(record->value, values[record->key]);
    }
    keyed_done(&k);
}

static void agrees_with_an_array(void **state)
{
    (void)state;
    play_against_an_array(false);
    play_against_an_array(true);
}

// Who took the memory before needs none later, whatever was in it.
static void what_is_reserved_is_there(void **state)
{
    (void)state;
    enum { KEYS = 1000 };
    struct keyed k;
    uint32_t first = 17;
    keyed_init(&k, sizeof(struct record), sizeof(uint32_t), KEYS, hash_key);
    ((struct record *)keyed_make(&k, &first))->value = 4;
    assert_true(keyed_reserve(&k));
    const char *items = k.items;
    for (uint32_t key = 0; key < KEYS; key++)
        assert_non_null(keyed_make(&k, &key));
    assert_ptr_equal(k.items, items);
    assert_int_equal(((struct record *)keyed_find(&k, &first))->value, 4);
    uint32_t more = KEYS;
    assert_null(keyed_make(&k, &more));
    assert_true(keyed_reserve(&k));
    assert_int_equal(k.count, KEYS);
    keyed_done(&k);
}

// Keys of every size that differ in one byte: none collides, so each byte is in the hash.
static void look_at_every_byte(bool is_trusted)
{
    enum { LONGEST = 28 };
    for (uint32_t size = 1; size <= LONGEST; size++) {
        struct keyed k;
        init(&k, size, LONGEST, is_trusted);
        for (uint32_t byte = 0; byte < size; byte++) {
            uint8_t key[LONGEST] = {0};
            key[byte] = 1;
            assert_memory_equal(keyed_make(&k, key), key, size);
        }
        assert_int_equal(k.count, size);
        for (uint32_t a = 0; a < 2 * k.room; a++)
            for (uint32_t b = 0; b < a; b++)
                assert_true(k.slots[b] == 0 || (k.slots[a] ^ k.slots[b]) >= 2 * k.room);
        keyed_done(&k);
    }
}

static void every_byte_of_a_key_counts(void **state)
{
    (void)state;
    look_at_every_byte(false);
    look_at_every_byte(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_was_made),
        cmocka_unit_test(agrees_with_an_array),
        cmocka_unit_test(what_is_reserved_is_there),
        cmocka_unit_test(every_byte_of_a_key_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
