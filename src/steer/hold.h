// SPDX-License-Identifier: ISC
// How long a move stays before it may be tried back, and how often a path's traffic may be moved
// at all: damping that grows with every failure and is forgotten by the hour (detection.md 4.3).
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "net/net.h"
#include "steer/limits.h"

struct hold {  // zeroed: no failures
    uint32_t failures;
    struct mono clean_since;  // the failures fade by one each clean hour from here
    struct mono acts[STEER_ACTS_PER_HOUR_MAX];
    uint32_t act_count;
};

// min(max, min * 2^failures), a fifth more or less so that sites do not move in step.
int64_t hold_length_ns(struct hold *hold, const struct net_steer *steer, struct mono now,
                       struct random *random);
// One more: an act that did not help, a relapse, or a move at all, since a fault that comes back
// after each return is a failure of returning.
void hold_failed(struct hold *hold, struct mono now);
// S15: whether another act is allowed within the hour.
bool hold_allows(const struct hold *hold, struct mono now);
// Acts within the last hour.
uint32_t hold_recent(const struct hold *hold, struct mono now);
void hold_acted(struct hold *hold, struct mono now);
