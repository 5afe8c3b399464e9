// SPDX-License-Identifier: ISC
// The routes that each peer told us, both families, several for a prefix with ADD-PATH (RFC 7911).
// A peer is whoever's table we hold: a router of the edge by its own session, a peer that a router
// tells of by BMP, or a kernel. What is done to one route costs the same whatever the size.
//
// It grows to a number of bytes and no further: at that limit it gives up its snapshots, then
// learns no more; a peer of which a route did not fit, or may be missing, is `partial` until it is
// forgotten, and nothing may be steered by a partial table. The last eighth is for sessions alone:
// what others tell never makes the routers' own tables partial. The routes of a forgotten peer
// vanish at once, their memory follows by rib_sweep(). Knows no session, no time. To read it:
// rib/view.h.
#pragma once

#include "net/net.h"
#include "rib/attributes.h"
#include "rib/view.h"

enum {
    RIB_PEERS_MAX = 512,
    RIB_PATHS_MAX = 32,         // of one peer for one prefix; more make it partial
    RIB_BATCH_MAX = 64,         // routes learned or withdrawn in one call
    RIB_SWEEP_STEP = 16 << 10,  // routes a turn: about a millisecond
};

// NULL when memory is out. A secret `key` keeps hashing unforeseeable.
struct rib *rib_new(size_t bytes_max, struct siphash_key key);
void rib_free(struct rib *rib);
size_t rib_bytes(const struct rib *rib);

// Peers 0 to NET_ROUTERS_MAX - 1 are the routers' sessions, always open, in the order of the
// configuration. Other numbers are given here; RIB_NO_PEER: all are in use.
uint32_t rib_peer_open(struct rib *rib, enum rib_peer_kind kind);
void rib_peer_close(struct rib *rib, uint32_t peer);  // forgets it; its number may be given again
enum rib_peer_kind rib_peer_kind(const struct rib *rib, uint32_t peer);
// Who it is, for the last steps of the decision; it holds until the peer is closed.
void rib_peer_describe(struct rib *rib, uint32_t peer, const struct rib_speaker *speaker);
// The peer has sent all that it had of a family; it holds until the peer is forgotten.
void rib_peer_complete(struct rib *rib, uint32_t peer, enum family family);
bool rib_peer_is_complete(const struct rib *rib, uint32_t peer, enum family family);
// What it told could not be read: nobody knows which of its routes are missing or wrong.
void rib_peer_doubt(struct rib *rib, uint32_t peer);
bool rib_peer_is_doubted(const struct rib *rib, uint32_t peer);
bool rib_peer_is_full(const struct rib *rib, uint32_t peer);     // a route of it did not fit
bool rib_peer_is_partial(const struct rib *rib, uint32_t peer);  // either
uint32_t rib_route_count(const struct rib *rib, uint32_t peer, enum family family);

// Attributes are kept once, taken once for all prefixes of an UPDATE and given back after the last:
// whoever takes has the handle until he gives it, each learned route has it for itself.
// 0: it does not fit.
uint32_t rib_attributes_take(struct rib *rib, const struct rib_attributes *attributes);
void rib_attributes_give(struct rib *rib, uint32_t attributes);  // 0 is allowed

enum rib_change { RIB_SAME, RIB_CHANGED, RIB_FULL };

// A route came, or came again with other attributes. With RIB_FULL, which attributes 0 always give,
// it is not kept, nor is what it was to replace.
enum rib_change rib_learn(struct rib *rib, uint32_t peer, struct prefix prefix, uint32_t path_id,
                          uint32_t attributes);
enum rib_change rib_withdraw(struct rib *rib, uint32_t peer, struct prefix prefix,
                             uint32_t path_id);

// Fetches what questions about the sessions' paths to these prefixes will ask for: who asks several
// need not wait for memory at each. RIB_BATCH_MAX at most.
void rib_expect(const struct rib *rib, const struct prefix *prefixes, size_t count);

// Many at once, of both families in any order, in half the time: they need not wait for memory one
// after the other. RIB_BATCH_MAX at most. Says how many changed, and whether one did not fit.
struct rib_batch {
    uint32_t changed;
    bool full;
};
struct rib_batch rib_learn_batch(struct rib *rib, uint32_t peer, const struct bgp_route *routes,
                                 size_t count, uint32_t attributes);
struct rib_batch rib_withdraw_batch(struct rib *rib, uint32_t peer, const struct bgp_route *routes,
                                    size_t count);

// The peer's session is gone: so are all its routes, at once.
void rib_forget(struct rib *rib, uint32_t peer);
// Frees what forgotten peers and snapshots left, a bounded piece a call; true: there is more to do.
bool rib_sweep(struct rib *rib);

// The table as it is now, whatever is learned later, until it is freed: NULL when there are
// RIB_SNAPSHOTS_MAX, or memory is out. It costs what changes meanwhile. When the table needs its
// memory it is lost: it then has no routes.
const struct rib_view *rib_snapshot_take(struct rib *rib);
void rib_snapshot_free(struct rib *rib, const struct rib_view *snapshot);  // NULL is allowed
bool rib_snapshot_is_lost(const struct rib_view *snapshot);
