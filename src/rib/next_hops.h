// SPDX-License-Identifier: ISC
// The next hops of all paths, each once, as small numbers: a table has few.
#pragma once

#include "base/prefix.h"
#include "base/siphash.h"
#include "rib/index.h"

enum { NEXT_HOPS_MAX = UINT16_MAX };  // numbers below it
enum { NEXT_HOP_NONE = NEXT_HOPS_MAX };

struct next_hop {
    struct address address, link_local;  // link_local: RFC 2545, or FAMILY_NONE
};

struct next_hop_entry;

struct next_hops {
    struct budget *budget;
    struct siphash_key secret;
    struct next_hop_entry *entries;
    uint32_t count, capacity, unused;  // the highest ever given; a chain through the free, from 1
    uint32_t latest;                   // as last taken: most often the one that comes next
    struct index index;
};

void next_hops_init(struct next_hops *all, struct budget *budget, struct siphash_key secret);
void next_hops_done(struct next_hops *all);

// Its number, one user more; NEXT_HOP_NONE: all numbers are in use. False: the budget or memory is
// out.
bool next_hops_take(struct next_hops *all, const struct next_hop *next_hop, uint32_t *number);
void next_hops_give(struct next_hops *all, uint32_t number);
const struct next_hop *next_hops_at(const struct next_hops *all, uint32_t number);
