// SPDX-License-Identifier: ISC
// What would happen if upstreams or routers were drained: for every prefix, which way each router
// uses now and which it would use then. Exact for the decision written down here, over a view that
// does not change; in steps of a few tenths of a millisecond.
//
// Paths. Those of the routers' own sessions count, and of BMP what a router hears (RIB_PEER_BMP_IN)
// where no session shows that way for the prefix: the session has the router's own attributes. A
// path belongs to the upstream whose next hop it has, and so to that upstream's router; one with
// another next hop, to the router that tells of it, as a way "beside" its upstreams. Echoes of our
// own announcements do not count.
//
// Decision. Of all paths that count: the highest LOCAL_PREF, shortest AS path, lowest ORIGIN; of
// those from one neighbour AS the lowest MED; RFC 4271 §9.1.1, §9.1.2.2 a to c. Of what is left
// each router prefers its own (step d: eBGP before iBGP); it is told of the others by iBGP. Then
// the lowest ORIGINATOR_ID or identifier of the speaker, the shortest CLUSTER_LIST, the lowest
// address of the speaker, path identifier, peer. The IGP's cost (step e) is not known here.
//
// A drain takes the paths of the drained ways out and decides again. A drained router decides no
// more.
#pragma once

#include "rib/rib.h"

#include <assert.h>

enum {
    WHATIF_BESIDE = NET_UPSTREAMS_MAX,                       // way beside the upstreams of router 0
    WHATIF_BESIDE_NOBODY = WHATIF_BESIDE + NET_ROUTERS_MAX,  // of a table that is no router's
    WHATIF_WAYS,
};
static_assert(WHATIF_WAYS <= 64, "a way is a bit");
#define WHATIF_NO_WAY UINT8_MAX

struct whatif_drain {
    uint32_t upstreams, routers;  // bit sets; a router's upstreams go with it
};

// One prefix whose traffic moves, or that is left with fewer than two ways.
struct whatif_move {
    struct prefix prefix;
    uint64_t ways_before, ways_after;                    // over which it has paths
    uint32_t moved;                                      // bit set of routers
    uint8_t from[NET_ROUTERS_MAX], to[NET_ROUTERS_MAX];  // ways; WHATIF_NO_WAY: none
};

struct whatif_counts {
    uint32_t prefixes;             // with a path now
    uint32_t moved;                // at least one router changes its way and has one
    uint32_t lost;                 // no path is left
    uint32_t one_way;              // one way is left, of several
    uint32_t gained[WHATIF_WAYS];  // prefixes that at least one router moves to this way
};

// What goes to one prefix: over which ways it leaves now, of all routers, and which of them what
// leaves by the drained ones would take. What came in at a drained router comes in at any other.
struct whatif_fate {
    uint64_t before, after;  // bit sets of ways
    uint64_t drained;        // those of `before`
};

struct whatif_tell {
    // NULL: only counts are wanted. Called in no order of prefixes.
    void (*tell)(void *context, const struct whatif_move *move);
    void *context;
};

struct whatif;

// `routers_of` says whose each peer's table is (RIB_PEERS_MAX routers; NET_NOBODY). All is lent and
// must outlive it. NULL when memory is out.
struct whatif *whatif_new(const struct rib_view *view, const struct net *net,
                          const uint32_t *routers_of, struct whatif_drain drain,
                          struct whatif_tell tell);
void whatif_free(struct whatif *w);
// Goes on; false when all is done.
bool whatif_step(struct whatif *w);
// Good when all is done.
const struct whatif_counts *whatif_counts(const struct whatif *w, enum family family);
// At any time; false: no path leads to exactly this prefix.
bool whatif_fate(struct whatif *w, struct prefix prefix, struct whatif_fate *fate);
// The upstream's name, or "beside edge1", into `text` (WHATIF_WAY_TEXT_MAX bytes); gives it back.
enum { WHATIF_WAY_TEXT_MAX = NET_NAME_MAX + 16 };
const char *whatif_way_name(const struct net *net, uint32_t way, char *text);
