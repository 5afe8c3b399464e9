// SPDX-License-Identifier: ISC
// A route's attributes as an archive keeps them, judged, and as a peer is to hear them: RFC 6396
// §4.3.4, RFC 4271 §5, RFC 4456 §8.
#pragma once

#include "base/writer.h"
#include "bgp/update.h"

struct feed_octets {  // as recorded; MP_REACH_NLRI whole, or cut down to its next hop
    struct bgp_bytes bytes;
    enum family family;  // of the routes that have them
    uint8_t as_size;     // 2 or 4
};

enum {  // octets
    // What recorded attributes may hold, and what is laid around them to judge them.
    FEED_OCTETS_MAX = UINT16_MAX,
    FEED_SCRATCH_MAX = FEED_OCTETS_MAX + 128,
    // A path that is widened and prepended to.
    FEED_PATH_MAX = 2 * FEED_OCTETS_MAX + 8,
};

// What becomes of attributes on their way to the peer.
struct feed_how {
    const struct bgp_context *context;  // as negotiated
    uint32_t prepend_as;                // put before a path that does not begin with it; 0: none
    struct address next_hop[FAMILIES];  // of routes of that family; FAMILY_NONE: as recorded
};

// Reads them as views into `scratch` (FEED_SCRATCH_MAX octets), and judges them as a peer of this
// sort would. They are good unless the verdict is above BGP_ATTRIBUTE_DISCARD: it then says why.
struct bgp_verdict feed_attributes_read(const struct feed_octets *octets, enum bgp_peer_sort peer,
                                        uint8_t *scratch, struct bgp_attributes *attributes);

// Changes them for routes of a family; what gets longer stands in `path` (FEED_PATH_MAX octets).
// False when the peer cannot take their next hop.
bool feed_attributes_adapt(struct bgp_attributes *attributes, enum family family,
                           const struct feed_how *how, uint8_t *path);
