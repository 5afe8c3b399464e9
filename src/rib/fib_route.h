// SPDX-License-Identifier: ISC
// A kernel's route as a path of the RIB: the metric is its path id, the rest are attributes, kept
// once for all routes that leave the same way. So a full table costs what one more peer costs.
#pragma once

#include "kernel/route.h"
#include "rib/rib.h"

struct fib_route {
    uint32_t metric;
    uint32_t nexthop, generation;  // of the object it uses; 0: none, the hops stand here
    uint8_t type, protocol;
    bool is_cut;
    uint8_t hop_count;
    struct kernel_hop hops[KERNEL_HOPS_MAX];  // in order, each once
};

enum { FIB_ROUTE_WAYS = 256, FIB_ROUTE_WAY_BYTES = 64 };

// Ways out met lately, as attributes: most routes of a dump share a few, and finding them again
// here costs less than in the RIB. Routes of one way are gathered, to be learned together.
struct fib_route_ways {
    struct fib_route_way {
        uint32_t attributes;  // taken; 0: the place is free
        uint8_t size, bytes[FIB_ROUTE_WAY_BYTES];
        uint8_t waiting;
        struct bgp_route routes[RIB_BATCH_MAX];
    } places[FIB_ROUTE_WAYS];
};

struct fib_route fib_route_of(const struct kernel_route *route, uint32_t generation);
// Now.
void fib_route_learn(struct rib *rib, uint32_t peer, struct prefix prefix,
                     const struct fib_route *route);
// Soon: at the latest with fib_route_flush(), for the same peer.
void fib_route_gather(struct rib *rib, struct fib_route_ways *ways, uint32_t peer,
                      struct prefix prefix, const struct fib_route *route);
void fib_route_flush(struct rib *rib, struct fib_route_ways *ways, uint32_t peer);
// Gives back what it took; what waits is dropped.
void fib_route_forget(struct rib *rib, struct fib_route_ways *ways);

// From a path's attributes.
void fib_route_read(const struct rib *rib, const struct rib_path *path, struct fib_route *route);

// The one of lowest metric: the one that forwards. False: there is none.
bool fib_route_first(const struct rib *rib, uint32_t peer, struct prefix prefix,
                     struct rib_path *first);

// Takes away from `route` the hops of `gone`, none of which need be there.
void fib_route_lose_hops(struct fib_route *route, const struct fib_route *gone);
