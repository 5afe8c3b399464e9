// SPDX-License-Identifier: ISC
// Enhanced route refresh as the one who receives it (RFC 7313 §4): what a router had told before it
// began to tell all again, and has not told since, is stale and goes.
#pragma once

#include "bgp/update.h"

struct route_role;

// Of a router's table in one family. What was told again is remembered as hashes with a secret key:
// 16 bytes a route while the refresh lasts, nothing before and after.
struct route_refresh {
    bool hearing;    // between the marks
    bool sweeping;   // behind them: what is stale goes, bit by bit
    int64_t end_ns;  // monotonic: when hearing ends without its mark
    uint64_t key[2];
    uint64_t *told;  // open addressing; 0: free
    uint32_t told_count, told_max;
    struct rib_walk *walk;
};

void route_refresh_begin(struct route_role *r, uint32_t router, enum family family);
// A route came; heeded while hearing or sweeping.
void route_refresh_heard(struct route_role *r, uint32_t router, const struct bgp_route *route);
void route_refresh_end(struct route_role *r, uint32_t router, enum family family);
void route_refresh_tick(struct route_role *r);
void route_refresh_forget(struct route_role *r, uint32_t router);
