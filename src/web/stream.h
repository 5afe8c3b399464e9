// SPDX-License-Identifier: ISC
// What is told to those who listen: server-sent events (WHATWG HTML §9.2), the same to all. Effects
// are kept in one ring, and each listener has a place in it; of pictures only the last one counts.
// So a listener costs no more the slower it is: whoever falls behind the ring is cut off, and goes
// on where it was, or as near as there is, by the id of the last event that it has.
#pragma once

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WEB_RING_BYTES = 512 * 1024,
    WEB_RING_MARKS = 1024,
    WEB_PICTURE_MS = 500,        // between two pictures to one listener
    WEB_PICTURE_MS_MAX = 10000,  // for one of them to be taken: slower ones are cut off
    WEB_HEARTBEAT_MS = 2000,     // without anything else
    WEB_LISTEN_MS_MAX = 600000,  // then it must ask again, and be allowed again
};

struct web_picture {  // framed
    uint32_t readers;
    bool is_last;
    size_t size;
    char bytes[];
};

struct web_mark {
    uint64_t id, end;
};

struct web_stream {
    uint64_t end, pictures;  // bytes of effects, and pictures, ever told
    uint32_t marks_next;
    struct web_mark marks[WEB_RING_MARKS];  // where the event with this id ends
    struct web_picture *picture;            // NULL: none yet
    char ring[WEB_RING_BYTES];
};

struct web_listener {
    uint64_t at, picture_number;
    struct web_picture *picture;  // under way
    size_t picture_sent;
    struct mono began_at, picture_at, spoke_at;
};

void web_stream_done(struct web_stream *stream);
// A line of JSON, without a newline.
void web_stream_effect(struct web_stream *stream, uint64_t id, const char *line, size_t size);
void web_stream_picture(struct web_stream *stream, const char *line, size_t size);

// `last_id`: what a Last-Event-ID says; NULL: nothing, and it hears what comes from now on.
void web_listener_init(struct web_listener *listener, const struct web_stream *stream,
                       const char *last_id, struct mono now);
void web_listener_done(struct web_listener *listener);
// Whether there is something for it, if only the end.
bool web_listener_wants(const struct web_listener *listener, const struct web_stream *stream,
                        struct mono now);
// The next bytes, at most `max`; 0: nothing now; -1: it ends here.
int64_t web_listener_take(struct web_listener *listener, const struct web_stream *stream,
                          struct mono now, char *to, size_t max);
