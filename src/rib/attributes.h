// SPDX-License-Identifier: ISC
// What is kept of a path, each set of values once: most routes of a table share theirs. A set is
// named by a handle, taken and given back by its users; 0 is none.
#pragma once

#include "base/prefix.h"
#include "base/siphash.h"
#include "bgp/update.h"
#include "rib/pool.h"

#include <stdbool.h>

// Everything that a path says but its prefixes. Values that stood in no attribute are those that
// the decision takes in their stead: LOCAL_PREF 100, MED 0 (RFC 4271 §9.1.2.2 c).
struct rib_attributes {
    struct address next_hop, link_local;  // link_local: RFC 2545, or FAMILY_NONE
    struct bgp_bytes as_path;             // segments with 4-octet AS numbers
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

struct attributes_entry;

struct attributes {
    struct pool_budget *budget;
    struct attributes_entry **buckets;
    size_t bucket_count, live;
    struct siphash_key key;
    struct pool handles;  // each holds where its entry is
};

void attributes_init(struct attributes *all, struct pool_budget *budget, struct siphash_key key);
void attributes_done(struct attributes *all);  // all must have been given back, or none matter

// The handle of the kept copy of `like`, one user more; 0 when the budget or memory is out.
uint32_t attributes_take(struct attributes *all, const struct rib_attributes *like);
void attributes_hold(struct attributes *all, uint32_t handle);  // one user more
// One user fewer; the last frees it.
void attributes_give(struct attributes *all, uint32_t handle);
// Views into the kept copy, valid until it is given back.
const struct rib_attributes *attributes_at(const struct attributes *all, uint32_t handle);
