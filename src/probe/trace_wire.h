// SPDX-License-Identifier: ISC
// ICMP and ICMPv6 errors that quote a packet of ours (RFC 792, RFC 4443 §3, RFC 4884): what became
// of which packet. A router must quote the IP header and 8 octets behind it (RFC 792; RFC 1812
// §4.3.2.3 and RFC 4443 ask for as much as fits), so a packet is known by its addresses, ports, and
// a mark: its sequence number or, where an IPv4 quote ends before it, the identification in the IP
// header, which is sent to be the same. Whatever else comes is refused. Knows no socket and no
// clock.
#pragma once

#include "base/prefix.h"
#include "probe/trace.h"

#include <stddef.h>

struct trace_quote {
    enum trace_kind kind;
    struct address source, destination;  // of the packet that is quoted
    uint8_t protocol;                    // of IP
    uint16_t port, target_port;          // ICMP echo: the identifier, 0
    uint16_t mark;                       // low 16 bits of its sequence number
};

// An error that came `from` somebody, as a raw socket gives it: for IPv4 from the IP header on, for
// IPv6 from the ICMPv6 header. False when it is anything else, or broken.
bool trace_quote_decode(struct address from, const void *bytes, size_t size,
                        struct trace_quote *quote);
