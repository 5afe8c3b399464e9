// SPDX-License-Identifier: ISC
// What may be at fault, for localise.h: everything, a family, an upstream, a router, a target, a
// country or region of targets, a hop that was traced, a class or size of packets, a member of a
// configured group, and conjunctions of these; and which of them each flow passes. Those that
// exactly the same flows pass nobody can tell apart: they are one component, called by the plainest
// of its names. The way "as routed" is left out: what it passes changes with every route. What goes
// by a link is what its neighbour turns around, and what of upstreams can go by no other.
#pragma once

#include "detect/fault.h"
#include "detect/localise.h"
#include "net/net.h"
#include "probe/flow.h"

#include <stdbool.h>

enum {
    COMPONENTS_MAX = 8192,
    COMPONENTS_OF_FLOW_MAX = 63,
    COMPONENTS_HOPS_MAX = 30,  // of one flow: as far as is traced
    // Of all hops that some flow passes as last learned. The further away, the more there are:
    // those behind the nearest of a flow leave half of the room for others' nearest.
    COMPONENTS_ADDRESSES_MAX = 2048,
    COMPONENTS_NEAREST = 8,
    // Flows of which what they pass differs by their hops: so many, and one in so many of all
    // flows; of further ones the hops are left out.
    COMPONENTS_TRACED_MIN = 2048,
    COMPONENTS_TRACED_SHARE = 16,
};

struct components;

// Both are lent and must outlive it. NULL without memory.
struct components *components_new(const struct net *net, const struct flow *flows, uint32_t count);
void components_free(struct components *c);

// What tracing found of a flow: routers on its way, from the nearest on, and which of so many equal
// ways it takes; FAULT_ANY: not known. Too much is left out.
struct components_way {
    const struct address *hops;
    uint32_t hop_count;
    int32_t bucket, bucket_count;
};
void components_learn(struct components *c, uint32_t flow, const struct components_way *way);
// Its routers, from the nearest on, as last learned; gives how many.
uint32_t components_hops(const struct components *c, uint32_t flow,
                         struct address hops[COMPONENTS_HOPS_MAX]);
// Whether something was learned that the lists below do not hold yet; makes them anew.
bool components_renew(struct components *c);

uint32_t components_count(const struct components *c);
// ln of how likely it is at fault, of each.
const double *components_prior_nats(const struct components *c);
// Those that packets of the flow pass; ends with LOCALISE_NOBODY. Behind the flows come, as if each
// had one more flow of which nothing was traced, all paths and targets: see components_of_group().
const uint16_t *components_of(const struct components *c, uint32_t flow);
// Whether there are any: a bit of each flow, which asked for of all lie in the nearest caches.
bool components_has(const struct components *c, uint32_t flow);
uint32_t components_of_group(const struct components *c, uint32_t path, uint32_t target);

// The component's name; with the upstream and bucket that all its flows share.
struct fault_part components_part(const struct components *c, uint32_t component);
// The component of that name, of several the one that so many flows pass; LOCALISE_NOBODY.
uint32_t components_find(const struct components *c, const struct fault_part *part, uint32_t flows);
// How many flows pass it, and how many millionths that is of those of its path or upstream, of
// which what is turned around by a neighbour is none.
uint32_t components_flows(const struct components *c, uint32_t component);
uint32_t components_share_ppm(const struct components *c, uint32_t component);
// Whether only what is turned around by a neighbour passes it.
bool components_is_turned(const struct components *c, uint32_t component);
// The component that is its counterpart in the other family; LOCALISE_NOBODY.
uint32_t components_counterpart(const struct components *c, uint32_t component);
