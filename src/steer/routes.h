// SPDX-License-Identifier: ISC
// The steerable routes that route told of: for each prefix, through which upstreams each router has
// learned it, and which of them it uses. Bounded; what does not fit is counted and never moved.
#pragma once

#include "base/clock.h"
#include "net/net.h"

enum {
    // Prefixes: five times what may be moved (STEER_ROUTES_PER_ROUTER_MAX). Each family has a room
    // of its own, so that a flood of one leaves the other movable.
    ROUTES_PER_FAMILY_MAX = 1000,
    ROUTES_MAX = (FAMILIES - 1) * ROUTES_PER_FAMILY_MAX,
};

struct route {
    struct prefix prefix;
    uint32_t via[NET_ROUTERS_MAX];   // bit n: learned through upstream n
    uint32_t best[NET_ROUTERS_MAX];  // of those, the router's own choice: one bit or none
    struct mono best_at;             // when some router's choice last changed
    struct mono refused_until;       // the gate or packets said no to it: not moved before
    bool barred;                     // by the configuration, for ever: see routes_learn()
};

struct routes {
    uint32_t count;
    // When some router last began to have a way through each upstream, or turned a prefix to it.
    struct mono came_at[NET_UPSTREAMS_MAX];
    uint64_t refused;                // news of prefixes for which there was no room
    struct route items[ROUTES_MAX];  // in order of prefix
};

struct route_news {
    uint32_t router, upstream;
    struct prefix prefix;
    bool present, best;
    struct mono at;
};

// The route if its prefix is new, NULL otherwise: who learns knows whether it may ever be moved.
struct route *routes_learn(struct routes *routes, const struct route_news *news);
// The router's session is gone, and with it all that it told.
void routes_forget(struct routes *routes, uint32_t router);
// Its place in `items`; NET_NOBODY: not known.
uint32_t routes_find(const struct routes *routes, struct prefix prefix);
// NULL: none.
const struct route *routes_longest_match(const struct routes *routes, struct address address);
void routes_refuse(struct routes *routes, struct prefix prefix, struct mono until);
// Whether some router sends this prefix out through the upstream now.
bool route_leaves_by(const struct route *route, uint32_t upstream);
// Whether it may be moved there: some router learned a way through it, and every router of
// `routers` (bit set) has the prefix at all, so that all can be told or none.
bool route_may_go(const struct route *route, uint32_t upstream, uint16_t routers);
