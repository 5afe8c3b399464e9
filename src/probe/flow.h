// SPDX-License-Identifier: ISC
// What the packets of one flow look like, and what it is for. A flow is one 5-tuple, with an IPv6
// flow label, a traffic class and a size, kept for as long as the flow lives: routers that spread
// packets over equal ways always send it the same way (detection.md 1.5).
#pragma once

#include <stdint.h>

enum flow_use {
    FLOW_SENTINEL,  // probed at a steady rate for ever
    FLOW_ROVING,    // a fresh 5-tuple: one probe, and more only while it is not answered
    FLOW_CONTROL,   // a 5-tuple known good, probed beside a roving one that was lost
    FLOW_VARIANT,   // the first sentinel once more in another size or class, at low duty
    FLOW_CROSSING,  // out by its path, back by another: from that one's source address
    FLOW_HAIRPIN,   // addressed to ourselves, turned around by a neighbour's forwarding
    FLOW_USES
};

struct flow {              // 16 bytes: there may be very many
    uint8_t use;           // enum flow_use
    uint8_t path, target;  // indices as in struct net; of a hairpin the target is a link
    uint8_t back;          // of FLOW_CROSSING: the path that it comes back by
    uint16_t number;       // counts from 0 in both, over all uses
    uint16_t port;         // source port or ICMP identifier
    uint32_t label;        // IPv6 flow label, 1 to 0xfffff; 0 for IPv4
    uint16_t size_bytes;   // of the IP packet, not to be fragmented; 0: as small as can be
    uint8_t dscp;          // 0 to 63
};
