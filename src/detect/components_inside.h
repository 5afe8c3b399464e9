// SPDX-License-Identifier: ISC
// Components from inside: components.c finds which there are and what passes them,
// components_hops.c what is traced, components_places.c where targets are, components_name.c what
// each is called.
#pragma once

#include "detect/components.h"
#include "detect/lists.h"

// In the order in which one is preferred when the same flows pass several. A link is all that goes
// by it; a hairpin only what its neighbour turns around.
enum kind {
    KIND_LINK,
    KIND_SITE,
    KIND_MEMBER,
    KIND_UPSTREAM,
    KIND_ROUTER,
    KIND_LINK_FAMILY,
    KIND_PATH,
    KIND_ROUTER_FAMILY,
    KIND_FAMILY,
    KIND_HAIRPIN,
    KIND_HAIRPIN_FAMILY,
    KIND_TARGET,
    KIND_TARGET_FAMILY,
    KIND_PROTOCOL_UPSTREAM,
    KIND_PROTOCOL_PATH,
    KIND_PROTOCOL,
    KIND_DSCP_UPSTREAM,
    KIND_DSCP_PATH,
    KIND_DSCP,
    KIND_SIZE_UPSTREAM,
    KIND_SIZE_PATH,
    KIND_SIZE,
    KIND_UPSTREAM_TARGET,
    KIND_PATH_TARGET,
    KIND_PLACE,
    KIND_PLACE_FAMILY,
    KIND_PLACE_UPSTREAM,
    KIND_PLACE_PATH,
    KIND_HOP,
    KINDS
};

// Where targets are; the narrower first.
enum place_level { PLACE_COUNTRY, PLACE_REGION, PLACE_LEVELS };

enum {
    SIZES_MAX = 4,
    TABLE_SIZE = 4 * COMPONENTS_MAX,
    // Room for as many again that are of no way any more, but that components are called by until
    // these are made anew.
    ADDRESS_PLACES = 2 * COMPONENTS_ADDRESSES_MAX,
    ADDRESS_TABLE_SIZE = 4 * ADDRESS_PLACES,
    NOBODY16 = 0xffff
};

struct component {
    enum kind kind;
    enum family family;
    uint16_t a, b;           // what these number depends on the kind
    uint8_t ttl;             // of a hop
    uint32_t flows, turned;  // turned: those of hairpins
    uint64_t signature;      // of the set of flows
    // What all of its flows share; NOBODY16, FAULT_ANY.
    uint16_t upstream, path;
    int16_t bucket, bucket_count;
};

// Of a flow; each number is one more than it says, and 0: not known. So there is nothing to be
// written for all the flows that are not traced.
struct way {
    uint16_t hops[COMPONENTS_HOPS_MAX];
    uint16_t bucket, bucket_count;
};

// Of hops, by numbers that ways have.
struct hop_addresses {
    uint32_t used, next;  // of so many there are ways; where a free place is looked for
    struct address all[ADDRESS_PLACES];  // FAMILY_NONE: the place is free
    uint32_t users[ADDRESS_PLACES];      // hops of ways; 0: forgotten when there is need
    uint16_t table[ADDRESS_TABLE_SIZE];  // number + 1
};

struct components {
    const struct net *net;
    const struct flow *flows;
    uint32_t flow_count, path_count, unit_count;  // units: flows, then paths * targets
    bool stale;
    uint32_t link_of[NET_UPSTREAMS_MAX];  // the only link that carries it; NET_NOBODY
    uint32_t path_flows[NET_PATHS_MAX];   // all flows but hairpins
    struct way *ways;
    uint32_t count;
    struct hop_addresses hops;
    uint16_t size_count, sizes[SIZES_MAX];
    uint16_t places[NET_TARGETS_MAX][PLACE_LEVELS];  // components_place_name(); NOBODY16: none
    struct component items[COMPONENTS_MAX];
    double prior_nats[COMPONENTS_MAX];
    uint16_t table[TABLE_SIZE];  // component + 1
    uint16_t same_as[COMPONENTS_MAX], sorted[COMPONENTS_MAX];
    struct lists lists;
    uint32_t *members;            // of each unit: its list,
    uint64_t *has;                // and a bit: whether it is more than the empty one
    uint32_t traced, traced_max;  // lists that hops made
};

// components_hops.c: what is learned of hops is known until it is learned otherwise.
static inline uint16_t hop_of(const struct way *way, uint32_t i)
{
    return way->hops[i] > 0 ? (uint16_t)(way->hops[i] - 1) : NOBODY16;
}

// components_places.c: the places of several targets, and what one is called.
void components_find_places(struct components *c);
const char *components_place_name(const struct components *c, uint16_t place);
