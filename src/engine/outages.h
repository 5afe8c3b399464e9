// SPDX-License-Identifier: ISC
// What people are told of what is broken, as one: the incidents of paths and the faults that are
// open, from the first proof until all is over. Part of the engine; see state.h. Nothing that
// decides looks at it.
#pragma once

#include "detect/fault_book.h"
#include "engine/effect.h"

enum { OUTAGES_AGAIN_MS = 10 * 1000 };  // so often at most its words are told anew

struct outages {
    uint32_t count;             // numbers given so far
    struct effect_outage now;   // .number 0: nothing is broken
    struct effect_outage told;  // as people know it
    struct mono told_at;
    uint64_t paths;  // bit set: that are or were part of it
};

struct engine;

// Opens, tells of and ends what is broken; after whatever else a tick does.
void outages_advance(struct engine *e);
