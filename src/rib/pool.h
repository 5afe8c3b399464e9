// SPDX-License-Identifier: ISC
// Equal items in slabs, named by numbers from 1; 0 is none. Items never move, freed ones are used
// again, and a pool that becomes empty gives all its memory back. Several pools share one budget:
// what would exceed it is refused.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { POOL_SLAB_ITEMS = 1 << 13, POOL_SLABS_MAX = 1 << 12 };

struct pool_budget {
    size_t used, max;  // bytes
};

struct pool {
    size_t item_size;  // bytes, 4 at least: a free item holds the number of the next
    struct pool_budget *budget;
    void **slabs;       // POOL_SLABS_MAX, allocated with the first
    uint32_t reached;   // highest number ever given since the pool was empty
    uint32_t live;      // items in use
    uint32_t free_top;  // 0: none
};

void pool_init(struct pool *pool, size_t item_size, struct pool_budget *budget);
void pool_done(struct pool *pool);

// A zeroed item, or 0 when the budget or memory is out.
uint32_t pool_take(struct pool *pool);
// Zeroes all but the first four bytes, so that a walk over all numbers can tell free ones.
void pool_give(struct pool *pool, uint32_t item);

static inline void *pool_at(const struct pool *pool, uint32_t item)
{
    uint32_t place = item - 1;
    return (char *)pool->slabs[place / POOL_SLAB_ITEMS] + place % POOL_SLAB_ITEMS * pool->item_size;
}
