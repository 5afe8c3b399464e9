// SPDX-License-Identifier: ISC
// How much may be done at all, and how fast, whatever speaks for it: safety.md S8, S9, S12, and
// detection.md I3, I4, I7. Every limit is a "no" for new moves; nothing that stands is taken back.
// Part of the engine; see state.h.
#pragma once

#include "engine/decide.h"
#include "steer/allocate.h"
#include "steer/moves.h"

enum { BUDGET_ACTS_MAX = 32 };  // that are remembered: more within a minute are refused

struct budget {
    uint32_t act_count;
    struct budget_act {
        struct mono at;
        uint32_t prefixes;
        uint64_t kbps;
    } acts[BUDGET_ACTS_MAX];
    bool proven;  // a move of ours has helped once: no canary any more (S8)
};

struct engine;

// Whether anything may be moved away from this path now.
enum refusal budget_refusal(const struct engine *e, uint32_t path);
// Whether what is seen is more likely our own trouble (S12).
bool budget_is_observer(const struct engine *e);
// Whether its upstream may be one of those that traffic is moved away from (S9).
bool budget_may_drain(const struct engine *e, uint32_t path);
// How much of it may move.
struct allocate_limits budget_limits(const struct engine *e, uint32_t path, uint32_t loss_low_ppm);
// Whether this would be the first move ever, and has to be a small one.
bool budget_wants_canary(const struct engine *e);
void budget_acted(struct engine *e, uint32_t prefixes, uint64_t kbps);
// What was counted as moved, and never was.
void budget_give_back(struct engine *e, const struct move *move);
// Whether so much that was moved away from the path before may be moved again (I3). After a minute
// in which nothing was moved it always may: how much traffic there is may not be known any more.
bool budget_has_room(const struct engine *e, uint32_t path, uint64_t kbps);
