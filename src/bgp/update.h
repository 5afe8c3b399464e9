// SPDX-License-Identifier: ISC
// BGP UPDATE: bytes to a judged, typed view. RFC 4271 §4.3, RFC 4760, RFC 7606, RFC 7911.
//
// Decoded values are views into the received bytes, valid as long as those. Nothing is allocated.
#pragma once

#include "base/cursor.h"
#include "base/prefix.h"
#include "bgp/attributes.h"
#include "bgp/foreign.h"
#include "bgp/verdict.h"

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
    struct bgp_foreign_nlri foreign_withdrawn, foreign_announced;  // families that nobody holds
    struct bgp_bytes foreign_next_hop;                             // as on the wire
    uint16_t mp_afi, mp_unreach_afi;                               // as received; 0: none
    uint8_t mp_safi, mp_unreach_safi;
    struct bgp_attributes attributes;
    enum family end_of_rib;  // FAMILY_NONE: it is none; RFC 4724 §2
    const struct bgp_foreign *foreign_end_of_rib;
};

// Decodes the body of an UPDATE (after the 19-byte header) and says what RFC 7606 makes of it.
// With BGP_TREAT_AS_WITHDRAW and BGP_IGNORE the announced prefixes in `update` are to be taken as
// withdrawn (they replace what the peer said before); with BGP_SESSION_RESET nothing is to be used.
struct bgp_verdict bgp_update_decode(struct cursor body, const struct bgp_context *context,
                                     struct bgp_update *update);

// The next prefix, host bits cleared; false at the end. Only good fields come out of
// bgp_update_decode(), so there is no failure here.
bool bgp_nlri_next(struct bgp_nlri *nlri, struct bgp_route *route);
