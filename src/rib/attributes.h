// SPDX-License-Identifier: ISC
// What is kept of a path, each set of values once: most routes of a table share theirs. A set is
// named by a handle below 2^31, taken and given back by its users; 0 is none.
//
// A set is a run of words: what nearly every path has comes first and as it stood on the wire; its
// communities are a run of their own, as few are distinct; so is all that few paths have.
#pragma once

#include "bgp/update.h"
#include "rib/interner.h"
#include "rib/next_hops.h"

// Everything that a path says but its prefixes. Values that stood in no attribute are those that
// the decision takes in their stead: LOCAL_PREF 100, MED 0 (RFC 4271 §9.1.2.2 c).
struct rib_attributes {
    struct address next_hop, link_local;  // RFC 2545, or FAMILY_NONE
    struct bgp_bytes as_path;             // 4-octet AS numbers
    struct bgp_bytes communities, extended, ipv6_extended, large, cluster_list;  // as on the wire
    struct bgp_bytes others;  // transitive attributes that we do not know, whole, as on the wire
    uint64_t aigp;            // RFC 7311
    uint32_t local_pref, med;
    uint32_t originator_id;     // RFC 4456; 0: none
    uint32_t only_to_customer;  // RFC 9234
    uint32_t aggregator_as;
    struct address aggregator;  // FAMILY_NONE: none
    uint8_t origin;             // 0 igp, 1 egp, 2 incomplete
    bool has_local_pref, has_med, has_aigp, has_only_to_customer, atomic;
    bool marked;  // carries our own marker: an echo of what Fairlead announced
};

// What an override is judged by and copies: it costs a cache line, where all of a path costs
// several.
struct rib_way {
    struct address next_hop;
    struct bgp_bytes as_path;  // 4-octet AS numbers
    uint8_t origin;
    bool marked;
};

enum { RIB_LOCAL_PREF_DEFAULT = 100 };

struct attributes {
    struct slabs *slabs;     // of lists and extras
    struct slabs set_slabs;  // of nothing else, so that all sets can be walked as they lie
    struct interner sets, lists, extras;
    struct next_hops next_hops;
    uint32_t *scratch;  // where a set is put together
    uint32_t swept;     // buckets of `sets` that attributes_sweep() has seen
    bool swept_some;    // and freed something in
};

// False when memory is out.
bool attributes_init(struct attributes *all, struct slabs *slabs, struct siphash_key secret);
void attributes_done(struct attributes *all);

// The handle of the set, one user more; 0 when the budget or memory is out.
uint32_t attributes_take(struct attributes *all, const struct rib_attributes *values);
// One user fewer. With the last it goes; or is dead, when `stamp` is not 0 (stamp.h).
void attributes_give(struct attributes *all, uint32_t set, uint32_t stamp);
// Frees a piece of the dead that no snapshot from `oldest` on can know; false: there are no more.
bool attributes_sweep(struct attributes *all, uint32_t oldest);

static inline void attributes_hold(struct attributes *all, uint32_t set)
{
    interner_hold(&all->sets, set);
}

// The values as views, valid until the set goes.
struct rib_attributes attributes_read(const struct attributes *all, uint32_t set);

struct rib_way attributes_way(const struct attributes *all, uint32_t set);

// What the first steps of the decision look at, at the cost of one cache line.
struct attributes_rank {
    uint64_t merit;      // LOCAL_PREF, length of the AS path, ORIGIN: the lower, the better
    uint32_t neighbour;  // AS it was learned from; 0: none, or a set of them
    uint32_t med;
    uint32_t next_hop;  // number; NEXT_HOP_NONE: ask attributes_read()
    bool marked;
    bool reflected;  // has ORIGINATOR_ID or CLUSTER_LIST: ask attributes_read()
};
struct attributes_rank attributes_rank(const struct attributes *all, uint32_t set);
