// SPDX-License-Identifier: ISC
// Limits of the configuration that two persons have lifted for one object and a while (safety.md
// S18), and those that still wait for the second. What is built in (steer/limits.h) and what the
// gate asks is lifted by nobody. Gone with the daemon. Part of the engine; see state.h.
//
//   S8   how much may leave the object in a minute: all of it, and the built-in number of prefixes
//   S9   how many upstreams, and how much traffic, may be moved away at once: the object may be
//        one more, but never the last
//   S10  how full the object may become: the built-in share of its capacity, if that is known
#pragma once

#include "engine/event.h"
#include "net/object.h"

struct engine;

enum lift_rule { LIFT_S8, LIFT_S9, LIFT_S10, LIFT_RULES };
extern const char *const lift_rule_names[LIFT_RULES];

enum lift_state { LIFT_NONE, LIFT_WAITS, LIFT_IN_FORCE, LIFT_OVER, LIFT_STATES };
extern const char *const lift_state_names[LIFT_STATES];

enum { LIFTS_MAX = 8, LIFTS_TEXT_MAX = 160 };

struct lift {
    uint32_t number;  // counted with incidents
    enum lift_state state;
    enum lift_rule rule;
    struct net_object object;
    struct mono asked_at;
    int64_t length_ns;
    struct mono until;  // of one in force
    uint32_t uid;       // of the first
    char first[NET_NAME_MAX], second[NET_NAME_MAX];
    char reason[96];
};

struct lifts {
    struct lift items[LIFTS_MAX];
};

// All three answer the person: `text` (LIFTS_TEXT_MAX bytes) gets what was done, or why not. Asks
// for one and gives its number, 0: refused; consents; ends one, which one person may.
uint32_t lifts_ask(struct engine *e, const struct event_asked *asked, char *text);
bool lifts_consent(struct engine *e, const struct event_asked *asked, char *text);
bool lifts_end(struct engine *e, const struct event_asked *asked, char *text);
// Whether one of this number waits for a second person.
bool lifts_wait(const struct engine *e, uint32_t number);

void lifts_advance(struct engine *e);  // on every tick
// Whether the limit is lifted for this upstream now.
bool lifts_hold(const struct engine *e, enum lift_rule rule, uint32_t upstream);
