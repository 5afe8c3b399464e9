// SPDX-License-Identifier: ISC
// Runs of words, each kept once and counted: equal contents have one handle. They lie in slabs that
// several interners may share. Keyed, as strangers choose the contents.
#pragma once

#include "base/siphash.h"
#include "rib/index.h"
#include "rib/slabs.h"

enum { INTERNED_WORDS_MAX = UINT16_MAX };

struct interned {
    uint32_t users;  // INTERNED_DEAD and a stamp (stamp.h): it has none, but a snapshot knows it
    uint16_t words;  // of the content
    uint16_t bits;   // the owner's; part of what must be equal
    uint32_t content[];
};

#define INTERNED_DEAD UINT32_C(0x80000000)

struct interner {
    struct slabs *slabs;
    struct siphash_key secret;
    struct index index;
    uint32_t live, dead;
};

struct interner_key {  // a content to be
    uint16_t bits;
    uint32_t words;  // INTERNED_WORDS_MAX at most
    const uint32_t *content;
};

void interner_init(struct interner *all, struct slabs *slabs, struct siphash_key secret);
void interner_done(struct interner *all);

// The handle, one user more; 0 when the budget or memory is out. A new one's `is_new` is set: what
// its content refers to is then its own.
uint32_t interner_take(struct interner *all, const struct interner_key *key, bool *is_new);
// One user fewer; true when it was the last: then interner_free() or interner_kill() must follow.
bool interner_give(struct interner *all, uint32_t handle);
void interner_free(struct interner *all, uint32_t handle);
void interner_kill(struct interner *all, uint32_t handle, uint32_t stamp);

static inline struct interned *interner_at(const struct interner *all, uint32_t handle)
{
    return slabs_at(all->slabs, handle);
}

static inline void interner_hold(struct interner *all, uint32_t handle)
{
    struct interned *item = interner_at(all, handle);
    if (item->users & INTERNED_DEAD) {
        item->users = 0;
        all->dead--;
        all->live++;
    }
    item->users++;
}
