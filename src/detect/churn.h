// SPDX-License-Identifier: ISC
// How restless a peer is: routes announced and withdrawn, and sessions lost, in rolling windows up
// to an hour, in 1.5 KiB whatever happens; and whether that is far above what this peer usually
// does.
//
// What is usual is learned: the largest ten-second count of the last CHURN_HOURS, of a complete
// table. Unusual is CHURN_TIMES as many, and never less than CHURN_FLOOR. While counts keep their
// distribution, whatever it is, one exceeds the largest of two days once in two days; four times
// it, even if they have as heavy a tail as Pareto's with index 1, once in eight. Until a day was
// learned a share of the table is asked beside it. A false notice costs a line.
#pragma once

#include "base/clock.h"

#include <stdbool.h>

enum churn_what { CHURN_ANNOUNCED, CHURN_WITHDRAWN, CHURN_LOST, CHURN_WHATS };
enum churn_span { CHURN_1S, CHURN_10S, CHURN_1MIN, CHURN_10MIN, CHURN_1H, CHURN_SPANS };

enum {
    CHURN_RINGS = 4,
    CHURN_SLOTS_MAX = 60,
    CHURN_FLOOR = 1000,  // in 10 s: a feed of the whole Internet's table has about 100
    CHURN_TIMES = 4,
    CHURN_HOURS = 48,
    CHURN_SETTLE_S = 60,     // after a table was complete: what follows belongs to its start
    CHURN_LOST_MAX = 3,      // sessions lost in 10 min; two are one maintenance
    CHURN_GIVE_UP_S = 3600,  // unusual for so long: it is learned as usual
};

struct churn_counts {
    uint32_t of[CHURN_WHATS];
};

struct churn {
    int64_t tick;              // 100 ms since the clock's zero
    struct churn_counts open;  // of this tick, not yet in the rings
    struct churn_ring {
        int64_t slot;  // the last one
        struct churn_counts slots[CHURN_SLOTS_MAX];
    } rings[CHURN_RINGS];
    uint32_t usual[CHURN_HOURS];  // the largest span of each hour
    uint32_t learned, held;       // spans in all; the last one, not learned yet
    int64_t learned_slot, learned_hour;
    struct mono complete_at;
    bool complete, unusual, flapping;
    struct mono unusual_at;
};

// A zeroed struct has seen nothing.
void churn_add(struct churn *churn, struct mono now, enum churn_what what, uint32_t count);
// The table, or that of one more family, is complete: from CHURN_SETTLE_S on, what is usual is
// learned and judged.
void churn_complete(struct churn *churn, struct mono now);
// The session is lost: its end and its next table are not judged.
void churn_lost(struct churn *churn, struct mono now);

uint32_t churn_count(struct churn *churn, struct mono now, enum churn_span span,
                     enum churn_what what);
// What would be unusual now, of 10 s, for a table of so many routes.
uint32_t churn_threshold(const struct churn *churn, uint32_t routes);

struct churn_news {
    bool unusual_changed, flapping_changed;  // see churn->unusual, churn->flapping
};
// To be called every second or so.
struct churn_news churn_look(struct churn *churn, struct mono now, uint32_t routes);
