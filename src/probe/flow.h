// SPDX-License-Identifier: ISC
// What the packets of one flow look like, and what it is for. A flow is one 5-tuple, with an IPv6
// flow label, a traffic class and a size, kept for as long as the flow lives: routers that spread
// packets over equal ways always send it the same way (detection.md 1.5).
#pragma once

#include <stdbool.h>
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

// Losses between consecutive answers that no sample has told yet.
struct flow_direction {
    uint8_t forward, reverse;
};

// What probe/flight.h knows of its probes.
struct flow_flight {
    uint32_t next;    // number of the next probe
    uint32_t newest;  // position of its last probe among all
    uint32_t anchor_sequence, anchor_reflected;
    uint16_t group;  // flows with one round-trip time
    struct flow_direction direction;
    uint8_t recent;            // probes that were sent, at most FLIGHT_RECENT_MAX
    uint8_t open;              // of these the last: all before have a verdict
    bool anchored : 1;         // the last settled answer, from which losses are counted
    bool direction_known : 1;  // `direction` is more than nothing known
};

struct flow_sum {  // of the first 65,535 that were sent
    uint16_t sent, lost, lost_forward, lost_reverse;
};

// What whoever probes keeps of it beside.
struct flow_state {
    uint16_t ssid;
    uint8_t forward_ttl, reverse_ttl;  // of the last answer; 0: unknown
    uint8_t dscp_there, dscp_back;     // as its packets last arrived at either end
    uint8_t straight;                  // losses of a sentinel since its last answer
    uint16_t lag_max;     // in PROBE_LAG_NS; our loop later than this: its probes are void
    uint16_t told_s;      // that one of these changed; monotonic, low bits; 0: never
    struct flow_sum sum;  // of a sentinel
};

enum { FLOW_SIZE = 64 };  // a line of a processor's caches, if so aligned: there may be very many

struct flow {
    _Alignas(16) uint8_t use;  // enum flow_use
    uint8_t path, target;      // indices as in struct net; of a hairpin the target is a link
    uint8_t back;              // of FLOW_CROSSING: the path that it comes back by
    uint16_t number;           // counts from 0 in both, over all uses
    uint16_t port;             // source port or ICMP identifier
    uint32_t label;            // IPv6 flow label, 1 to 0xfffff; 0 for IPv4
    uint16_t size_bytes;       // of the IP packet, not to be fragmented; 0: as small as can be
    uint8_t dscp;              // 0 to 63
    uint32_t next_of_hash;     // in probe/flow_index.h
    struct flow_flight flight;
    struct flow_state state;
};
