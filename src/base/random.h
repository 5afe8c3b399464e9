// SPDX-License-Identifier: ISC
// A small seeded generator (SplitMix64; Steele, Lea and Flood (2014)) for jitter, simulation and
// tests: the same seed gives the same numbers on every machine. Not for secrets.
#pragma once

#include <stdint.h>

struct random {
    uint64_t state;
};

// Its finalizer: each bit of the result depends on all of `z`, and no two `z` give the same.
static inline uint64_t random_mix(uint64_t z)
{
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static inline uint64_t random_u64(struct random *r)
{
    return random_mix(r->state += 0x9e3779b97f4a7c15u);
}

// 0 <= result < 1
static inline double random_unit(struct random *r)
{
    return (double)(random_u64(r) >> 11) * 0x1p-53;
}
