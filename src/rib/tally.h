// SPDX-License-Identifier: ISC
// How many of a peer's paths lead through each upstream. Counted when asked, a segment of prefixes
// a step (some ten microseconds), so that routes cost nothing for it while they come. What changes
// under way is counted as it is when its segment's turn comes; of a snapshot it is exact.
#pragma once

#include "net/net.h"
#include "rib/view.h"

enum { RIB_TALLY_OTHERS = NET_UPSTREAMS_MAX };  // a next hop that is no upstream's

struct rib_tally {
    const struct rib_view *view;
    const struct net *net;
    uint32_t peer;
    enum family family;  // where it is
    uint32_t segment;
    uint32_t paths[FAMILIES][NET_UPSTREAMS_MAX + 1];  // by upstream, and others; without echoes
    uint32_t echoes[FAMILIES];                        // of our own announcements
};

void rib_tally_begin(struct rib_tally *tally, const struct rib_view *view, const struct net *net,
                     uint32_t peer);
bool rib_tally_step(struct rib_tally *tally);  // false: all is counted
