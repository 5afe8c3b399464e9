// SPDX-License-Identifier: ISC
// What the decision sees of every set of attributes, in a word each, side by side in the order of
// memory. The sets themselves are read once, one after the other: a question asks for each of them
// many times and in any order, and a set a time from memory would be most of its cost.
//
// A word tells two paths apart by their merit and says which way they are. That MEDs differ it
// tells too, but not which is lower: where that counts the sets are read.
#pragma once

#include "rib/attributes.h"

enum {
    WHATIF_WORD_WAY = 0x3f,       // a way, or one of these two
    WHATIF_WORD_NO_WAY = 0x3f,    // no path, an echo, or one whose set must be read
    WHATIF_WORD_OWN_WAY = 0x3e,   // beside the upstreams of the router that tells it
    WHATIF_WORD_READ = 1 << 6,    // what follows the MED cannot be decided by words
    WHATIF_WORD_MED = 0xff << 7,  // equal for equal MEDs alone
    WHATIF_WORD_DRAINED = 1 << 15,
    WHATIF_WORD_MERIT = 16,      // shift to the merit's place among all: the best first
    WHATIF_MERIT_UNKNOWN = 0,    // so that it is among the best
    WHATIF_MERIT_NONE = 0x7fff,  // no path
};
#define WHATIF_WORD_NONE 0x7fffffff  // compared as what has a sign, which SSE2 can
#define WHATIF_WORD_UNKNOWN (WHATIF_WORD_READ | WHATIF_WORD_NO_WAY | WHATIF_WORD_DRAINED)

struct whatif;
struct whatif_merits;

enum { WHATIF_PLACE_NONE, WHATIF_PLACE_GROUP, WHATIF_PLACE_SETS };  // the first words

struct whatif_place {  // of a slab's things among the words
    uint32_t first, factor;
};

struct whatif_ranks {
    const struct attributes *all;
    struct whatif_merits *merits;
    struct whatif_place *places;  // by slab; of slab 0, which is none, WHATIF_PLACE_NONE
    int32_t *words;
    uint32_t slab_count, word_count;
    uint32_t slabs_read, words_ordered;
};

bool whatif_ranks_init(struct whatif_ranks *r, const struct attributes *all);  // false: no memory
void whatif_ranks_done(struct whatif_ranks *r);
// Goes on; false when all is done.
bool whatif_ranks_step(struct whatif *w);

enum { WHATIF_FACTOR_SHIFT = 16 };

static inline uint32_t whatif_ranks_at(const struct whatif_ranks *r, uint32_t set)
{
    const struct whatif_place *place = &r->places[set / SLAB_WORDS];
    return place->first + (set % SLAB_WORDS * place->factor >> WHATIF_FACTOR_SHIFT);
}
