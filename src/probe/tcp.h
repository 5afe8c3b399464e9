// SPDX-License-Identifier: ISC
// A TCP SYN as a probe (RFC 9293 §3.5): whoever answers it, by SYN and ACK or by RST, was reached.
// No connection ever comes about: our host knows of none and refuses what a listener offers. The
// probe's number is the SYN's sequence number, of which each flow begins with a random one; both
// answers must acknowledge it, so that strangers who do not see it have to guess 32 bits. From one
// probe to the next it moves by one, within the window of a connection that was left half open: a
// listener that did not hear our refusal resets it (RFC 9293 §3.10.7.4), which is an answer too;
// far away it would send an acknowledgement of old (RFC 5961 §4), which is none. Knows no socket.
#pragma once

#include "base/prefix.h"
#include "base/writer.h"

enum { TCP_SYN_SIZE = 24 };  // octets: with the maximum segment size, without which some drop it

struct tcp_syn {
    uint16_t source_port, destination_port;
    uint32_t sequence;
};

struct tcp_reply {
    uint16_t source_port, destination_port;
    uint32_t sequence;  // of the SYN that it answers
    bool is_open;       // by SYN and ACK
};

// Behind an IP header; ip_header_finish() puts in the checksum.
void tcp_syn_encode(struct writer *w, const struct tcp_syn *syn);

// An answer to a SYN as a raw socket gives it: for IPv4 from the IP header on, for IPv6 from the
// TCP header. False when it is anything else. The checksum is not looked at: between namespaces of
// one host it is never put in, and an answer must return the number anyway.
bool tcp_reply_decode(enum family family, const void *bytes, size_t size, struct tcp_reply *reply);
