// SPDX-License-Identifier: ISC
// What is broken, as one, for people: hands on what the engine sees and hears (incidents of paths,
// named faults, what devices and whoever makes changes tell) to incident/outage.h, and tells what
// comes of it. Part of the engine; see state.h. Nothing that decides looks at it.
#pragma once

#include "engine/drains.h"
#include "engine/effect.h"
#include "engine/event.h"
#include "engine/kept.h"

enum {
    // A warning is told so late: what two switches tell, or 28 sessions, comes in many lines.
    OUTAGES_WARN_MS = 500,
    OUTAGES_LOOK_MS = 250,         // so often words are made, to see whether they are new
    OUTAGES_TITLE_MS = 1000,       // so often at most what is broken is told anew,
    OUTAGES_AGAIN_MS = 10 * 1000,  // and what else is said of it
};

struct outage_told {  // as people know one
    struct effect_outage outage;
    struct mono at, looked_at;
};

struct extent_told {
    struct effect_extent extent;
    struct mono at, looked_at;
};

struct outage_desk {
    int64_t wall_ns;  // of the wall clock when CLOCK_MONOTONIC was 0; 0: unknown
    struct outages outages;
    struct outage_told told[OUTAGES_MAX];  // of the same place
    struct extent_told extents[OUTAGES_MAX];
    struct mono weighed_at;
    uint32_t lost_ppm[NET_PATHS_MAX];  // as last weighed
    uint32_t work[DRAINS_MAX];         // drains that are facts: number by place
    struct kept_desk kept;
};

struct engine;

void outage_desk_start(struct engine *e, struct wall wall);
void outage_desk_notice(struct engine *e, struct mono now, const struct notice *notice);
// What whoever makes changes tells, and what of one is odd.
void outage_desk_change(struct engine *e, struct mono now, const struct change *change);
void outage_desk_odd(struct engine *e, const struct change_odd *odd);
void outage_desk_session(struct engine *e, const struct event_session *session);
// Whether it is known of every upstream what it carries.
bool outage_desk_knows_traffic(const struct engine *e);
// Joins, moves on and tells; after whatever else a tick does.
void outage_desk_advance(struct engine *e);
