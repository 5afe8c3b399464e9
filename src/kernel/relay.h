// SPDX-License-Identifier: ISC
// How `fairlead agent` on a router relays its kernel's words over TCP. Both sides begin with a
// hello of 16 octets; then the agent sends frames, each a header of 12 octets and a payload, and
// the reader asks for dumps, in requests of 4 octets; it can ask for nothing else. Numbers stand in
// network order, datagrams of netlink as the kernel wrote them: the hello says in which order.
//
//     hello    "FLKR" version(2) order(1) zero(1) instance(8)
//     frame    kind(1) part(1) zero(2) sequence(4) size(4) payload
//     request  kind(1) part(1) zero(2)
#pragma once

#include "base/writer.h"
#include "kernel/message.h"

enum {
    RELAY_VERSION = 1,
    RELAY_HELLO_SIZE = 16,
    RELAY_HEADER_SIZE = 12,
    RELAY_REQUEST_SIZE = 4,
    RELAY_PAYLOAD_MAX = 64 * 1024,  // a kernel's datagrams of dumps have 32 KiB at most
    RELAY_FRAME_MAX = RELAY_HEADER_SIZE + RELAY_PAYLOAD_MAX,
    RELAY_REASON_MAX = 128,  // bytes of a goodbye, with the final zero
    RELAY_ALIVE_MS = 1000,   // so often the agent says something, and be it that it lives
    RELAY_SILENT_MS = 5000,  // silent for so long: it is gone
};

enum relay_kind {
    RELAY_DATAGRAM = 1,
    RELAY_DUMP_BEGINS,  // of `part`
    RELAY_DUMP_ENDS,    // payload of one octet: 1: it is whole
    RELAY_LOST,         // messages were lost: ask for everything anew
    RELAY_ALIVE,
    RELAY_GOODBYE,  // payload: why
    RELAY_KINDS
};

enum { RELAY_ASK_DUMP = 1 };  // the only request there is

struct relay_hello {
    uint16_t version;
    enum netlink_order order;  // of the agent's kernel; a reader's does not count
    uint64_t instance;         // of the agent: another one after each start; 0 from a reader
};

struct relay_frame {
    enum relay_kind kind;
    enum kernel_part part;
    uint32_t sequence;  // one more with each frame, from 0
    bool is_whole;      // of RELAY_DUMP_ENDS
    size_t size;
    const uint8_t *payload;  // lent
};

enum relay_verdict { RELAY_GOOD, RELAY_NEEDS_MORE, RELAY_MALFORMED };

// Each takes one from the front of the stream; with RELAY_NEEDS_MORE nothing is taken.
enum relay_verdict relay_hello_decode(struct cursor *stream, struct relay_hello *hello);
enum relay_verdict relay_frame_decode(struct cursor *stream, struct relay_frame *frame);
enum relay_verdict relay_request_decode(struct cursor *stream, enum kernel_part *part);

void relay_hello_encode(struct writer *w, const struct relay_hello *hello);
// The header; the payload of `size` octets follows by the caller's hand.
void relay_frame_encode(struct writer *w, const struct relay_frame *frame);
void relay_request_encode(struct writer *w, enum kernel_part part);
