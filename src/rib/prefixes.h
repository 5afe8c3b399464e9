// SPDX-License-Identifier: ISC
// The prefixes of one family that any peer tells of, each once, named by a number that columns of
// routes are indexed with. Numbers are given densely, so that what was learned together lies
// together, in segments; a segment that becomes empty gives its memory back.
//
// A prefix lives as long as it has users. One that lost them while a snapshot stood is dead: it
// keeps its number until prefixes_sweep() is told that the snapshot is gone.
#pragma once

#include "base/wordhash.h"
#include "rib/index.h"
#include "rib/prefix_key.h"

enum { SEGMENT_BITS = 10, SEGMENT_SIZE = 1 << SEGMENT_BITS };
#define PREFIX_NONE INDEX_NONE

struct segment;

struct prefixes {
    struct budget *budget;
    struct siphash_key secret;
    enum family family;
    struct segment **segments;  // NULL: none of this number
    uint32_t segment_count, segment_capacity;
    uint32_t roomy;   // the first segment with room
    uint32_t unused;  // no segment below lacks
    struct index index;
    uint32_t live, dead;
    uint32_t lengths[129];  // how many there are of each, dead ones too
};

void prefixes_init(struct prefixes *all, enum family family, struct budget *budget,
                   struct siphash_key secret);
void prefixes_done(struct prefixes *all);

static inline uint64_t prefixes_hash(const struct prefixes *all, const struct prefix_key *key)
{
    struct wordhash h = wordhash_begin(all->secret);
    if (all->family == FAMILY_IPV4) {  // the address fills the upper half
        wordhash_add(&h, key->high | key->length);
        return wordhash_end(h);
    }
    wordhash_add(&h, key->high);
    wordhash_add(&h, key->low);
    wordhash_add(&h, key->length);
    return wordhash_end(h);
}

// The number of the prefix, be it dead; PREFIX_NONE.
uint32_t prefixes_find(const struct prefixes *all, const struct prefix_key *key, uint64_t hash);
// The same, made when it is not there; PREFIX_NONE: the budget or memory is out. A new one has no
// users yet: hold it or drop it.
uint32_t prefixes_make(struct prefixes *all, const struct prefix_key *key, uint64_t hash);
void prefixes_hold(struct prefixes *all, uint32_t id);
// One user fewer. With the last it goes; or is dead, when `stamp` is not 0.
void prefixes_give(struct prefixes *all, uint32_t id, uint32_t stamp);
void prefixes_drop_unused(struct prefixes *all, uint32_t id);  // when it has no users and never had

// Frees the dead of a segment that no snapshot from `oldest` on (stamp.h) can know.
void prefixes_sweep(struct prefixes *all, uint32_t segment, uint32_t oldest);

// The words of a record: those of the address in host order, then its length, its state, and how
// many use it or when it died.
enum { PREFIX_IPV4_WORDS = 2, PREFIX_IPV6_WORDS = 5 };
enum { PREFIX_LENGTH_MASK = 0xff, PREFIX_STATE_MASK = 0x300 };

static inline uint32_t prefixes_words(const struct prefixes *all)
{
    return all->family == FAMILY_IPV4 ? PREFIX_IPV4_WORDS : PREFIX_IPV6_WORDS;
}

// False: the record is unused.
static inline bool prefixes_read(const struct prefixes *all, const uint32_t *record,
                                 struct prefix_key *key)
{
    uint32_t last = record[prefixes_words(all) - 1];
    key->length = last & PREFIX_LENGTH_MASK;
    key->high = (uint64_t)record[0] << 32;
    key->low = 0;
    if (all->family == FAMILY_IPV6) {
        key->high |= record[1];
        key->low = (uint64_t)record[2] << 32 | record[3];
    }
    return last & PREFIX_STATE_MASK;
}

// The records of a segment, SEGMENT_SIZE of them; NULL: there is none of this number.
const uint32_t *prefixes_records(const struct prefixes *all, uint32_t segment);
struct prefix_key prefixes_key(const struct prefixes *all, uint32_t id);
struct prefix prefixes_at(const struct prefixes *all, uint32_t id);

// What a search for the hash is likely to find; PREFIX_NONE. Its record is fetched from memory
// meanwhile. index_prefetch() before lets it not wait either.
uint32_t prefixes_guess(const struct prefixes *all, uint64_t hash);
// Whether such a guess is the prefix, whatever has happened since.
bool prefixes_is(const struct prefixes *all, uint32_t id, const struct prefix_key *key);
