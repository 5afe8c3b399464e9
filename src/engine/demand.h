// SPDX-License-Identifier: ISC
// What goes to each prefix, as a flow collector tells. Bounded: the heaviest have the room; what is
// old, or found none, is unknown.
#pragma once

#include "engine/event.h"
#include "steer/routes.h"

enum {
    // Prefixes: as many as are known with their routes, and as many that want a place of these.
    DEMAND_PER_FAMILY_MAX = 2 * ROUTES_PER_FAMILY_MAX,
    DEMAND_MAX = 2 * ROUTES_MAX,
    // Collectors add flows up over a minute, and exporters end a long flow each minute: of three
    // tellings two may be missing.
    DEMAND_AGE_MAX_S = 180,
};

struct demand_item {
    struct prefix prefix;
    int64_t bps;
    struct mono at;
    struct mono asked_at;  // when route was asked for its place, see places.h; 0: not
};

struct demand {
    uint32_t count;
    uint64_t refused;                      // for want of room, or because it cannot be
    struct mono places_at;                 // of places.h: when it looks again
    struct demand_item items[DEMAND_MAX];  // in order of prefix
};

// A zeroed struct knows nothing. False: it was not taken. `at`: when it was measured; `now` makes
// room by letting go of what is too old.
bool demand_take(struct demand *demand, struct mono at, struct mono now,
                 const struct event_demand *told);
// NULL: nothing was told of it.
struct demand_item *demand_find(struct demand *demand, struct prefix prefix);
// To exactly this prefix; -1: unknown.
int64_t demand_bps(const struct demand *demand, struct prefix prefix, struct mono now);
