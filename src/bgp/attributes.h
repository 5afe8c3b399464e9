// SPDX-License-Identifier: ISC
// The path attributes of a route as values: RFC 4271 §5 and those that came after. What is longer
// than a number is a view into the message (or archive, or table) that it was read from, and lives
// as long as that.
#pragma once

#include "base/cursor.h"
#include "base/prefix.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum bgp_attribute {  // RFC 4271 §4.3 and IANA: those that the code names
    ATTR_ORIGIN = 1,
    ATTR_AS_PATH = 2,
    ATTR_NEXT_HOP = 3,
    ATTR_MED = 4,
    ATTR_LOCAL_PREF = 5,
    ATTR_ATOMIC_AGGREGATE = 6,
    ATTR_AGGREGATOR = 7,
    ATTR_COMMUNITIES = 8,
    ATTR_ORIGINATOR_ID = 9,
    ATTR_CLUSTER_LIST = 10,
    ATTR_MP_REACH = 14,
    ATTR_MP_UNREACH = 15,
    ATTR_EXTENDED_COMMUNITIES = 16,
    ATTR_AS4_PATH = 17,
    ATTR_AS4_AGGREGATOR = 18,
    ATTR_IPV6_EXTENDED_COMMUNITIES = 25,
    ATTR_AIGP = 26,
    ATTR_LARGE_COMMUNITIES = 32,
    ATTR_OTC = 35,
};

struct bgp_bytes {  // a borrowed stretch
    const uint8_t *bytes;
    size_t size;
};

struct bgp_attributes {
    uint64_t present[4];           // bit n: attribute type n stood there and was good
    uint8_t origin;                // 0 igp, 1 egp, 2 incomplete
    struct bgp_bytes as_path;      // segments as on the wire, `as_size` bytes for each AS
    struct bgp_bytes as4_path;     // RFC 6793, from a 2-octet speaker
    uint8_t as_size;               // 2 or 4
    struct address next_hop;       // NEXT_HOP
    struct address mp_next_hop;    // MP_REACH_NLRI, global
    struct address mp_link_local;  // its second address, RFC 2545
    uint32_t med, local_pref, originator_id;
    uint32_t aggregator_as;
    struct address aggregator;
    struct bgp_bytes communities, extended_communities, large_communities, cluster_list;
    struct bgp_bytes ipv6_extended_communities;
    uint32_t only_to_customer;  // RFC 9234 §5
    uint64_t accumulated_igp;   // RFC 7311
    struct bgp_bytes others;    // what is carried on unread: see bgp_others()
};

static inline bool bgp_attribute_present(const struct bgp_attributes *a, uint8_t type)
{
    return a->present[type / 64] >> type % 64 & 1;
}

static inline void bgp_attribute_add(struct bgp_attributes *a, uint8_t type)
{
    a->present[type / 64] |= UINT64_C(1) << type % 64;
}

// Transitive attributes without a field above, those of types unknown to us too, are carried on
// unread. They stand in `others` as on the wire, flags, type and length before each; what else
// stands between them is passed over.
struct bgp_other {
    uint8_t flags, type;
    struct bgp_bytes value;
};
struct bgp_others {
    struct cursor bytes;
    uint64_t left[4];  // bit n: type n is still to come
};
struct bgp_others bgp_others(const struct bgp_attributes *a);
bool bgp_others_next(struct bgp_others *others, struct bgp_other *other);  // false at the end
// Takes octets with nothing but such attributes, as they were kept from bgp_others_next().
void bgp_others_set(struct bgp_attributes *a, struct bgp_bytes bytes);
