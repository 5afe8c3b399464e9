// SPDX-License-Identifier: ISC
// Communities as people write them, one at a time from an attribute's list.
#pragma once

#include "base/cursor.h"

enum { BGP_COMMUNITY_TEXT_MAX = 64 };  // bytes, with the final zero

// Each reads one item and writes it into `text`.
void bgp_community_text(struct cursor *list, char *text);        // RFC 1997: "64500:1"
void bgp_large_community_text(struct cursor *list, char *text);  // RFC 8092: "64500:1:2"
// RFC 4360 §4, RFC 5668 §2: "target:64500:1", "origin:192.0.2.1:1"; all others as they are:
// "0x0600000000000001".
void bgp_extended_community_text(struct cursor *list, char *text);
// RFC 5701: "0x0002:2001:db8::1:7".
void bgp_ipv6_extended_community_text(struct cursor *list, char *text);
void bgp_identifier_text(uint32_t id, char *text);  // "192.0.2.1"
