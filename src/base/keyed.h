// SPDX-License-Identifier: ISC
// Records found by their key: each begins with it. They stand side by side, 0 to count - 1, so that
// walking over them is walking over an array; what goes leaves its place to the last. Bounded.
#pragma once

#include "base/siphash.h"

#include <stdbool.h>

struct keyed {
    size_t item_size, key_size;  // bytes; padding in a key counts, so have none
    uint32_t count, max, room;
    char *items;
    uint32_t *slots;  // twice `room`, open addressing; 0: empty
    struct siphash_key hash_key;
    bool is_trusted;  // keys are hashed without it
};

// Takes no memory yet. The secret, which is not all zero, keeps strangers from making records
// collide.
void keyed_init(struct keyed *keyed, size_t item_size, size_t key_size, uint32_t max,
                struct siphash_key hash_key);
// The same, hashed by less work, for keys that no stranger can choose.
void keyed_init_trusted(struct keyed *keyed, size_t item_size, size_t key_size, uint32_t max);
// Takes the memory for `max`, so that keyed_make() takes none later; false: it is out.
bool keyed_reserve(struct keyed *keyed);
void keyed_done(struct keyed *keyed);   // empty, its memory given back; usable as after init
void keyed_clear(struct keyed *keyed);  // empty

// Pointers are good until the next make or drop. NULL: there is none.
void *keyed_find(const struct keyed *keyed, const void *key);
// Fetches where keyed_find() and keyed_make() will look, for who asks for several.
void keyed_expect(const struct keyed *keyed, const void *key);
// The one with this key, made when there is none, zeroed behind its key. NULL: `max`, or no memory.
void *keyed_make(struct keyed *keyed, const void *key);
void keyed_drop(struct keyed *keyed, void *item);

static inline void *keyed_at(const struct keyed *keyed, uint32_t place)
{
    return keyed->items + place * keyed->item_size;
}
