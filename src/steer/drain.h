// SPDX-License-Identifier: ISC
// The life of a drain: something is taken out of use because a person or a calendar asks for it,
// people work on it, and it returns. One table; who moves traffic, and how, is the caller's.
//
//   planned -> moving -> waiting -> safe -> restoring -> over
//
// What stands and then no longer does is moved again, for as long as the drain lasts: people may
// be at work. Knows no paths and no levers.
#pragma once

#include "net/object.h"

enum drain_state {
    DRAIN_NONE,
    DRAIN_PLANNED,    // its time has not come
    DRAIN_MOVING,     // what goes by it is moved away, make before break
    DRAIN_WAITING,    // all is moved: traffic is still leaving
    DRAIN_SAFE,       // counters say that it left: safe to work
    DRAIN_UNSURE,     // all is moved, but no counters say whether traffic left
    DRAIN_RESTORING,  // it returns, by trial
    DRAIN_OVER,
    DRAIN_STATES
};

enum drain_event {
    DRAIN_PLAN,     // asked for, for later
    DRAIN_BEGIN,    // asked for, or its time has come
    DRAIN_STANDS,   // all is moved
    DRAIN_LOST,     // something of it no longer is
    DRAIN_LEFT,     // hardly anything goes by it any more
    DRAIN_CARRIES,  // something does
    DRAIN_BLIND,    // no counters tell
    DRAIN_FAIL,     // it cannot be moved
    DRAIN_END,      // asked to end, or its time is over
    DRAIN_RETURNED,
    DRAIN_EVENTS
};

// DRAIN_NONE where the event means nothing.
enum drain_state drain_next(enum drain_state state, enum drain_event event);
extern const char *const drain_state_names[DRAIN_STATES];

// Whether it is in force: what it is about is not to be used.
bool drain_is_active(enum drain_state state);

// What goes by it, out and in together.
struct drain_traffic {
    bool known;  // of all upstreams that it is about
    int64_t bps;
    int64_t capacity_bps;  // of them; 0: not known
    int64_t in_bps;        // of `bps`: what others send
};

// Whether it carries little enough to be worked on, and for how long.
struct drain_flow {
    int64_t before_bps;       // when it was asked for
    struct mono quiet_since;  // no more than the share since; 0: more
};

void drain_flow_begin(struct drain_flow *flow, struct drain_traffic traffic);
// DRAIN_LEFT, DRAIN_CARRIES or DRAIN_BLIND; DRAIN_EVENTS while it is not to be said yet.
enum drain_event drain_flow_take(struct drain_flow *flow, struct mono now,
                                 struct drain_traffic traffic);
// Whether others alone send more than may still go by what is safe to work on.
bool drain_flow_enters(const struct drain_flow *flow, struct drain_traffic traffic);
