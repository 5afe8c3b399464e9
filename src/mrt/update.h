// SPDX-License-Identifier: ISC
// A route of an archive as the UPDATE that would announce it, for bgp/ to judge or a speaker to
// hear: RFC 6396 §4.3.4 turned round.
#pragma once

#include "base/writer.h"
#include "mrt/item.h"

struct mrt_announcement {
    const struct mrt_nlri *nlri;
    uint16_t afi;
    uint8_t safi;
    bool add_path;  // then `path_id` stands before the prefix
    uint32_t path_id;
    struct bgp_bytes attributes;  // as recorded; AS numbers keep their size
    struct bgp_bytes next_hop;    // for attributes that have none
};

struct mrt_announcement mrt_announcement_of_entry(const struct mrt_rib *rib,
                                                  const struct mrt_entry *entry);
struct mrt_announcement mrt_announcement_of_route(const struct mrt_route *route);

// The next hop that MP_REACH_NLRI names, whether it was cut down as the RFC asks or not. Its octets
// as recorded: 4, 16 or 32, or whatever a bad one has. Empty when the attribute is missing.
struct bgp_bytes mrt_next_hop(struct bgp_bytes attributes);

// Writes the message with its header, at most `size_max` octets or the writer fails. IPv4 unicast
// without MP_REACH_NLRI goes into the classic field, all else into MP_REACH_NLRI, which comes
// first. Other attributes are copied as they stand, good or bad.
void mrt_announcement_encode(struct writer *w, const struct mrt_announcement *a, size_t size_max);
