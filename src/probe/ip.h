// SPDX-License-Identifier: ISC
// The IP header of a packet that we write ourselves (RFC 791, RFC 8200), never to be fragmented,
// and the checksum of what it carries. Knows no socket.
#pragma once

#include "base/cursor.h"
#include "base/prefix.h"
#include "base/writer.h"

enum {
    IP_ICMP = 1,
    IP_TCP = 6,
    IP_UDP = 17,
    IP_ICMPV6 = 58,
    IP_DSCP_MAX = 63,
};

struct ip_header {
    struct address source, destination;  // of one family
    uint8_t protocol, ttl, dscp;
    uint32_t label;  // IPv6 flow label, 20 bits
    uint16_t id;  // IPv4; of no use to a packet with DF (RFC 6864 §4.1) but to whoever quotes it
};

size_t ip_header_size(enum family family);
// Writes the header; then write what it carries, its checksum as zero, and finish.
void ip_header_begin(struct writer *w, const struct ip_header *header);
// Puts in the length, UDP's length, and the checksums. `w` must hold nothing else.
void ip_header_finish(struct writer *w, const struct ip_header *header);

// What is read of an IPv4 header.
struct ip_ipv4 {
    uint8_t protocol, ttl;
    uint32_t source, destination;
};

// Leaves `c` at what the packet carries, its options skipped. False when it is no IPv4, or only a
// fragment.
bool ip_ipv4_read(struct cursor *c, struct ip_ipv4 *read);

// Of the pseudo header of UDP, TCP and ICMPv6 (RFC 768, RFC 9293 §3.1, RFC 8200 §8.1), `length`
// bytes of which follow the IP header at `header`.
uint32_t ip_sum_pseudo(enum family family, const uint8_t *header, uint8_t protocol, size_t length);
// RFC 1071, over `size` bytes and what was summed up before: the sum, not yet its complement.
uint32_t ip_sum(uint32_t sum, const void *bytes, size_t size);
