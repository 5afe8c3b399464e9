// SPDX-License-Identifier: ISC
// The routes of one view of a table, and the UPDATEs of a router that has it: those with equal
// attributes together, each message filled (RFC 4271 §9.2).
#pragma once

#include "feed/say.h"
#include "feed/sets.h"

struct feed_route {
    struct bgp_route route;
    uint32_t set;
};

struct feed_table {
    struct feed_sets sets;
    struct feed_route *routes;
    size_t count, capacity;
};

void feed_table_init(struct feed_table *table, struct siphash_key key);
void feed_table_done(struct feed_table *table);

// Several paths to a prefix must come one behind the other. False without memory.
bool feed_table_add(struct feed_table *table, const struct bgp_route *route,
                    const struct feed_octets *octets);

struct feed_counts {
    uint64_t routes[FAMILIES];      // that the peer gets
    struct feed_left_out bad;       // what no peer can take: malformed, or too long for a message
    struct feed_left_out unwanted;  // what this one does not take: a family, a second path ...
};

struct feed_output {
    struct feed_stream announce;  // an End-of-RIB for each family behind it
    struct feed_stream withdraw;  // all that was announced
    struct feed_counts counts;
};

void feed_output_done(struct feed_output *output);

// `output` is all zero. Of several paths to a prefix a peer without ADD-PATH gets the first. False
// without memory.
bool feed_table_encode(const struct feed_table *table, const struct feed_how *how,
                       struct feed_output *output);
