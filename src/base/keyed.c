// SPDX-License-Identifier: ISC
#include "base/keyed.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM_MIN = 16 };

void keyed_init(struct keyed *keyed, size_t item_size, size_t key_size, uint32_t max,
                struct siphash_key hash_key)
{
    assert(key_size <= item_size && max <= UINT32_MAX / 4);
    *keyed = (struct keyed){
        .item_size = item_size, .key_size = key_size, .max = max, .hash_key = hash_key};
}

void keyed_done(struct keyed *keyed)
{
    free(keyed->items);
    free(keyed->slots);
    keyed_init(keyed, keyed->item_size, keyed->key_size, keyed->max, keyed->hash_key);
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

static uint32_t home_of(const struct keyed *keyed, const void *key)
{
    return (uint32_t)(siphash(keyed->hash_key, key, keyed->key_size) % slot_count(keyed));
}

static uint32_t after(const struct keyed *keyed, uint32_t slot)
{
    return slot + 1 == slot_count(keyed) ? 0 : slot + 1;
}

// The slot that holds the key, or the empty one where it belongs.
static uint32_t slot_of(const struct keyed *keyed, const void *key)
{
    uint32_t slot = home_of(keyed, key);
    while (keyed->slots[slot] != 0 &&
           memcmp(keyed_at(keyed, keyed->slots[slot] - 1), key, keyed->key_size) != 0)
        slot = after(keyed, slot);
    return slot;
}

void *keyed_find(const struct keyed *keyed, const void *key)
{
    if (keyed->count == 0)
        return NULL;
    uint32_t slot = slot_of(keyed, key);
    return keyed->slots[slot] != 0 ? keyed_at(keyed, keyed->slots[slot] - 1) : NULL;
}

static bool grow(struct keyed *keyed)
{
    uint32_t room = keyed->room ? keyed->room * 2 : ROOM_MIN;
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
        slots[slot_of(keyed, keyed_at(keyed, place))] = place + 1;
    return true;
}

void *keyed_make(struct keyed *keyed, const void *key)
{
    void *item = keyed_find(keyed, key);
    if (item)
        return item;
    if (keyed->count == keyed->max || (keyed->count == keyed->room && !grow(keyed)))
        return NULL;
    uint32_t slot = slot_of(keyed, key);
    item = keyed_at(keyed, keyed->count);
    memcpy(item, key, keyed->key_size);
    memset((char *)item + keyed->key_size, 0, keyed->item_size - keyed->key_size);
    keyed->slots[slot] = ++keyed->count;
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
        uint32_t home = home_of(keyed, keyed_at(keyed, keyed->slots[slot] - 1));
        if (is_between(after(keyed, hole), home, after(keyed, slot)))
            continue;
        keyed->slots[hole] = keyed->slots[slot];
        hole = slot;
    }
    keyed->slots[hole] = 0;
}

void keyed_drop(struct keyed *keyed, void *item)
{
    empty_slot(keyed, slot_of(keyed, item));
    char *last = keyed_at(keyed, keyed->count - 1);
    if (last != item) {
        uint32_t slot = slot_of(keyed, last);
        memcpy(item, last, keyed->item_size);
        keyed->slots[slot] =
            (uint32_t)(((char *)item - keyed->items) / (ptrdiff_t)keyed->item_size) + 1;
    }
    keyed->count--;
}
