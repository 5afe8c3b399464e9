// SPDX-License-Identifier: ISC
// The 19 octets before every BGP message: RFC 4271 §4.1, RFC 8654.
#pragma once

#include "base/cursor.h"
#include "base/writer.h"
#include "bgp/verdict.h"

enum {
    BGP_HEADER_SIZE = 19,
    BGP_MESSAGE_MAX = 4096,            // RFC 4271 §4.1
    BGP_EXTENDED_MESSAGE_MAX = 65535,  // RFC 8654 §3
};

enum bgp_type {
    BGP_OPEN = 1,
    BGP_UPDATE,
    BGP_NOTIFICATION,
    BGP_KEEPALIVE,
    BGP_ROUTE_REFRESH,  // RFC 2918
    BGP_TYPES
};

struct bgp_header {
    uint16_t size;  // of the whole message, header included
    uint8_t type;
};

// Judges what stands in the first BGP_HEADER_SIZE of `bytes`, which must be there; the body may
// still be on its way. Unless the verdict is BGP_ACCEPT, do not wait for it: there is nothing that
// it could mend.
struct bgp_verdict bgp_header_decode(struct cursor bytes, const struct bgp_context *context,
                                     struct bgp_header *header);

// The same without the question whether the type is one that exists, for a reader who has the body.
struct bgp_verdict bgp_frame_decode(struct cursor bytes, const struct bgp_context *context,
                                    struct bgp_header *header);

const char *bgp_type_name(uint8_t type);  // "update"; "unknown"

// A message is written between these two. The end fails the writer above BGP_MESSAGE_MAX octets, or
// above those that it is given.
size_t bgp_message_begin(struct writer *w, enum bgp_type type);  // gives what the end wants
void bgp_message_end(struct writer *w, size_t begun);
void bgp_message_end_within(struct writer *w, size_t begun, size_t size_max);
void bgp_keepalive_encode(struct writer *w);
