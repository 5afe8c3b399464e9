// SPDX-License-Identifier: ISC
// Is this path worse than the others to the same targets? Bad everywhere is nobody's fault that
// moving could mend, and stays low here (detection.md 2.8). Feeds on the tallies of all upstreams'
// paths; the path "as routed" is nobody's peer.
#pragma once

#include "net/net.h"
#include "stat/evalue.h"

struct relative_count {
    uint32_t ok, lost;
};

struct relative {
    uint32_t path_count;
    struct net_path paths[NET_PATHS_MAX];
    struct evalue evidence[NET_PATHS_MAX];
    struct relative_count block[NET_TARGETS_MAX][NET_PATHS_MAX];  // since the target's last block
};

// About 12 kB.
void relative_init(struct relative *r, const struct net *net);
// Adds what became of probes of one path to one target. When a path reports a second time, the
// reports of all its family's paths to that target since the first make one block, so that what hit
// all of them at once is compared with itself.
void relative_add(struct relative *r, uint32_t path, uint32_t target, struct relative_count count);
// Evidence that the path loses more than its peers, in thousandths of a nat: 9210 is "once in 10000
// blocks if it did not". 0 for the path "as routed", and where there is no peer.
uint32_t relative_millinats(const struct relative *r, uint32_t path);
