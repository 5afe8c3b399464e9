// SPDX-License-Identifier: ISC
// SipHash-1-3 over 64-bit words: as unforeseeable to strangers as a hash table needs, at a third of
// the cost of SipHash-2-4. What is hashed with one key must differ in a word or in how many there
// are; then the sum is SipHash-1-3's of the words in little-endian order, the caller's last word
// standing for the length.
#pragma once

#include "base/siphash.h"

// A cheap hash for what no stranger chooses: every bit of every word reaches the lower half. Begins
// with 0.
static inline uint64_t wordhash_mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 32;
}

struct wordhash {
    uint64_t v0, v1, v2, v3;
};

static inline uint64_t wordhash_rotate(uint64_t value, unsigned bits)
{
    return value << bits | value >> (64 - bits);
}

static inline struct wordhash wordhash_round(struct wordhash h)
{
    h.v0 += h.v1;
    h.v1 = wordhash_rotate(h.v1, 13) ^ h.v0;
    h.v0 = wordhash_rotate(h.v0, 32);
    h.v2 += h.v3;
    h.v3 = wordhash_rotate(h.v3, 16) ^ h.v2;
    h.v0 += h.v3;
    h.v3 = wordhash_rotate(h.v3, 21) ^ h.v0;
    h.v2 += h.v1;
    h.v1 = wordhash_rotate(h.v1, 17) ^ h.v2;
    h.v2 = wordhash_rotate(h.v2, 32);
    return h;
}

static inline struct wordhash wordhash_begin(struct siphash_key key)
{
    return (struct wordhash){
        .v0 = key.low ^ 0x736f6d6570736575u,
        .v1 = key.high ^ 0x646f72616e646f6du,
        .v2 = key.low ^ 0x6c7967656e657261u,
        .v3 = key.high ^ 0x7465646279746573u,
    };
}

static inline void wordhash_add(struct wordhash *h, uint64_t word)
{
    h->v3 ^= word;
    *h = wordhash_round(*h);
    h->v0 ^= word;
}

static inline uint64_t wordhash_end(struct wordhash h)
{
    h.v2 ^= 0xff;
    h = wordhash_round(wordhash_round(wordhash_round(h)));
    return h.v0 ^ h.v1 ^ h.v2 ^ h.v3;
}
