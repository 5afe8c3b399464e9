// SPDX-License-Identifier: ISC
// Small things of any size, named by 31-bit handles; 0 is none. A thing never moves. Each slab
// holds things of one size, and one that becomes empty gives its memory back.
#pragma once

#include "rib/budget.h"

enum {
    SLAB_WORDS = 1 << 12,       // of 4 bytes, which is the unit of sizes and places
    SLABS_MAX = 1 << 19,        // 8 GiB
    SLABS_SMALL_WORDS = 64,     // up to here a size of its own for each,
    SLABS_MIDDLE_WORDS = 1024,  // up to here eight between doubles, and above each thing alone
    SLABS_SIZES = SLABS_SMALL_WORDS + 1 + 4 * 8,
    SLAB_THINGS_MAX = SLAB_WORDS / 2,  // in one slab
};

struct slab {
    uint32_t item_words;
    uint16_t live, reached;   // things in use; the highest ever given
    uint16_t free_top;        // a chain through the free; 0: none
    uint16_t size;            // which of SLABS_SIZES; 0: one thing alone
    uint32_t next, previous;  // of those with room of its size, or of the unused numbers
};

struct slabs {
    struct budget *budget;
    uint32_t **memory;  // of each slab; number 0 is never one
    struct slab *slabs;
    uint32_t count, capacity, unused;
    uint32_t roomy[SLABS_SIZES];  // slabs with room; 0: none
};

void slabs_init(struct slabs *slabs, struct budget *budget);
void slabs_done(struct slabs *slabs);

// Memory for so many words, not cleared; 0 when the budget or memory is out.
uint32_t slabs_take(struct slabs *slabs, uint32_t words);
void slabs_give(struct slabs *slabs, uint32_t handle);
// How many words the thing may have where it is: those asked for, or a few more.
uint32_t slabs_room(const struct slabs *slabs, uint32_t handle);

// Which of a slab's things are in use: a bit each, by their place from 0 on, of SLAB_THINGS_MAX.
void slabs_in_use(const struct slabs *slabs, uint32_t slab, uint64_t *bits);

static inline void *slabs_at(const struct slabs *slabs, uint32_t handle)
{
    return slabs->memory[handle / SLAB_WORDS] + handle % SLAB_WORDS;
}
