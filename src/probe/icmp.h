// SPDX-License-Identifier: ISC
// ICMP and ICMPv6 echo probes (RFC 792, RFC 4443 §4) whose checksum is the same for every probe of
// a flow, so that a router which hashes the first octets of the payload keeps them on one path
// (Augustin et al. (2006)). An answer must return the probe's 64-bit tag. Knows no socket and no
// clock.
#pragma once

#include "base/cursor.h"
#include "base/prefix.h"
#include "base/writer.h"

enum { ICMP_ECHO_SIZE = 36 };  // octets: with an IPv4 header as long as a STAMP probe without

struct icmp_echo {
    uint16_t id, sequence;
    uint64_t tag;
};

// An echo request. For IPv4 with its checksum; for IPv6 the kernel puts it in, over addresses that
// only it knows for sure (RFC 3542 §3.1): constant as well.
void icmp_echo_encode(struct writer *w, enum family family, const struct icmp_echo *echo);

// An echo reply as a raw socket gives it: for IPv4 from the IP header on, for IPv6 from the ICMPv6
// header. False when it is anything else, or broken.
bool icmp_reply_decode(enum family family, const void *bytes, size_t size, struct icmp_echo *echo);

// RFC 1071.
uint16_t icmp_checksum(const void *bytes, size_t size);
