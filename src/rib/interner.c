// SPDX-License-Identifier: ISC
#include "rib/interner.h"

#include "base/wordhash.h"

#include <assert.h>

enum { HEAD_WORDS = sizeof(struct interned) / sizeof(uint32_t) };

static uint64_t hash_key(const struct interner *all, const struct interner_key *key)
{
    struct wordhash h = wordhash_begin(all->secret);
    uint32_t at = 0;
    for (; at + 1 < key->words; at += 2)
        wordhash_add(&h, (uint64_t)key->content[at] << 32 | key->content[at + 1]);
    wordhash_add(&h, at < key->words ? key->content[at] : 0);
    wordhash_add(&h, (uint64_t)key->bits << 32 | key->words);
    return wordhash_end(h);
}

static struct interner_key key_of(const struct interned *item)
{
    return (struct interner_key){item->bits, item->words, item->content};
}

static uint64_t hash_of(const void *owner, uint32_t handle)
{
    const struct interner *all = owner;
    struct interner_key key = key_of(interner_at(all, handle));
    return hash_key(all, &key);
}

static const void *record_of(const void *owner, uint32_t handle)
{
    return interner_at(owner, handle);
}

static const struct index_owner index_owner = {hash_of, record_of};

static bool is_key(const void *owner, uint32_t handle, const void *sought)
{
    const struct interned *item = interner_at(owner, handle);
    const struct interner_key *key = sought;
    return item->bits == key->bits && item->words == key->words &&
           memcmp(item->content, key->content, key->words * sizeof(uint32_t)) == 0;
}

void interner_init(struct interner *all, struct slabs *slabs, struct siphash_key secret)
{
    *all = (struct interner){.slabs = slabs, .secret = secret};
    index_init(&all->index, slabs->budget, &index_owner);
}

void interner_done(struct interner *all)
{
    index_done(&all->index);
}

static uint32_t item_new(struct interner *all, const struct interner_key *key, uint64_t hash)
{
    uint32_t handle = slabs_take(all->slabs, HEAD_WORDS + key->words);
    if (handle == 0)
        return 0;
    struct interned *item = interner_at(all, handle);
    *item = (struct interned){.words = (uint16_t)key->words, .bits = key->bits};
    memcpy(item->content, key->content, key->words * sizeof(uint32_t));
    if (index_add(&all->index, all, hash, handle)) {
        all->live++;
        return handle;
    }
    slabs_give(all->slabs, handle);
    return 0;
}

uint32_t interner_take(struct interner *all, const struct interner_key *key, bool *is_new)
{
    assert(key->words <= INTERNED_WORDS_MAX);
    uint64_t hash = hash_key(all, key);
    uint32_t handle = index_find(&all->index, hash, is_key, all, key);
    *is_new = handle == INDEX_NONE;
    if (*is_new && (handle = item_new(all, key, hash)) == 0)
        return 0;
    interner_hold(all, handle);
    return handle;
}

bool interner_give(struct interner *all, uint32_t handle)
{
    struct interned *item = interner_at(all, handle);
    assert(item->users > 0 && !(item->users & INTERNED_DEAD));
    return --item->users == 0;
}

void interner_free(struct interner *all, uint32_t handle)
{
    const struct interned *item = interner_at(all, handle);
    if (item->users & INTERNED_DEAD)
        all->dead--;
    else
        all->live--;
    index_remove(&all->index, all, hash_of(all, handle), handle);
    slabs_give(all->slabs, handle);
}

void interner_kill(struct interner *all, uint32_t handle, uint32_t stamp)
{
    interner_at(all, handle)->users = INTERNED_DEAD | stamp;
    all->live--;
    all->dead++;
}
