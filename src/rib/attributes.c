// SPDX-License-Identifier: ISC
#include "rib/attributes.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS_MIN = 1 << 10 };

struct attributes_entry {
    struct rib_attributes values;  // first: a kept set is its entry
    struct attributes_entry *next;
    uint64_t hash;
    uint32_t users;
    uint8_t as_path[];
};

void attributes_init(struct attributes *all, struct pool_budget *budget, uint64_t seed)
{
    *all = (struct attributes){.budget = budget, .seed = seed};
}

void attributes_done(struct attributes *all)
{
    for (size_t i = 0; i < all->bucket_count; i++) {
        for (struct attributes_entry *entry = all->buckets[i], *next; entry; entry = next) {
            next = entry->next;
            free(entry);
        }
    }
    free(all->buckets);
    attributes_init(all, all->budget, all->seed);
}

// The finisher of SplitMix64 (Steele, Lea and Flood (2014)) over one word more.
static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) + 0x9e3779b97f4a7c15u;
    hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9u;
    hash = (hash ^ hash >> 27) * 0x94d049bb133111ebu;
    return hash ^ hash >> 31;
}

static uint64_t mix_bytes(uint64_t hash, const uint8_t *bytes, size_t size)
{
    for (size_t at = 0; at < size; at += sizeof hash) {
        uint64_t word = 0;
        memcpy(&word, bytes + at, size - at < sizeof word ? size - at : sizeof word);
        hash = mix(hash, word);
    }
    return mix(hash, size);
}

static uint64_t hash_of(const struct attributes *all, const struct rib_attributes *a)
{
    uint64_t hash = mix(all->seed, (uint64_t)a->local_pref << 32 | a->med);
    hash = mix(hash, (uint64_t)a->originator_id << 32 | (uint64_t)a->cluster_count << 16 |
                         (uint64_t)a->origin << 8 | (uint64_t)a->marked);
    hash = mix(hash, a->next_hop.family);
    hash = mix_bytes(hash, a->next_hop.bytes, sizeof a->next_hop.bytes);
    return mix_bytes(hash, a->as_path, a->as_path_size);
}

static bool same(const struct rib_attributes *a, const struct rib_attributes *b)
{
    return a->local_pref == b->local_pref && a->med == b->med &&
           a->originator_id == b->originator_id && a->cluster_count == b->cluster_count &&
           a->origin == b->origin && a->marked == b->marked &&
           address_equal(a->next_hop, b->next_hop) && a->as_path_size == b->as_path_size &&
           (a->as_path_size == 0 || memcmp(a->as_path, b->as_path, a->as_path_size) == 0);
}

static size_t entry_bytes(const struct rib_attributes *values)
{
    enum { MALLOC_OVERHEAD = 16 };
    return sizeof(struct attributes_entry) + values->as_path_size + MALLOC_OVERHEAD;
}

// Doubles the buckets once there are as many sets as buckets. Without memory it goes on, slower.
static void make_room(struct attributes *all)
{
    size_t count = all->bucket_count ? all->bucket_count * 2 : BUCKETS_MIN;
    size_t more = (count - all->bucket_count) * sizeof(void *);
    if (all->live < all->bucket_count || more > all->budget->max - all->budget->used)
        return;
    struct attributes_entry **buckets = calloc(count, sizeof *buckets);
    if (!buckets)
        return;
    for (size_t i = 0; i < all->bucket_count; i++) {
        for (struct attributes_entry *entry = all->buckets[i], *next; entry; entry = next) {
            next = entry->next;
            entry->next = buckets[entry->hash % count];
            buckets[entry->hash % count] = entry;
        }
    }
    free(all->buckets);
    all->buckets = buckets;
    all->bucket_count = count;
    all->budget->used += more;
}

static struct attributes_entry *entry_new(struct attributes *all, const struct rib_attributes *like)
{
    size_t bytes = entry_bytes(like);
    if (bytes > all->budget->max - all->budget->used)
        return NULL;
    struct attributes_entry *entry = malloc(sizeof *entry + like->as_path_size);
    if (!entry)
        return NULL;
    *entry = (struct attributes_entry){.values = *like};
    if (like->as_path_size > 0)
        memcpy(entry->as_path, like->as_path, like->as_path_size);
    entry->values.as_path = entry->as_path;
    all->budget->used += bytes;
    all->live++;
    return entry;
}

const struct rib_attributes *attributes_take(struct attributes *all,
                                             const struct rib_attributes *like)
{
    make_room(all);
    if (all->bucket_count == 0)
        return NULL;
    uint64_t hash = hash_of(all, like);
    struct attributes_entry **bucket = &all->buckets[hash % all->bucket_count];
    struct attributes_entry *entry = *bucket;
    while (entry && (entry->hash != hash || !same(&entry->values, like)))
        entry = entry->next;
    if (!entry) {
        if (!(entry = entry_new(all, like)))
            return NULL;
        entry->hash = hash;
        entry->next = *bucket;
        *bucket = entry;
    }
    entry->users++;
    return &entry->values;
}

void attributes_give(struct attributes *all, const struct rib_attributes *kept)
{
    struct attributes_entry *entry = (struct attributes_entry *)kept;
    assert(entry->users > 0);
    if (--entry->users > 0)
        return;
    struct attributes_entry **link = &all->buckets[entry->hash % all->bucket_count];
    while (*link != entry)
        link = &(*link)->next;
    *link = entry->next;
    all->budget->used -= entry_bytes(kept);
    all->live--;
    free(entry);
}
