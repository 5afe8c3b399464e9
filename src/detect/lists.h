// SPDX-License-Identifier: ISC
// Lists of numbers, each kept once however many things have it: flows of one path to one target
// pass the same components, and there may be very many. Allocates nothing after the start.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define LISTS_END UINT16_MAX      // ends a list; no number
#define LISTS_NOWHERE UINT32_MAX  // no list

struct lists {
    uint16_t *pool;   // one after the other; first the empty one
    uint32_t *table;  // where they begin, by hash; 0: none
    uint32_t count, count_max, used, mask;
};

// For so many different lists of `length_max` numbers each. False without memory.
bool lists_init(struct lists *lists, uint32_t count_max, uint32_t length_max);
void lists_done(struct lists *lists);
void lists_clear(struct lists *lists);

// Where the list is, which is kept if it is new; LISTS_NOWHERE: no room. Good until the next
// lists_clear(); 0 is the empty list. `list` ends with LISTS_END, after `length_max` at most.
uint32_t lists_keep(struct lists *lists, const uint16_t *list);
// Only for reading, or to make it shorter when no more are to be kept.
static inline uint16_t *lists_at(const struct lists *lists, uint32_t at)
{
    return &lists->pool[at];
}
// The list after that one, in the order in which they were kept; LISTS_NOWHERE. To be asked before
// that one is made shorter.
uint32_t lists_after(const struct lists *lists, uint32_t at);
