// SPDX-License-Identifier: ISC
// A kernel's route as a path of the RIB: the metric makes its path id, the rest are attributes,
// kept once for all routes that leave the same way. So a full table costs what one more peer costs.
// The metric that most routes have makes path id 0, which costs nothing.
#pragma once

#include "rib/fib_state.h"
#include "rib/rib.h"

struct fib_table {
    uint32_t peer;   // of the RIB; RIB_NO_PEER: there is none
    uint32_t usual;  // the metric of most routes
};

static inline uint32_t fib_path_id(const struct fib_table *table, uint32_t metric)
{
    return metric ^ table->usual;
}

struct fib_route {
    uint32_t metric;
    uint32_t nexthop, generation;  // of the object it uses; 0: none, the hops stand here
    uint8_t type, protocol;
    bool is_cut;
    uint8_t hop_count;
    struct kernel_hop hops[KERNEL_HOPS_MAX];  // in order, each once
};

enum { FIB_ROUTE_WAYS = 256 };

// Ways out met lately, as attributes: most routes of a dump share a few, and finding them again
// here costs less than in the RIB. Routes of one way are gathered, to be learned together. To be
// flushed and forgotten when a nexthop object changes.
struct fib_route_ways {
    struct fib_route_way {
        uint32_t attributes;  // taken; 0: the place is free
        uint32_t nexthop;
        uint8_t type, protocol;
        bool has_hop;
        struct kernel_hop hop;
        uint8_t waiting;
        struct bgp_route routes[RIB_BATCH_MAX];
    } places[FIB_ROUTE_WAYS];
    uint32_t common, lead;  // the metric that leads, and by how much: Boyer and Moore (1981)
};

struct fib_route fib_route_of(const struct kernel_route *route, const struct fib_state *state);
// Now.
void fib_route_learn(struct rib *rib, const struct fib_table *table, struct prefix prefix,
                     const struct fib_route *route);
// Soon: at the latest with fib_route_flush(), for the same table.
void fib_route_gather(struct rib *rib, struct fib_route_ways *ways, const struct fib_table *table,
                      const struct kernel_route *route, const struct fib_state *state);
void fib_route_flush(struct rib *rib, struct fib_route_ways *ways, const struct fib_table *table);
// Gives back what it took; what waits is dropped.
void fib_route_forget(struct rib *rib, struct fib_route_ways *ways);

// From a path's attributes.
void fib_route_read(const struct rib *rib, const struct fib_table *table,
                    const struct rib_path *path, struct fib_route *route);

// The one of lowest metric: the one that forwards. False: there is none.
bool fib_route_first(const struct rib *rib, const struct fib_table *table, struct prefix prefix,
                     struct rib_path *first);

// Takes away from `route` the hops of `gone`, none of which need be there.
void fib_route_lose_hops(struct fib_route *route, const struct fib_route *gone);
