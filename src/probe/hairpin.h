// SPDX-License-Identifier: ISC
// Hairpin probes (RFC 9747: unaffiliated BFD echo): a packet from ourselves to ourselves, handed to
// a neighbour's MAC address. Only its forwarding turns it around, one hop less to live: whatever
// its LACP, BFD or BGP say, a part that does not forward does not bring it back. What comes back
// must have lost exactly one hop (RFC 5082) and bring a tag that only we could make. Whole Ethernet
// frames. Knows no socket and no clock.
#pragma once

#include "base/prefix.h"
#include "base/siphash.h"
#include "base/writer.h"

enum {
    HAIRPIN_PORT = 3785,  // of BFD echo, RFC 5881 §4
    HAIRPIN_MAC = 6,      // octets
    HAIRPIN_FRAME_MAX = 14 + 40 + 8 + 48,
};

struct hairpin_link {  // where it goes
    uint8_t our_mac[HAIRPIN_MAC], neighbour_mac[HAIRPIN_MAC];
    struct address address;  // ours, that the neighbour sends back to us
    uint16_t source_port;    // with the label: one hash bucket of the link
    uint32_t label;          // IPv6 flow label
    uint8_t dscp;
};

struct hairpin_probe {  // what it carries
    uint32_t flow, sequence;
    uint64_t sent_at;
};

void hairpin_encode(struct writer *w, const struct hairpin_link *link,
                    const struct hairpin_probe *probe, struct siphash_key key);
// False when it is anything else than an own probe that a neighbour turned around.
bool hairpin_decode(const void *bytes, size_t size, struct siphash_key key,
                    struct hairpin_probe *probe);
