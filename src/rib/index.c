// SPDX-License-Identifier: ISC
#include "rib/index.h"

#include "base/fetch.h"

#include <assert.h>

enum {
    BUCKETS_MIN = 8,
    LOAD_MAX = 10,   // of INDEX_SLOTS: above it, every eighth bucket and more would be full
    LOAD_MOST = 11,  // so far it goes, slower, when there is no memory for a larger table
    LOAD_MIN = 2,    // below it the table shrinks
    EMPTY = 0,       // the tag of a slot that is
    AHEAD = 2,       // buckets
};

static_assert(sizeof(struct index_bucket) == 64, "a bucket is a cache line");

void index_init(struct index *index, struct budget *budget, const struct index_owner *owner)
{
    *index = (struct index){.budget = budget, .owner = owner};
}

static size_t bytes_of(uint32_t bucket_count)
{
    return bucket_count * sizeof(struct index_bucket);
}

void index_done(struct index *index)
{
    budget_give(index->budget, index->buckets, bytes_of(index->bucket_count));
    index_init(index, index->budget, index->owner);
}

static void put(struct index *index, uint64_t hash, uint32_t item)
{
    uint32_t at = index_home(index, hash), empty;
    while ((empty = index_slots(&index->buckets[at], EMPTY)) == 0) {
        index->buckets[at].passed++;
        at = index_after(index, at);
    }
    uint32_t slot = (uint32_t)__builtin_ctz(empty);
    index->buckets[at].tags[slot] = index_tag(hash);
    index->buckets[at].items[slot] = item;
}

static void fetch_records(const struct index *index, const void *owner, uint32_t at)
{
    const struct index_bucket *bucket = &index->buckets[at];
    for (uint32_t slot = 0; at < index->bucket_count && slot < INDEX_SLOTS; slot++) {
        if (bucket->tags[slot] != EMPTY)
            fetch_to_read(index->owner->record_of(owner, bucket->items[slot]));
    }
}

// Moves everything into a table of another size. The order of the buckets is that of the hashes in
// both, so that reading and writing go side by side; only the owner's records are all over, and are
// fetched ahead.
static bool resize(struct index *index, const void *owner, uint32_t bucket_count)
{
    struct index before = *index;
    struct index_bucket *buckets = budget_take_lines(index->budget, bytes_of(bucket_count));
    if (!buckets)
        return false;
    index->buckets = buckets;
    index->bucket_count = bucket_count;
    for (uint32_t at = 0; at < before.bucket_count; at++) {
        const struct index_bucket *bucket = &before.buckets[at];
        fetch_records(&before, owner, at + AHEAD);
        for (uint32_t slot = 0; slot < INDEX_SLOTS; slot++) {
            if (bucket->tags[slot] != EMPTY)
                put(index, index->owner->hash_of(owner, bucket->items[slot]), bucket->items[slot]);
        }
    }
    budget_give(index->budget, before.buckets, bytes_of(before.bucket_count));
    return true;
}

static bool is_above(const struct index *index, uint32_t load)
{
    return index->live >= (uint64_t)index->bucket_count * load;
}

bool index_add(struct index *index, const void *owner, uint64_t hash, uint32_t item)
{
    assert(item != INDEX_NONE);
    uint32_t more = index->bucket_count > 0 ? index->bucket_count * 2 : BUCKETS_MIN;
    uint32_t most = index->budget->is_guest ? LOAD_MAX : LOAD_MOST;
    if (is_above(index, LOAD_MAX) && !resize(index, owner, more) && is_above(index, most))
        return false;
    put(index, hash, item);
    index->live++;
    return true;
}

// Where the item is, from its home on; those passed by count one fewer when it is taken out.
static void take_out(struct index *index, uint64_t hash, uint32_t item)
{
    for (uint32_t at = index_home(index, hash);; at = index_after(index, at)) {
        struct index_bucket *bucket = &index->buckets[at];
        for (uint32_t slots = index_slots(bucket, index_tag(hash)); slots; slots &= slots - 1) {
            uint32_t slot = (uint32_t)__builtin_ctz(slots);
            if (bucket->items[slot] != item)
                continue;
            bucket->tags[slot] = EMPTY;
            return;
        }
        assert(bucket->passed > 0);
        bucket->passed--;
    }
}

void index_remove(struct index *index, const void *owner, uint64_t hash, uint32_t item)
{
    assert(index->live > 0);
    take_out(index, hash, item);
    if (--index->live == 0)
        index_done(index);
    else if (index->bucket_count > BUCKETS_MIN && !is_above(index, LOAD_MIN))
        (void)resize(index, owner, index->bucket_count / 2);  // without memory it stays large
}
