// SPDX-License-Identifier: ISC
// Recorded attributes, each kept once: the routes of a table share them by tens.
#pragma once

#include "base/siphash.h"
#include "feed/attributes.h"

#define FEED_NO_SET UINT32_MAX

struct feed_set {
    struct feed_octets octets;
    uint64_t hash;
    uint32_t uses;
};

struct feed_chunk;

struct feed_sets {
    struct siphash_key key;  // random: strangers write archives
    struct feed_set *sets;
    uint32_t count, capacity;  // capacity: a power of two
    uint32_t *slots;           // a hash table, twice as many: index into `sets` plus 1; 0: free
    struct feed_chunk *chunk;  // what holds the octets; the newest, which knows the one before
};

void feed_sets_init(struct feed_sets *sets, struct siphash_key key);
void feed_sets_done(struct feed_sets *sets);

// The index of these octets, copied when they are new, with one use more. FEED_NO_SET: no memory.
uint32_t feed_sets_take(struct feed_sets *sets, const struct feed_octets *octets);
