// SPDX-License-Identifier: ISC
// From a hash to numbers: an open-addressing table of buckets, each one cache line of twelve. It
// knows a byte of each hash; whether a number is the one that is sought, its owner must see.
//
// A bucket that is full sends what comes to the next, and counts it: so a search knows where to
// end, and what leaves leaves nothing behind.
#pragma once

#include "base/fetch.h"
#include "rib/budget.h"

#include <stdbool.h>
#include <string.h>

enum { INDEX_SLOTS = 12 };
#define INDEX_NONE UINT32_MAX

struct index_bucket {
    uint8_t tags[INDEX_SLOTS];  // 0: empty
    uint32_t passed;            // numbers in later buckets whose search begins here or before
    uint32_t items[INDEX_SLOTS];
};

struct index {
    struct budget *budget;
    struct index_bucket *buckets;
    uint32_t bucket_count, live;
    const struct index_owner *owner;
};

struct index_owner {  // what it does with items that are in the table
    uint64_t (*hash_of)(const void *owner, uint32_t item);
    const void *(*record_of)(const void *owner, uint32_t item);  // where it reads for that
};

void index_init(struct index *index, struct budget *budget, const struct index_owner *owner);
void index_done(struct index *index);

// False when the budget or memory is out. `item` must not be there, nor be INDEX_NONE.
bool index_add(struct index *index, const void *owner, uint64_t hash, uint32_t item);
// Takes away what is there; a table that has become small gives memory back.
void index_remove(struct index *index, const void *owner, uint64_t hash, uint32_t item);

static inline uint8_t index_tag(uint64_t hash)
{
    uint8_t top = (uint8_t)(hash >> 56);
    return top > 0 ? top : 1;
}

static inline uint32_t index_home(const struct index *index, uint64_t hash)
{
    return (uint32_t)((hash & UINT32_MAX) * index->bucket_count >> 32);
}

static inline uint32_t index_after(const struct index *index, uint32_t bucket)
{
    return bucket + 1 == index->bucket_count ? 0 : bucket + 1;
}

static inline void index_prefetch(const struct index *index, uint64_t hash)
{
    if (index->bucket_count > 0)
        fetch_to_read(&index->buckets[index_home(index, hash)]);
}

// Bit 8 n + 7 is set where byte n of the word is the tag, and no other (Mycroft's trick, the form
// that knows no false alarms: a wrong one would read an item that is not there).
static inline uint64_t index_equal_bytes(uint64_t word, uint8_t tag)
{
    const uint64_t low = 0x7f7f7f7f7f7f7f7f;
    uint64_t x = word ^ tag * UINT64_C(0x0101010101010101);
    return ~(((x & low) + low) | x | low);
}

// Bit n is set where slot n of the bucket has the tag.
static inline uint32_t index_slots(const struct index_bucket *bucket, uint8_t tag)
{
    enum { FIRST = sizeof(uint64_t) };
    uint64_t first = 0, last = 0;
    memcpy(&first, bucket->tags, FIRST);
    memcpy(&last, bucket->tags + FIRST, INDEX_SLOTS - FIRST);
    // Gathers the top bit of each byte into one byte.
    const uint64_t gather = 0x0102040810204080;
    uint64_t low = index_equal_bytes(first, tag) >> 7, high = index_equal_bytes(last, tag) >> 7;
    uint32_t high_slots = (uint32_t)(high * gather >> 56) & 0xf;
    return (uint32_t)(low * gather >> 56) | high_slots << FIRST;
}

// The item that `is_sought` says is the one; INDEX_NONE. Inlined, with what it calls.
static inline uint32_t index_find(const struct index *index, uint64_t hash,
                                  bool (*is_sought)(const void *owner, uint32_t item,
                                                    const void *sought),
                                  const void *owner, const void *sought)
{
    uint8_t tag = index_tag(hash);
    uint32_t at = index_home(index, hash);
    for (uint32_t left = index->bucket_count; left > 0; left--, at = index_after(index, at)) {
        const struct index_bucket *bucket = &index->buckets[at];
        for (uint32_t slots = index_slots(bucket, tag); slots != 0; slots &= slots - 1) {
            uint32_t item = bucket->items[__builtin_ctz(slots)];
            if (is_sought(owner, item, sought))
                return item;
        }
        if (bucket->passed == 0)
            break;
    }
    return INDEX_NONE;
}
