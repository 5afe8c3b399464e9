// SPDX-License-Identifier: ISC
// Reading a table: as it is (rib_live()) or as it was (a snapshot). Nothing here changes it.
#pragma once

#include "rib/attributes.h"

enum { RIB_SNAPSHOTS_MAX = 4 };
#define RIB_NO_PEER UINT32_MAX

enum rib_peer_kind {
    RIB_PEER_NONE,
    RIB_PEER_SESSION,  // the router's own words: only these may ever justify an announcement
    RIB_PEER_BMP_IN,   // what a router hears, RFC 7854
    RIB_PEER_BMP_OUT,  // what it says, RFC 8671
    RIB_PEER_BMP_LOC,  // what it uses, RFC 9069
    RIB_PEER_FIB,      // what a kernel forwards by
    RIB_PEER_KINDS
};

struct rib_speaker {         // a peer as the decision sees it; all 0: nothing is known
    struct address address;  // of its session
    uint32_t id;             // BGP identifier
    bool external;           // the session is eBGP
};

struct rib;
struct rib_view;

const struct rib_view *rib_live(const struct rib *rib);

// The values behind a handle as views, valid until the table changes.
struct rib_attributes rib_attributes(const struct rib *rib, uint32_t attributes);
struct rib_way rib_way(const struct rib *rib, uint32_t attributes);
struct rib_attributes rib_view_attributes(const struct rib_view *view, uint32_t attributes);

struct rib_path {
    uint32_t peer, path_id;
    uint32_t attributes;  // valid until the table changes; in a snapshot, until that is freed
};

// Walks over the paths to exactly this prefix, those of a peer together, peers in order. The table
// must not change under way.
struct rib_paths {
    const struct rib_view *view;
    uint32_t peer, peer_end;
    enum family family;
    uint32_t id;     // of the prefix
    uint32_t group;  // of the paths of `peer`; 0: none is open
    uint32_t group_at;
};
struct rib_paths rib_paths(const struct rib *rib, struct prefix prefix);          // of all peers
struct rib_paths rib_session_paths(const struct rib *rib, struct prefix prefix);  // of sessions
struct rib_paths rib_peer_paths(const struct rib *rib, uint32_t peer, struct prefix prefix);
// The peers from `from` to before `to`.
struct rib_paths rib_view_paths(const struct rib_view *view, uint32_t from, uint32_t to,
                                struct prefix prefix);
bool rib_paths_next(struct rib_paths *paths, struct rib_path *path);

// The longest prefix that contains the address with a route of the peer, or of any (RIB_NO_PEER).
bool rib_longest_match(const struct rib *rib, uint32_t peer, struct address address,
                       struct prefix *match);

enum rib_peer_kind rib_view_peer_kind(const struct rib_view *view, uint32_t peer);
uint32_t rib_view_route_count(const struct rib_view *view, uint32_t peer, enum family family);

// Calls `visit` for each prefix of which the peer has a route, in no order. It must not change the
// table.
void rib_each(const struct rib_view *view, uint32_t peer,
              void (*visit)(void *context, struct prefix prefix), void *context);

// The same for the prefixes inside `outer` that have a route of any peer.
void rib_each_inside(const struct rib *rib, struct prefix outer,
                     void (*visit)(void *context, struct prefix prefix), void *context);

// The prefixes inside `outer` (of FAMILY_NONE: all) that have a route of the peer, or of any
// (RIB_NO_PEER), in order of family, address and length. The table may change under way: what is
// there throughout is met once. NULL when memory is out.
struct rib_walk;
struct rib_walk *rib_walk_new(const struct rib_view *view, uint32_t peer, struct prefix outer);
bool rib_walk_next(struct rib_walk *walk, struct prefix *prefix);
void rib_walk_free(struct rib_walk *walk);
