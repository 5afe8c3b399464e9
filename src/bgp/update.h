// SPDX-License-Identifier: ISC
// BGP UPDATE: bytes to a judged, typed view and back. RFC 4271 §4.3, RFC 4760, RFC 7606, RFC 7911.
//
// Decoded values are views into the received bytes, valid as long as those. Nothing is allocated.
#pragma once

#include "base/cursor.h"
#include "base/prefix.h"
#include "base/writer.h"
#include "bgp/verdict.h"

struct bgp_bytes {  // a borrowed stretch of the message
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
};

static inline bool bgp_attribute_present(const struct bgp_attributes *a, uint8_t type)
{
    return a->present[type / 64] >> type % 64 & 1;
}

struct bgp_nlri {  // prefixes of one field; read them with bgp_nlri_next()
    struct cursor bytes;
    enum family family;
    bool add_path;  // RFC 7911: each is preceded by a path identifier
};

struct bgp_route {
    struct prefix prefix;
    uint32_t path_id;  // 0 without ADD-PATH
};

struct bgp_update {
    struct bgp_nlri withdrawn, announced;        // IPv4 unicast in the classic fields
    struct bgp_nlri mp_withdrawn, mp_announced;  // MP_UNREACH, MP_REACH; family NONE: none, or a
                                                 // family that we do not hold
    uint16_t mp_afi, mp_unreach_afi;             // as received; 0: none
    uint8_t mp_safi, mp_unreach_safi;
    struct bgp_attributes attributes;
    enum family end_of_rib;  // FAMILY_NONE: it is none; RFC 4724 §2
};

// Decodes the body of an UPDATE (after the 19-byte header) and says what RFC 7606 makes of it.
// With BGP_TREAT_AS_WITHDRAW and BGP_IGNORE the announced prefixes in `update` are to be taken as
// withdrawn (they replace what the peer said before); with BGP_SESSION_RESET nothing is to be used.
struct bgp_verdict bgp_update_decode(struct cursor body, const struct bgp_context *context,
                                     struct bgp_update *update);

// The next prefix, host bits cleared; false at the end. Only good fields come out of
// bgp_update_decode(), so there is no failure here.
bool bgp_nlri_next(struct bgp_nlri *nlri, struct bgp_route *route);

// What Fairlead sends: one prefix, IPv4 in the classic fields, IPv6 in MP_REACH_NLRI.
struct bgp_announcement {
    struct prefix prefix;
    uint8_t origin;
    struct bgp_bytes as_path;  // segments with 4-octet AS numbers
    struct address next_hop;   // of the prefix's family
    uint32_t local_pref;
    uint32_t communities[4];
    uint32_t community_count;
    uint32_t large_communities[2][3];
    uint32_t large_community_count;
};

// Write a whole message with its header; `as_size` 2 or 4 as negotiated (RFC 6793 §4.2.2). What
// does not fit a message of 4096 octets fails the writer.
void bgp_announce_encode(struct writer *w, const struct bgp_announcement *a, uint8_t as_size);
void bgp_withdraw_encode(struct writer *w, struct prefix prefix);
void bgp_end_of_rib_encode(struct writer *w, enum family family);  // RFC 4724 §2
