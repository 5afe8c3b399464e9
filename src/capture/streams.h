// SPDX-License-Identifier: ISC
// The bytes of TCP connections out of captured packets, each direction a stream of its own: in
// order, once, and what is missing said. RFC 9293 §3.4.
//
// Whatever the packets are, memory is bounded: so many streams, and so many bytes that wait for
// what is missing before them. What has waited too long, or until the end, is given up.
#pragma once

#include "base/siphash.h"
#include "capture/packet.h"

enum {
    STREAMS_MAX = 2048,                       // the one that was silent for longest makes room
    STREAMS_WAITING_MAX = 512,                // segments of one stream that wait
    STREAMS_WAITING_BYTES_MAX = 1024 * 1024,  // of one stream: a window of TCP
    STREAMS_BYTES_MAX = 64 * 1024 * 1024,     // of all streams
};

enum streams_event_kind {
    STREAMS_DATA,
    STREAMS_GAP,  // `size` octets were not captured; what follows comes behind them
    STREAMS_END,  // closed, or forgotten to make room: the slot may become another stream
};

struct streams_event {
    enum streams_event_kind kind;
    uint32_t slot;       // below STREAMS_MAX: for what the owner keeps of it
    struct cursor data;  // with DATA; good until the next call
    uint64_t size;       // with GAP
};

struct streams_ends {
    uint32_t number;  // counts streams, from 1
    bool whole;       // its beginning was captured
    struct packet_end source, destination;
};

struct streams;

struct streams *streams_new(struct siphash_key key);  // NULL: out of memory
void streams_free(struct streams *s);

// Takes one segment; draw all events before the next.
void streams_add(struct streams *s, const struct packet *packet);
// There will be no more: what waits is given out, and every stream ends. Draw all events after.
void streams_finish(struct streams *s);
bool streams_next(struct streams *s, struct streams_event *event);

struct streams_ends streams_ends(const struct streams *s, uint32_t slot);
// The slot of the opposite direction; false: none was seen.
bool streams_twin(const struct streams *s, uint32_t slot, uint32_t *twin);
