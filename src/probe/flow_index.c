// SPDX-License-Identifier: ISC
#include "probe/flow_index.h"

#include <assert.h>
#include <stdlib.h>

enum { BUCKETS_MIN = 8 };

bool flow_index_init(struct flow_index *index, uint32_t capacity)
{
    uint32_t buckets = BUCKETS_MIN;
    while (buckets < capacity)
        buckets *= 2;
    *index = (struct flow_index){
        .first = malloc(buckets * sizeof index->first[0]),
        .next = malloc(((size_t)capacity + 1) * sizeof index->next[0]),
        .mask = buckets - 1,
        .capacity = capacity,
    };
    if (!index->first || !index->next) {
        flow_index_done(index);
        return false;
    }
    for (uint32_t i = 0; i < buckets; i++)
        index->first[i] = FLOW_INDEX_NOBODY;
    return true;
}

void flow_index_done(struct flow_index *index)
{
    free(index->first);
    free(index->next);
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
    index->next[id] = *first;
    *first = id;
}

void flow_index_remove(struct flow_index *index, uint32_t id, uint64_t hash)
{
    uint32_t *link = bucket_of(index, hash);
    while (*link != FLOW_INDEX_NOBODY && *link != id)
        link = &index->next[*link];
    assert(*link == id);
    *link = index->next[id];
}

uint32_t flow_index_first(const struct flow_index *index, uint64_t hash)
{
    return *bucket_of(index, hash);
}

uint32_t flow_index_next(const struct flow_index *index, uint32_t id)
{
    return index->next[id];
}

void flow_index_fetch(const struct flow_index *index, uint64_t hash)
{
    __builtin_prefetch(bucket_of(index, hash));
}
