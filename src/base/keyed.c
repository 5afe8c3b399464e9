// SPDX-License-Identifier: ISC
#include "base/keyed.h"

#include "base/fetch.h"
#include "base/wordhash.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM_MIN = 16 };

void keyed_init(struct keyed *keyed, size_t item_size, size_t key_size, uint32_t max,
                struct siphash_key hash_key)
{
    assert(hash_key.low != 0 || hash_key.high != 0);  // forgotten, or read from nowhere
    keyed_init_trusted(keyed, item_size, key_size, max);
    keyed->hash_key = hash_key;
    keyed->is_trusted = false;
}

void keyed_init_trusted(struct keyed *keyed, size_t item_size, size_t key_size, uint32_t max)
{
    assert(key_size <= item_size && max <= UINT32_MAX / 4);
    *keyed = (struct keyed){
        .item_size = item_size, .key_size = key_size, .max = max, .is_trusted = true};
}

void keyed_done(struct keyed *keyed)
{
    free(keyed->items);
    free(keyed->slots);
    keyed->items = NULL;
    keyed->slots = NULL;
    keyed->count = keyed->room = 0;
}

static uint32_t slot_count(const struct keyed *keyed)
{
    return keyed->room * 2;
}

void keyed_clear(struct keyed *keyed)
{
    keyed->count = 0;
    if (keyed->slots)
        memset(keyed->slots, 0, slot_count(keyed) * sizeof *keyed->slots);
}

// A slot is the place of its item + 1 in the lower bits, and in those that `room` leaves over bits
// of the hash: so that hardly another's item is fetched from memory to be compared.
static uint32_t place_mask(const struct keyed *keyed)
{
    return slot_count(keyed) - 1;
}

struct sought {
    uint32_t slot;  // that holds the key, or the empty one where it belongs
    uint32_t mark;  // the bits of its hash
};

static uint32_t home_of(const struct keyed *keyed, uint64_t hash)
{
    return (uint32_t)hash & (slot_count(keyed) - 1);
}

static uint32_t after(const struct keyed *keyed, uint32_t slot)
{
    return (slot + 1) & (slot_count(keyed) - 1);
}

enum { WORD = sizeof(uint64_t) };

static uint64_t last_word(const char *key, size_t size)
{
    uint64_t word = 0;
    memcpy(&word, key, size);
    return word;
}

static uint64_t word_at(const char *key)
{
    uint64_t word;
    memcpy(&word, key, sizeof word);
    return word;
}

static uint64_t mix_of(const char *key, size_t size)
{
    uint64_t hash = 0;
    for (; size > WORD; size -= WORD, key += WORD)
        hash = wordhash_mix(hash, word_at(key));
    return wordhash_mix(hash, last_word(key, size));
}

static uint64_t secret_hash_of(struct siphash_key secret, const char *key, size_t size)
{
    struct wordhash h = wordhash_begin(secret);
    for (; size > WORD; size -= WORD, key += WORD)
        wordhash_add(&h, word_at(key));
    wordhash_add(&h, last_word(key, size));
    return wordhash_end(h);
}

// All keys of a table are of one size.
static uint64_t hash_of(const struct keyed *keyed, const void *key)
{
    if (keyed->is_trusted)
        return mix_of(key, keyed->key_size);
    return secret_hash_of(keyed->hash_key, key, keyed->key_size);
}

static void *item_in(const struct keyed *keyed, uint32_t slot)
{
    return keyed_at(keyed, (keyed->slots[slot] & place_mask(keyed)) - 1);
}

static void fill_slot(struct keyed *keyed, struct sought sought, uint32_t place)
{
    keyed->slots[sought.slot] = sought.mark | (place + 1);
}

