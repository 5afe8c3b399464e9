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
    // For people, who look at it later: at most so often, if it is another, and at least so often.
    // A day of an upstream is some hundred lines of the store.
    USE_TELL_S = 60,
    USE_TELL_S_MAX = 600,
    USE_TELL_PERCENT = 10,  // of what was told: so much is another
};

struct use_slot {
    int64_t number;           // since CLOCK_MONOTONIC began, plus 1; 0: nothing was told
    int64_t out_bps, in_bps;  // the highest
    int64_t out_last_bps;
};

struct use_upstream {
    bool heard;
    struct mono at;
    int64_t out_bps, in_bps;
    struct use_slot slots[USE_SLOTS];
};

struct use_told {
    struct mono at;  // 0: nothing was
    int64_t out_bps, in_bps;
};

struct use {
    struct use_upstream upstreams[NET_UPSTREAMS_MAX];
    struct use_told told[NET_UPSTREAMS_MAX];
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
// Whether what was taken is to be told to people; then it counts as told.
bool use_is_news(struct use *use, struct mono at, const struct event_use *taken);
struct use_seen use_of(const struct use *use, uint32_t upstream, struct mono now);
// The same without percentiles and slots, which are dear.
struct use_seen use_now(const struct use *use, uint32_t upstream, struct mono now);
// What the first `upstreams` carry out together: the larger of now and of the 95th percentile of
// the last five minutes; -1: some is not known. What moves from one to the other counts once, as
// only what was last told in a slot is added up.
int64_t use_all_bps(const struct use *use, uint32_t upstreams, struct mono now);
