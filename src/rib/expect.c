// SPDX-License-Identifier: ISC
// Memory fetched for several questions at once: what each of them reads depends on what it read
// before, so that one alone waits four times, but all of them wait together. Each round touches
// what the last one fetched. A guess that is wrong fetches in vain and does no harm.
#include "rib/table.h"

#include "base/fetch.h"

#include <assert.h>

struct round {
    const struct rib *rib;
    const struct prefix *prefixes;
    size_t count;
    uint64_t hashes[RIB_BATCH_MAX];
    uint32_t ids[RIB_BATCH_MAX];  // guesses
};

static const struct prefixes *prefixes_of(const struct round *r, size_t i)
{
    return &r->rib->prefixes[r->prefixes[i].address.family];
}

static void expect_buckets(struct round *r)
{
    for (size_t i = 0; i < r->count; i++) {
        struct prefix_key key = prefix_key(&r->prefixes[i]);
        r->hashes[i] = prefixes_hash(prefixes_of(r, i), &key);
        index_prefetch(&prefixes_of(r, i)->index, r->hashes[i]);
    }
}

static void expect_ids(struct round *r)
{
    for (size_t i = 0; i < r->count; i++)
        r->ids[i] = prefixes_guess(prefixes_of(r, i), r->hashes[i]);
}

static void expect_set(const struct rib *rib, uint32_t attributes)
{
    enum { LINE = 64 };  // bytes: with a path of a dozen ASes it lies in two
    const char *set = (const char *)interner_at(&rib->attributes.sets, attributes);
    fetch_to_read(set);
    fetch_to_read(set + LINE);
}

static void expect_slot(const struct rib *rib, const struct chunk *chunk, uint32_t id)
{
    (void)rib;
    uint32_t slot = id % SEGMENT_SIZE;
    bool has_places = chunk->capacity == SEGMENT_SIZE;
    fetch_to_read(&chunk->words[has_places ? slot : slot / 32]);
    if (has_places && chunk->has_ids)
        fetch_to_read(&chunk->words[SEGMENT_SIZE + slot]);
}

static void expect_paths(const struct rib *rib, const struct chunk *chunk, uint32_t id)
{
    uint32_t value = chunk_slot(chunk, id % SEGMENT_SIZE).value;
    if (value & SLOT_GROUP)
        fetch_to_read(group_at(&rib->slabs, value));
    else if (value != 0)
        expect_set(rib, value);
}

static void expect_sets(const struct rib *rib, const struct chunk *chunk, uint32_t id)
{
    uint32_t value = chunk_slot(chunk, id % SEGMENT_SIZE).value;
    if (!(value & SLOT_GROUP))
        return;
    const struct group *group = group_at(&rib->slabs, value);
    for (uint32_t at = 0; at < group->count; at++)
        expect_set(rib, group->paths[at].attributes);
}

// For each prefix what each session has of it.
static void each_chunk(const struct round *r,
                       void (*expect)(const struct rib *rib, const struct chunk *chunk,
                                      uint32_t id))
{
    const struct rib_view *live = &r->rib->live;
    for (uint32_t peer = 0; peer < NET_ROUTERS_MAX; peer++) {
        struct column *const *columns = live->peers[peer].columns;
        if (!columns[FAMILY_IPV4] && !columns[FAMILY_IPV6])
            continue;
        for (size_t i = 0; i < r->count; i++) {
            const struct column *column = columns[r->prefixes[i].address.family];
            const struct chunk *chunk = column_chunk(column, r->ids[i] >> SEGMENT_BITS);
            if (chunk)
                expect(r->rib, chunk, r->ids[i]);
        }
    }
}

void rib_expect(const struct rib *rib, const struct prefix *prefixes, size_t count)
{
    struct round r = {.rib = rib, .prefixes = prefixes, .count = count};
    assert(count <= RIB_BATCH_MAX);
    expect_buckets(&r);
    expect_ids(&r);
    each_chunk(&r, expect_slot);
    each_chunk(&r, expect_paths);
    each_chunk(&r, expect_sets);
}
