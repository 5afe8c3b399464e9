// SPDX-License-Identifier: ISC
#include "feed/stream.h"

#include "base/cursor.h"
#include "bgp/header.h"

#include <assert.h>
#include <stdlib.h>

enum { FIRST_CAPACITY = 1 << 20, LENGTH_AT = 16 };  // octets; RFC 4271 §4.1

void feed_stream_done(struct feed_stream *stream)
{
    free(stream->bytes);
    *stream = (struct feed_stream){0};
}

static bool grow(struct feed_stream *stream)
{
    size_t capacity = stream->capacity ? stream->capacity + stream->capacity / 2 : FIRST_CAPACITY;
    uint8_t *bytes = realloc(stream->bytes, capacity);
    if (!bytes)
        return false;
    stream->bytes = bytes;
    stream->capacity = capacity;
    return true;
}

struct writer feed_stream_room(struct feed_stream *stream)
{
    struct writer none = {.failed = true};
    if (stream->capacity - stream->size < BGP_EXTENDED_MESSAGE_MAX && !grow(stream))
        return none;
    return writer_over(stream->bytes + stream->size, BGP_EXTENDED_MESSAGE_MAX);
}

void feed_stream_add(struct feed_stream *stream, const struct writer *w)
{
    if (!writer_ok(w) || w->size == 0)
        return;
    assert(w->bytes == stream->bytes + stream->size);
    stream->size += w->size;
    stream->messages++;
}

size_t feed_stream_boundary(const struct feed_stream *stream, size_t from, size_t at)
{
    assert(from <= at && at <= stream->size);
    while (from < at) {
        struct cursor c = cursor_over(stream->bytes + from + LENGTH_AT, 2);
        from += cursor_be16(&c);
    }
    return from;
}
