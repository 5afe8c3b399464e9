// SPDX-License-Identifier: ISC
#include "rib/next_hops.h"

#include "base/wordhash.h"

#include <assert.h>

enum { COUNT_MIN = 16 };

struct next_hop_entry {
    struct next_hop next_hop;
    uint32_t users;
    uint32_t next;  // of the free, from 1
};

static uint64_t hash_next_hop(const struct next_hops *all, const struct next_hop *next_hop)
{
    const struct address *const addresses[] = {&next_hop->address, &next_hop->link_local};
    struct wordhash h = wordhash_begin(all->secret);
    for (size_t i = 0; i < 2; i++) {
        uint64_t words[2];
        memcpy(words, addresses[i]->bytes, sizeof words);
        wordhash_add(&h, words[0]);
        wordhash_add(&h, words[1]);
        wordhash_add(&h, addresses[i]->family);
    }
    return wordhash_end(h);
}

static uint64_t hash_of(const void *owner, uint32_t number)
{
    const struct next_hops *all = owner;
    return hash_next_hop(all, &all->entries[number].next_hop);
}

static const void *record_of(const void *owner, uint32_t number)
{
    return &((const struct next_hops *)owner)->entries[number];
}

static const struct index_owner index_owner = {hash_of, record_of};

static bool is_next_hop(const void *owner, uint32_t number, const void *sought)
{
    const struct next_hops *all = owner;
    const struct next_hop *found = &all->entries[number].next_hop, *next_hop = sought;
    return address_equal(found->address, next_hop->address) &&
           address_equal(found->link_local, next_hop->link_local);
}

void next_hops_init(struct next_hops *all, struct budget *budget, struct siphash_key secret)
{
    *all = (struct next_hops){.budget = budget, .secret = secret};
    index_init(&all->index, budget, &index_owner);
}

void next_hops_done(struct next_hops *all)
{
    budget_give(all->budget, all->entries, all->capacity * sizeof *all->entries);
    index_done(&all->index);
    next_hops_init(all, all->budget, all->secret);
}

static bool grow(struct next_hops *all)
{
    uint32_t more = all->capacity * 2 < COUNT_MIN ? COUNT_MIN : all->capacity * 2;
    if (more > NEXT_HOPS_MAX)
        more = NEXT_HOPS_MAX;
    struct next_hop_entry *entries = budget_resize(
        all->budget, all->entries, all->capacity * sizeof *entries, more * sizeof *entries);
    if (!entries)
        return false;
    all->entries = entries;
    all->capacity = more;
    return true;
}

static bool is_full(const struct next_hops *all)
{
    return all->unused == 0 && all->count == NEXT_HOPS_MAX;
}

// A number for one that has none yet; there are some.
static bool entry_new(struct next_hops *all, const struct next_hop *next_hop, uint32_t *number)
{
    if (all->unused == 0 && all->count == all->capacity && !grow(all))
        return false;
    bool again = all->unused != 0;
    uint32_t made = again ? all->unused - 1 : all->count;
    uint32_t unused = again ? all->entries[made].next : 0;
    all->entries[made] = (struct next_hop_entry){.next_hop = *next_hop, .next = unused};
    if (!index_add(&all->index, all, hash_next_hop(all, next_hop), made))
        return false;
    all->unused = unused;
    all->count += again ? 0 : 1;
    *number = made;
    return true;
}

static bool is_latest(const struct next_hops *all, const struct next_hop *next_hop)
{
    return all->latest < all->count && all->entries[all->latest].users > 0 &&
           is_next_hop(all, all->latest, next_hop);
}

bool next_hops_take(struct next_hops *all, const struct next_hop *next_hop, uint32_t *number)
{
    *number = all->latest;
    if (!is_latest(all, next_hop)) {
        uint64_t hash = hash_next_hop(all, next_hop);
        *number = index_find(&all->index, hash, is_next_hop, all, next_hop);
        bool is_new = *number == INDEX_NONE;
        if (is_new && is_full(all)) {
            *number = NEXT_HOP_NONE;
            return true;
        }
        if (is_new && !entry_new(all, next_hop, number))
            return false;
    }
    all->latest = *number;
    all->entries[*number].users++;
    return true;
}

void next_hops_give(struct next_hops *all, uint32_t number)
{
    struct next_hop_entry *entry = &all->entries[number];
    assert(number < all->count && entry->users > 0);
    if (--entry->users > 0)
        return;
    index_remove(&all->index, all, hash_of(all, number), number);
    entry->next = all->unused;
    all->unused = number + 1;
    if (all->index.live == 0)
        next_hops_done(all);
}

const struct next_hop *next_hops_at(const struct next_hops *all, uint32_t number)
{
    return &all->entries[number].next_hop;
}
