// SPDX-License-Identifier: ISC
#include "rib/pool.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void pool_init(struct pool *pool, size_t item_size, struct pool_budget *budget)
{
    assert(item_size >= sizeof(uint32_t));
    *pool = (struct pool){.item_size = item_size, .budget = budget};
}

static size_t slab_bytes(const struct pool *pool)
{
    return pool->item_size * POOL_SLAB_ITEMS;
}

static bool grow(struct pool *pool)
{
    uint32_t slab = pool->reached / POOL_SLAB_ITEMS;
    if (slab == POOL_SLABS_MAX || slab_bytes(pool) > pool->budget->max - pool->budget->used)
        return false;
    if (!pool->slabs && !(pool->slabs = calloc(POOL_SLABS_MAX, sizeof *pool->slabs)))
        return false;
    if (!(pool->slabs[slab] = malloc(slab_bytes(pool))))
        return false;
    pool->budget->used += slab_bytes(pool);
    return true;
}

uint32_t pool_take(struct pool *pool)
{
    uint32_t item = pool->free_top;
    if (item != 0)
        memcpy(&pool->free_top, pool_at(pool, item), sizeof item);
    else if (pool->reached % POOL_SLAB_ITEMS != 0 || grow(pool))
        item = ++pool->reached;
    else
        return 0;
    pool->live++;
    memset(pool_at(pool, item), 0, pool->item_size);
    return item;
}

void pool_done(struct pool *pool)
{
    for (uint32_t at = 0; at < pool->reached; at += POOL_SLAB_ITEMS) {
        free(pool->slabs[at / POOL_SLAB_ITEMS]);
        pool->budget->used -= slab_bytes(pool);
    }
    free(pool->slabs);
    pool_init(pool, pool->item_size, pool->budget);
}

void pool_give(struct pool *pool, uint32_t item)
{
    assert(pool->live > 0 && item != 0 && item <= pool->reached);
    memset(pool_at(pool, item), 0, pool->item_size);
    memcpy(pool_at(pool, item), &pool->free_top, sizeof item);
    pool->free_top = item;
    if (--pool->live == 0)
        pool_done(pool);
}
