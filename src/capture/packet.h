// SPDX-License-Identifier: ISC
// A captured packet, from its link header to what its IP packet carries (TCP, UDP, ICMP): Ethernet
// (IEEE 802.3, 802.1Q), Linux cooked, MPLS (RFC 3032), PPP (RFC 1662), Cisco HDLC, loopback and
// bare IP; RFC 791, RFC 8200 §4, RFC 9293 §3.1, RFC 768, RFC 792, RFC 4443.
//
// Nothing is reassembled here and nothing allocated; what is read are views into the packet.
#pragma once

#include "base/cursor.h"
#include "base/prefix.h"

enum packet_link {  // numbers of https://www.tcpdump.org/linktypes.html
    PACKET_NULL = 0,
    PACKET_ETHERNET = 1,
    PACKET_PPP = 9,
    PACKET_RAW_BSD = 12,
    PACKET_RAW_OPENBSD = 14,
    PACKET_PPP_HDLC = 50,
    PACKET_RAW = 101,
    PACKET_CISCO_HDLC = 104,
    PACKET_LOOP = 108,
    PACKET_COOKED = 113,
    PACKET_IPV4 = 228,
    PACKET_IPV6 = 229,
    PACKET_COOKED_2 = 276,
};

enum packet_kind {
    PACKET_TCP,
    PACKET_UDP,
    PACKET_ICMP,      // of IPv4, or ICMPv6
    PACKET_OTHER,     // another protocol
    PACKET_FRAGMENT,  // a part of an IP packet: not put together here
    PACKET_CUT,       // ends within a header
    PACKET_KINDS
};

enum { PACKET_FIN = 1, PACKET_SYN = 2, PACKET_RST = 4 };  // RFC 9293 §3.1

struct packet_end {
    struct address address;
    uint16_t port;
};

struct packet {
    struct packet_end source, destination;  // ICMP: without ports
    uint8_t ttl, traffic_class;
    uint32_t sequence;  // TCP: of the first octet of `data`, or of SYN
    uint8_t flags;      // TCP
    // Behind the header of TCP and UDP; of ICMP the whole message.
    struct cursor data;  // as much of it as was captured
    size_t size;         // octets of data that were sent
};

bool packet_link_is_known(int link);
enum packet_kind packet_read(int link, struct cursor bytes, struct packet *packet);
