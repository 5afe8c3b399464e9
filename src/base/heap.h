// SPDX-License-Identifier: ISC
// A queue of ids by key, smallest first: "which of these is due next". Each id is in it at most
// once and can be moved. Equal keys leave in the order in which they came, so nobody starves. Room
// for all ids is allocated once; nothing allocates after.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct heap_item {
    int64_t key;
    uint64_t order;  // of insertion
    uint32_t id;
};

struct heap {
    struct heap_item *items;
    uint32_t *place;  // of each id, from 1; 0: not in it
    uint32_t count, capacity;
    uint64_t inserted;
};

// For ids 0 .. capacity-1. False without memory.
bool heap_init(struct heap *heap, uint32_t capacity);
void heap_done(struct heap *heap);

// Inserts the id, or moves it behind all that have the same key.
void heap_set(struct heap *heap, uint32_t id, int64_t key);
void heap_remove(struct heap *heap, uint32_t id);  // an absent one is fine
// The first, borrowed until the heap changes; NULL when it is empty.
const struct heap_item *heap_first(const struct heap *heap);
