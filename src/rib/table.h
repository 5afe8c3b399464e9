// SPDX-License-Identifier: ISC
// The table from inside; for the files of this room alone. Its parts: prefixes (numbers for them),
// attributes (handles for them), and for each peer and family a column that joins the two. A view
// is the columns: the living ones, or a snapshot's, which share chunks with them.
#pragma once

#include "rib/column.h"
#include "rib/rib.h"
#include "rib/stamp.h"

struct view_peer {
    enum rib_peer_kind kind;
    bool full, doubted, complete[FAMILIES];
    uint32_t routes[FAMILIES];
    struct rib_speaker speaker;
    struct column *columns[FAMILIES];  // NULL: no routes
};

struct rib_view {
    struct rib *rib;
    uint32_t stamp;     // of a snapshot; 0: alive
    bool lost;          // a snapshot that had to go
    uint32_t peer_end;  // no peer from here on
    struct view_peer peers[RIB_PEERS_MAX];
};

struct rib {
    struct rib_view live;
    struct budget budget;
    struct slabs slabs;
    struct prefixes prefixes[FAMILIES];
    struct attributes attributes;
    struct column *forgotten;  // to be swept
    struct rib_view *snapshots[RIB_SNAPSHOTS_MAX];
    uint32_t stamp;   // last given to a snapshot
    uint32_t newest;  // of those that stand: what dies now gets it; 0: none stands
    // Where the sweep for what only snapshots knew is: FAMILY_NONE: nowhere, FAMILIES: attributes.
    enum family sweep_family;
    uint32_t sweep_segment;
};

// Frees whatever can be freed, at the cost of the snapshots if need be; false: there is nothing.
bool rib_reclaim(struct rib *rib);
void rib_lose_snapshots(struct rib *rib);

// Whether the peer has a route to exactly this prefix, or any (RIB_NO_PEER).
bool rib_has_route(const struct rib_view *view, uint32_t peer, struct prefix prefix);

static inline struct attributes_rank rib_rank(const struct rib_view *view, uint32_t attributes)
{
    return attributes_rank(&view->rib->attributes, attributes);
}
