// SPDX-License-Identifier: ISC
#include "rib/attributes.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS_MIN = 1 << 10, LISTS = 7 };

struct attributes_entry {
    struct rib_attributes values;
    struct attributes_entry *next;
    uint64_t hash;
    uint32_t users, handle;
    uint8_t bytes[];  // of the lists
};

struct lists {
    struct bgp_bytes of[LISTS];
};

static struct lists lists_of(const struct rib_attributes *a)
{
    return (struct lists){{a->as_path, a->communities, a->extended, a->ipv6_extended, a->large,
                           a->cluster_list, a->others}};
}

void attributes_init(struct attributes *all, struct pool_budget *budget, struct siphash_key key)
{
    *all = (struct attributes){.budget = budget, .key = key};
    pool_init(&all->handles, sizeof(struct attributes_entry *), budget);
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
    pool_done(&all->handles);
    attributes_init(all, all->budget, all->key);
}

static uint64_t bits_of(const struct rib_attributes *a)
{
    return (uint64_t)a->origin << 8 | (uint64_t)a->has_local_pref << 5 | (uint64_t)a->has_med << 4 |
           (uint64_t)a->has_aigp << 3 | (uint64_t)a->has_only_to_customer << 2 |
           (uint64_t)a->atomic << 1 | (uint64_t)a->marked;
}

// Keyed: paths come from strangers, who must not be able to aim at one bucket.
static uint64_t hash_of(const struct attributes *all, const struct rib_attributes *a)
{
    struct lists lists = lists_of(a);
    uint64_t words[5 + LISTS] = {
        siphash(all->key, a->next_hop.bytes, sizeof a->next_hop.bytes),
        (uint64_t)a->local_pref << 32 | a->med,
        (uint64_t)a->originator_id << 32 | a->only_to_customer,
        a->aigp,
        (uint64_t)a->aggregator_as << 32 | bits_of(a),
    };
    for (size_t i = 0; i < LISTS; i++)
        words[5 + i] = siphash(all->key, lists.of[i].bytes, lists.of[i].size);
    return siphash(all->key, words, sizeof words);
}

static bool same_values(const struct rib_attributes *a, const struct rib_attributes *b)
{
    return a->local_pref == b->local_pref && a->med == b->med &&
           a->originator_id == b->originator_id && a->only_to_customer == b->only_to_customer &&
           a->aigp == b->aigp && a->aggregator_as == b->aggregator_as && bits_of(a) == bits_of(b) &&
           address_equal(a->next_hop, b->next_hop) && address_equal(a->link_local, b->link_local) &&
           address_equal(a->aggregator, b->aggregator);
}

static bool same(const struct rib_attributes *a, const struct rib_attributes *b)
{
    struct lists one = lists_of(a), other = lists_of(b);
    bool equal = same_values(a, b);
    for (size_t i = 0; equal && i < LISTS; i++)
        equal =
            one.of[i].size == other.of[i].size &&
            (one.of[i].size == 0 || !memcmp(one.of[i].bytes, other.of[i].bytes, one.of[i].size));
    return equal;
}

static size_t lists_size(const struct rib_attributes *values)
{
    struct lists lists = lists_of(values);
    size_t size = 0;
    for (size_t i = 0; i < LISTS; i++)
        size += lists.of[i].size;
    return size;
}

static size_t entry_bytes(const struct rib_attributes *values)
{
    enum { MALLOC_OVERHEAD = 16 };
    return sizeof(struct attributes_entry) + lists_size(values) + MALLOC_OVERHEAD;
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

// Copies the bytes that a list lends behind those copied before.
static void keep_list(struct bgp_bytes *list, uint8_t **next)
{
    if (list->size > 0)
        memcpy(*next, list->bytes, list->size);
    list->bytes = *next;
    *next += list->size;
}

static struct attributes_entry *entry_new(struct attributes *all, const struct rib_attributes *like)
{
    size_t bytes = entry_bytes(like);
    if (bytes > all->budget->max - all->budget->used)
        return NULL;
    struct attributes_entry *entry = malloc(sizeof *entry + lists_size(like));
    uint32_t handle = entry ? pool_take(&all->handles) : 0;
    if (handle == 0) {
        free(entry);
        return NULL;
    }
    *entry = (struct attributes_entry){.values = *like, .handle = handle};
    uint8_t *next = entry->bytes;
    struct rib_attributes *v = &entry->values;
    struct bgp_bytes *const lists[LISTS] = {&v->as_path,       &v->communities, &v->extended,
                                            &v->ipv6_extended, &v->large,       &v->cluster_list,
                                            &v->others};
    for (size_t i = 0; i < LISTS; i++)
        keep_list(lists[i], &next);
    *(struct attributes_entry **)pool_at(&all->handles, handle) = entry;
    all->budget->used += bytes;
    all->live++;
    return entry;
}

uint32_t attributes_take(struct attributes *all, const struct rib_attributes *like)
{
    make_room(all);
    if (all->bucket_count == 0)
        return 0;
    uint64_t hash = hash_of(all, like);
    struct attributes_entry **bucket = &all->buckets[hash % all->bucket_count];
    struct attributes_entry *entry = *bucket;
    while (entry && (entry->hash != hash || !same(&entry->values, like)))
        entry = entry->next;
    if (!entry) {
        if (!(entry = entry_new(all, like)))
            return 0;
        entry->hash = hash;
        entry->next = *bucket;
        *bucket = entry;
    }
    entry->users++;
    return entry->handle;
}

static struct attributes_entry *entry_at(const struct attributes *all, uint32_t handle)
{
    return *(struct attributes_entry **)pool_at(&all->handles, handle);
}

const struct rib_attributes *attributes_at(const struct attributes *all, uint32_t handle)
{
    return &entry_at(all, handle)->values;
}

void attributes_hold(struct attributes *all, uint32_t handle)
{
    entry_at(all, handle)->users++;
}

void attributes_give(struct attributes *all, uint32_t handle)
{
    struct attributes_entry *entry = entry_at(all, handle);
    assert(entry->users > 0);
    if (--entry->users > 0)
        return;
    struct attributes_entry **link = &all->buckets[entry->hash % all->bucket_count];
    while (*link != entry)
        link = &(*link)->next;
    *link = entry->next;
    all->budget->used -= entry_bytes(&entry->values);
    all->live--;
    pool_give(&all->handles, entry->handle);
    free(entry);
}
