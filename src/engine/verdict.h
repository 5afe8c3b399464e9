// SPDX-License-Identifier: ISC
// What packets prove. Part of the engine; see state.h.
#pragma once

#include "engine/event.h"
#include "stat/sprt.h"

// Counts samples of some targets of one path from a moment on, and judges them.
struct verdict {
    uint32_t path;      // NET_NOBODY: judges nothing
    uint32_t targets;   // bit set
    struct mono from;   // probes sent before that tell of the time before
    struct mono until;  // of what returns: not proven by then, it moves back
    struct sprt sprt;
    uint64_t ok, lost;
    bool is_aside;  // of probes pinned to the way, as answers to others are lost by the one left
};

struct engine;

// Judges what packets to the prefixes moved for this path meet on each way, from the
// time on when all routers forward as told.
void verdict_begin(struct engine *e, uint32_t path);
// The same of one prefix that has returned, for as long as its probes need.
void verdict_begin_slice(struct engine *e, uint32_t path, struct prefix slice);
// Where answers come back by the way that was left, and that loses them, too, it is no fault of the
// new way: from now on only probes pinned to that are counted, to the same targets. False: it is
// not so, or they are counted already.
bool verdict_set_answers_aside(struct engine *e, uint32_t path, uint32_t way);
void verdict_tally(struct engine *e, const struct event_tally *tally, struct mono before);
// The targets (bit set) inside the prefix that answer, or lately did.
uint32_t verdict_targets(const struct engine *e, struct prefix prefix);
