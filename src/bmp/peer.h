// SPDX-License-Identifier: ISC
// The per-peer header, and which table of which peer a message speaks of: RFC 7854 §4.2, RFC 8671
// §4 (Adj-RIB-Out), RFC 9069 §4 (Loc-RIB).
#pragma once

#include "base/cursor.h"
#include "base/prefix.h"

enum { BMP_PEER_HEADER_SIZE = 42 };  // octets

enum bmp_peer_type {
    BMP_PEER_GLOBAL,   // of the router's main instance
    BMP_PEER_RD,       // of a VRF; the distinguisher is its route distinguisher
    BMP_PEER_LOCAL,    // of a local instance; the distinguisher tells which
    BMP_PEER_LOC_RIB,  // no peer at all: what the router chose
    BMP_PEER_TYPES
};

enum bmp_table { BMP_IN_PRE, BMP_IN_POST, BMP_OUT_PRE, BMP_OUT_POST, BMP_LOC, BMP_TABLES };

struct bmp_peer {
    uint8_t type;          // enum bmp_peer_type, or one that we do not know
    uint8_t flags;         // as received
    bool two_octet_as;     // A: paths have 2-octet AS numbers
    bool filtered;         // F: the Loc-RIB is told in part
    enum bmp_table table;  // by the L and O flags
    uint64_t distinguisher;
    struct address address;  // FAMILY_NONE with Loc-RIB
    uint32_t asn, id;        // id in host order
    uint32_t at_s, at_us;    // when the router saw it, since 1970; 0: it does not say
};

// Reads the header; the cursor fails when it is cut.
void bmp_peer_read(struct cursor *c, struct bmp_peer *peer);
void bmp_peer_address_read(struct cursor *c, bool ipv6, struct address *address);  // of 16 octets
bool bmp_peer_is_ipv6(const struct bmp_peer *peer);                                // V

const char *bmp_peer_type_name(uint8_t type);      // "global"; "unknown"
const char *bmp_table_name(enum bmp_table table);  // "in-pre", "in-post", ..., "loc"
// "64500:1", "192.0.2.1:1" (RFC 4364 §4.2, RFC 9069 §4.1), for local instances a number, into
// `text` (BMP_DISTINGUISHER_TEXT_MAX bytes); gives it back.
enum { BMP_DISTINGUISHER_TEXT_MAX = 24 };
const char *bmp_distinguisher_text(uint8_t type, uint64_t distinguisher, char *text);
