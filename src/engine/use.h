// SPDX-License-Identifier: ISC
// What the upstreams carry, as counters tell: now, and the 95th percentile of the last five minutes
// (safety.md S10). Too old is unknown, and unknown is never moved to.
#pragma once

#include "engine/event.h"

enum {
    USE_SLOT_S = 5,
    USE_SLOTS = 60,       // five minutes; of each slot the highest is kept
    USE_AGE_MAX_S = 30,   // S13: no act on older news
    USE_TBPS_MAX = 1000,  // more is no upstream but a mistake: not taken
};

struct use_slot {
    int64_t number;  // since CLOCK_MONOTONIC began, plus 1; 0: nothing was told
    int64_t out_bps, in_bps;
};

struct use_upstream {
    bool heard;
    struct mono at;
    int64_t out_bps, in_bps;
    struct use_slot slots[USE_SLOTS];
};

struct use {
    struct use_upstream upstreams[NET_UPSTREAMS_MAX];
};

struct use_seen {
    bool known;  // and the rest holds: heard not longer ago than USE_AGE_MAX_S
    int64_t age_ns;
    int64_t out_bps, in_bps;
    int64_t out_p95_bps, in_p95_bps;  // of the slots in which something was told
    uint32_t slots;                   // how many those are
};

// A zeroed struct knows nothing. False: not a use that can be, it is not taken. `at`: when it was
// measured, not in the future.
bool use_take(struct use *use, struct mono at, const struct event_use *told);
struct use_seen use_of(const struct use *use, uint32_t upstream, struct mono now);
