// SPDX-License-Identifier: ISC
// Where a route or a next hop leads: through nexthop objects, groups and the table itself to the
// boxes next to the router.
#pragma once

#include "rib/fib.h"
#include "rib/fib_route.h"

enum {
    FIB_NEXT_HOP_HOPS_MAX = 16,    // of one next hop, over several links
    FIB_NEXT_HOPS_MAX = 8 * 1024,  // of one router: the members of a large exchange, and more
};

enum fib_lead {
    FIB_LEADS,          // to `hops`
    FIB_LEADS_HOME,     // to the router itself
    FIB_LEADS_NOWHERE,  // there is no route
    FIB_DISCARDED,
    FIB_OBJECT_GONE,     // `number`: of the nexthop object
    FIB_OVER_DOWN_LINK,  // `number`: of the link
    FIB_LEAD_UNKNOWN,
};

struct fib_hops {
    enum fib_lead lead;
    uint32_t number;
    uint8_t count;
    struct kernel_hop hops[KERNEL_HOPS_MAX];
};

void fib_follow_route(const struct fib *fib, const struct fib_route *route, struct fib_hops *hops);

// Whether the route went with its nexthop object, and stands here as a sign of that only.
bool fib_is_ghost(const struct fib *fib, const struct fib_route *route);

struct fib_next_hop {  // of BGP
    struct fib_next_hop_key {
        uint32_t family;
        uint8_t bytes[16];
    } key;
    uint32_t epoch;           // of the table when it was followed
    struct prefix by;         // the route that leads to it; FAMILY_NONE: none does
    uint32_t uses, counting;  // prefixes that BGP sends to it: of the last walk, of this one
    enum fib_lead lead;
    uint32_t number;
    uint8_t count;
    struct kernel_hop hops[FIB_NEXT_HOP_HOPS_MAX];  // a directly connected one is its own gateway
};

// Good until the next one is followed. NULL: too many are known.
struct fib_next_hop *fib_follow(struct fib *fib, struct address next_hop);
// All that are known, where the table has changed since.
void fib_follow_all(struct fib *fib);

// Whether packets by `found` reach who is meant by `wanted`: the same gateway on the same link, or
// another address there that may well be of the same box, as a link-local one.
bool fib_is_same_hop(const struct fib *fib, const struct kernel_hop *found,
                     const struct kernel_hop *wanted);

// Whether a route to this prefix bears on where next hops lead.
bool fib_bears_next_hops(const struct fib *fib, struct prefix prefix);
