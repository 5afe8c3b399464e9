// SPDX-License-Identifier: ISC
// UDP datagrams as whole Ethernet frames, for sockets that know no protocol: what the kernel's own
// stack would tell of a datagram, and refuse. Knows no socket.
#pragma once

#include "base/prefix.h"
#include "base/writer.h"

enum { FRAME_MAC = 6, FRAME_ETHERNET = 14 };  // octets

struct frame_udp {
    struct address source, destination;
    uint16_t source_port, destination_port;
    uint8_t ttl, traffic_class;
    const uint8_t *payload;  // lent
    size_t payload_size;
};

// The header before an IP packet of that family.
void frame_begin(struct writer *w, const uint8_t to[FRAME_MAC], const uint8_t from[FRAME_MAC],
                 enum family family);

// False when it is no whole UDP datagram: something else, a fragment, with extension headers of
// IPv6, cut, or with a checksum that is wrong. `udp` is then unusable.
bool frame_udp_read(const void *frame, size_t size, struct frame_udp *udp);
