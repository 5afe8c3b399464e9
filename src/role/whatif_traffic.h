// SPDX-License-Identifier: ISC
// How much traffic a drain would bring to which way, and what would be lost of it. Exact where what
// is known decides it, else bounds: of a prefix whose routers use several ways nobody knows by
// which of them how much leaves; of what upstreams carry beyond what is told by prefix (the rest)
// nobody knows which prefixes it goes to. Both may be nothing, or all of it.
#pragma once

#include "engine/traffic.h"
#include "rib/whatif.h"

#include <jansson.h>

#define WHATIF_UNKNOWN (-1)  // how much it is at most

struct whatif_span {  // bits a second
    int64_t least, most;
};

struct whatif_traffic {
    const struct net *net;
    const struct traffic *traffic;
    uint64_t drained;         // upstreams
    bool comes_in_elsewhere;  // at routers that are not drained
    uint32_t next;            // of the traffic's items
    // Told by prefix: what could come to each way, what leaves by drained ones, what has no way.
    struct whatif_span to[WHATIF_WAYS][FAMILIES], leaves, lost;
    struct whatif_span beside;  // of what leaves, by ways that are no upstreams
    // Of all that leaves, once every item was looked at.
    uint64_t targets;  // ways that any of it could take
    bool any_lost;
    struct whatif_span all, rest;
};

void whatif_traffic_init(struct whatif_traffic *t, const struct net *net,
                         const struct traffic *traffic, struct whatif_drain drain);
// Looks at some of what is told by prefix; false when nothing is left.
bool whatif_traffic_step(struct whatif_traffic *t, struct whatif *w);
// When both are done: concludes.
void whatif_traffic_end(struct whatif_traffic *t, const struct whatif *w);

// Of an upstream, or another way that could get some; NULL: of another. A span is
// {"least":1,"most":2}, its `most` null when it is unknown.
// {"way":"transit-b","drained":false,"capacity_bps":10000000000,"limit_bps":8000000000,
//  "use_bps":2000000000,"ipv4":SPAN,"ipv6":SPAN,"untold":SPAN,"gains":SPAN,"after":SPAN,
//  "over":SPAN,"fits":true}
//                     capacity_bps, limit_bps (with its headroom, S10), use_bps null: unknown;
//                     after, over (of what comes, more than it can carry) null: for that; fits:
//                     within its limit, null: nobody can tell. Of a drained one nothing from
//                     "ipv4" on.
json_t *whatif_traffic_way(const struct whatif_traffic *t, uint32_t way);
// {"leaves":SPAN,"told":SPAN,"no_way":SPAN,"lost":SPAN}       told: by prefix; lost: no way, or
// over
json_t *whatif_traffic_sum(const struct whatif_traffic *t);
