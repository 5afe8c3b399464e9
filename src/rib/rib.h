// SPDX-License-Identifier: ISC
// The routes that each peer told us, both families, several for a prefix with ADD-PATH (RFC 7911).
// A peer is whoever's table we hold: a router of the edge by its own session, a peer that a router
// tells of by BMP, or a kernel. Every operation but the walks costs the same whatever the size.
//
// It grows to a number of bytes and no further: a peer whose route did not fit is `partial` from
// then on, until it is forgotten, and nothing may be steered by a partial table. The routes of a
// forgotten peer vanish at once, their memory follows by rib_sweep(). Knows no session, no time.
#pragma once

#include "net/net.h"
#include "rib/attributes.h"

enum {
    RIB_PEERS_MAX = 512,
    RIB_PATHS_MAX = 32,          // of one peer for one prefix; more make it partial
    RIB_SWEEP_STEP = 20 * 1000,  // routes a turn: about a millisecond
    RIB_LOCAL_PREF_DEFAULT = 100,
};
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

struct rib;

// NULL when memory is out. A secret `key` keeps hashing unforeseeable.
struct rib *rib_new(size_t bytes_max, struct siphash_key key);
void rib_free(struct rib *rib);

// Peers 0 to NET_ROUTERS_MAX - 1 are the routers' sessions, always open, in the order of the
// configuration. Other numbers are given here; RIB_NO_PEER: all are in use.
uint32_t rib_peer_open(struct rib *rib, enum rib_peer_kind kind);
void rib_peer_close(struct rib *rib, uint32_t peer);  // forgets it; its number may be given again
enum rib_peer_kind rib_peer_kind(const struct rib *rib, uint32_t peer);
// The peer has sent all that it had of a family; it holds until the peer is forgotten.
void rib_peer_complete(struct rib *rib, uint32_t peer, enum family family);
bool rib_peer_is_complete(const struct rib *rib, uint32_t peer, enum family family);
bool rib_peer_is_partial(const struct rib *rib, uint32_t peer);
uint32_t rib_route_count(const struct rib *rib, uint32_t peer, enum family family);
size_t rib_bytes(const struct rib *rib);

// Attributes are kept once, taken once for all prefixes of an UPDATE and given back after the last:
// whoever takes has the handle until he gives it, each learned route has it for itself.
// 0: it does not fit.
uint32_t rib_attributes_take(struct rib *rib, const struct rib_attributes *attributes);
void rib_attributes_give(struct rib *rib, uint32_t attributes);  // 0 is allowed
// The values as views, valid until the table changes.
struct rib_attributes rib_attributes(const struct rib *rib, uint32_t attributes);

enum rib_change { RIB_SAME, RIB_CHANGED, RIB_FULL };

// A route came, or came again with other attributes. With RIB_FULL, which attributes 0 always give,
// it is not kept, nor is what it was to replace.
enum rib_change rib_learn(struct rib *rib, uint32_t peer, struct prefix prefix, uint32_t path_id,
                          uint32_t attributes);
enum rib_change rib_withdraw(struct rib *rib, uint32_t peer, struct prefix prefix,
                             uint32_t path_id);
// The peer's session is gone: so are all its routes, at once.
void rib_forget(struct rib *rib, uint32_t peer);
// Frees what forgotten peers left, a bounded piece a call; true when there is more to do.
bool rib_sweep(struct rib *rib);

struct rib_path {
    uint32_t peer, path_id;
    uint32_t attributes;  // of rib_attributes(); valid until the table changes
};

// Walks over the paths to exactly this prefix. The table must not change under way.
struct rib_paths {
    const struct rib *rib;
    uint32_t next;
    uint32_t peers_from, peers_to;
};
struct rib_paths rib_paths(const struct rib *rib, struct prefix prefix);  // of all peers
struct rib_paths rib_session_paths(const struct rib *rib, struct prefix prefix);
struct rib_paths rib_peer_paths(const struct rib *rib, uint32_t peer, struct prefix prefix);
bool rib_paths_next(struct rib_paths *paths, struct rib_path *path);

// The peer's own choice, as far as RFC 4271 §9.1 tells from what it sent; false: it has none.
// Echoes of our own announcements never count.
bool rib_best(const struct rib *rib, uint32_t peer, struct prefix prefix, struct rib_path *best);

// The longest prefix that contains the address with a route of the peer, or of any (RIB_NO_PEER).
bool rib_longest_match(const struct rib *rib, uint32_t peer, struct address address,
                       struct prefix *match);

// Calls `visit` for each prefix inside `outer` that has a route. It must not change the table.
void rib_each_inside(const struct rib *rib, struct prefix outer,
                     void (*visit)(void *context, struct prefix prefix), void *context);