static struct sought seek(const struct keyed *keyed, const void *key)
{
    uint64_t hash = hash_of(keyed, key);
    struct sought s = {home_of(keyed, hash), (uint32_t)(hash >> 32) & ~place_mask(keyed)};
    while (keyed->slots[s.slot] != 0 && ((keyed->slots[s.slot] & ~place_mask(keyed)) != s.mark ||
                                         memcmp(item_in(keyed, s.slot), key, keyed->key_size) != 0))
        s.slot = after(keyed, s.slot);
    return s;
}

void *keyed_find(const struct keyed *keyed, const void *key)
{
    if (keyed->count == 0)
        return NULL;
    uint32_t slot = seek(keyed, key).slot;
    return keyed->slots[slot] != 0 ? item_in(keyed, slot) : NULL;
}

void keyed_expect(const struct keyed *keyed, const void *key)
{
    if (keyed->room > 0)
        fetch_to_write(&keyed->slots[home_of(keyed, hash_of(keyed, key))]);
}

static bool make_room(struct keyed *keyed, uint32_t room)
{
    uint32_t *slots = calloc((size_t)room * 2, sizeof *slots);
    char *items = slots ? realloc(keyed->items, room * keyed->item_size) : NULL;
    if (!items) {
        free(slots);
        return false;
    }
    free(keyed->slots);
    keyed->slots = slots;
    keyed->items = items;
    keyed->room = room;
    for (uint32_t place = 0; place < keyed->count; place++)
        fill_slot(keyed, seek(keyed, keyed_at(keyed, place)), place);
    return true;
}

static bool grow(struct keyed *keyed)
{
    return make_room(keyed, keyed->room ? keyed->room * 2 : ROOM_MIN);
}

bool keyed_reserve(struct keyed *keyed)
{
    uint32_t room = ROOM_MIN;
    while (room < keyed->max)
        room *= 2;
    if (room > keyed->room && !make_room(keyed, room))
        return false;
    // Written to, or the kernel has only promised it.
    memset(keyed_at(keyed, keyed->count), 0, (keyed->room - keyed->count) * keyed->item_size);
    return true;
}

void *keyed_make(struct keyed *keyed, const void *key)
{
    struct sought sought = {0};
    if (keyed->room > 0) {
        sought = seek(keyed, key);
        if (keyed->slots[sought.slot] != 0)
            return item_in(keyed, sought.slot);
    }
    if (keyed->count == keyed->max)
        return NULL;
    if (keyed->count == keyed->room) {
        if (!grow(keyed))
            return NULL;
        sought = seek(keyed, key);
    }
    fill_slot(keyed, sought, keyed->count);
    void *item = keyed_at(keyed, keyed->count++);
    memcpy(item, key, keyed->key_size);
    memset((char *)item + keyed->key_size, 0, keyed->item_size - keyed->key_size);
    return item;
}

// Whether `slot` lies in the half-open ring from `first` to `last`.
static bool is_between(uint32_t first, uint32_t slot, uint32_t last)
{
    return first <= last ? first <= slot && slot < last : first <= slot || slot < last;
}

// Empties a slot and moves up what had to pass it.
static void empty_slot(struct keyed *keyed, uint32_t hole)
{
    for (uint32_t slot = after(keyed, hole); keyed->slots[slot] != 0; slot = after(keyed, slot)) {
        uint32_t home = home_of(keyed, hash_of(keyed, item_in(keyed, slot)));
        if (is_between(after(keyed, hole), home, after(keyed, slot)))
            continue;
        keyed->slots[hole] = keyed->slots[slot];
        hole = slot;
    }
    keyed->slots[hole] = 0;
}

void keyed_drop(struct keyed *keyed, void *item)
{
    empty_slot(keyed, seek(keyed, item).slot);
    char *last = keyed_at(keyed, keyed->count - 1);
    if (last != item) {
        struct sought sought = seek(keyed, last);
        memcpy(item, last, keyed->item_size);
        fill_slot(keyed, sought,
                  (uint32_t)(((char *)item - keyed->items) / (ptrdiff_t)keyed->item_size));
    }
    keyed->count--;
}
