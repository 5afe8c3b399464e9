// SPDX-License-Identifier: ISC
// What is kept of a path, each set of values once: most routes of a table share theirs.
#pragma once

#include "base/prefix.h"
#include "base/siphash.h"
#include "rib/pool.h"

#include <stdbool.h>

struct rib_attributes {
    struct address next_hop;
    uint32_t local_pref;     // 100 when the router sent none
    uint32_t med;            // 0 when it sent none: RFC 4271 §9.1.2.2 c
    uint32_t originator_id;  // RFC 4456; 0: none
    uint16_t cluster_count;  // RFC 4456
    uint16_t as_path_size;   // bytes
    uint8_t origin;          // 0 igp, 1 egp, 2 incomplete
    bool marked;             // carries our own marker: an echo of what Fairlead announced
    const uint8_t *as_path;  // segments with 4-octet AS numbers
};

struct attributes_entry;

struct attributes {
    struct pool_budget *budget;
    struct attributes_entry **buckets;
    size_t bucket_count, live;
    struct siphash_key key;
};

void attributes_init(struct attributes *all, struct pool_budget *budget, struct siphash_key key);
void attributes_done(struct attributes *all);  // all must have been given back, or none matter

// The kept copy of `like`, one user more; NULL when the budget or memory is out.
const struct rib_attributes *attributes_take(struct attributes *all,
                                             const struct rib_attributes *like);
// One user fewer; the last frees it.
void attributes_give(struct attributes *all, const struct rib_attributes *kept);
