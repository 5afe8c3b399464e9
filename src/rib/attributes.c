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

void attributes_init(struct attributes *all, struct pool_budget *budget, struct siphash_key key)
{
    *all = (struct attributes){.budget = budget, .key = key};
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
    attributes_init(all, all->budget, all->key);
}

// Keyed: paths come from strangers, who must not be able to aim at one bucket.
static uint64_t hash_of(const struct attributes *all, const struct rib_attributes *a)
{
    const uint64_t words[] = {
        siphash(all->key, a->as_path, a->as_path_size),
        siphash(all->key, a->next_hop.bytes, sizeof a->next_hop.bytes),
        (uint64_t)a->local_pref << 32 | a->med,
        (uint64_t)a->originator_id << 32 | (uint64_t)a->cluster_count << 16 |
            (uint64_t)a->origin << 8 | (uint64_t)a->marked,
    };
    return siphash(all->key, words, sizeof words);
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
