// SPDX-License-Identifier: ISC
#include "probe/flow_index.h"

#include <assert.h>

enum { BUCKETS_MIN = 8 };

bool flow_index_init(struct flow_index *index, struct flow *flows, uint32_t capacity,
                     struct region *memory)
{
    uint32_t buckets = BUCKETS_MIN;
    while (buckets < capacity)
        buckets *= 2;
    *index = (struct flow_index){
        .first = region_take(memory, buckets, sizeof index->first[0]),
        .memory = memory,
        .flows = flows,
        .mask = buckets - 1,
        .capacity = capacity,
    };
    if (!index->first)
        return false;
    for (uint32_t i = 0; i < buckets; i++)
        index->first[i] = FLOW_INDEX_NOBODY;
    return true;
}

void flow_index_done(struct flow_index *index)
{
    region_give(index->memory, index->first);
    *index = (struct flow_index){0};
}

static uint32_t *bucket_of(const struct flow_index *index, uint64_t hash)
{
    return &index->first[(uint32_t)hash & index->mask];
}

void flow_index_add(struct flow_index *index, uint32_t id, uint64_t hash)
{
    assert(id < index->capacity);
    uint32_t *first = bucket_of(index, hash);
    index->flows[id].next_of_hash = *first;
    *first = id;
}

void flow_index_remove(struct flow_index *index, uint32_t id, uint64_t hash)
{
    uint32_t *link = bucket_of(index, hash);
    while (*link != FLOW_INDEX_NOBODY && *link != id)
        link = &index->flows[*link].next_of_hash;
    assert(*link == id);
    *link = index->flows[id].next_of_hash;
}

uint32_t flow_index_first(const struct flow_index *index, uint64_t hash)
{
    return *bucket_of(index, hash);
}

uint32_t flow_index_next(const struct flow_index *index, uint32_t id)
{
    return index->flows[id].next_of_hash;
}

void flow_index_fetch(const struct flow_index *index, uint64_t hash)
{
    __builtin_prefetch(bucket_of(index, hash));
}
