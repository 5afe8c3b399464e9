// SPDX-License-Identifier: ISC
#include "web/stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char heartbeat[] = ": here\n\n";

// ---- what is told

static void put(struct web_stream *stream, const char *bytes, size_t size)
{
    while (size > 0) {
        size_t at = stream->end % WEB_RING_BYTES, room = WEB_RING_BYTES - at;
        size_t part = size < room ? size : room;
        memcpy(stream->ring + at, bytes, part);
        stream->end += part;
        bytes += part;
        size -= part;
    }
}

void web_stream_effect(struct web_stream *stream, uint64_t id, const char *line, size_t size)
{
    char head[64];
    int length = snprintf(head, sizeof head, "id: %" PRIu64 "\nevent: effect\ndata: ", id);
    put(stream, head, (size_t)length);
    put(stream, line, size);
    put(stream, "\n\n", 2);
    stream->marks[stream->marks_next++ % WEB_RING_MARKS] = (struct web_mark){id, stream->end};
}

static void let_go(struct web_picture *picture)
{
    if (picture && picture->readers == 0 && !picture->is_last)
        free(picture);
}

void web_stream_done(struct web_stream *stream)
{
    if (stream->picture)
        stream->picture->is_last = false;
    let_go(stream->picture);
    stream->picture = NULL;
}

// When memory is out the one before stays the last.
void web_stream_picture(struct web_stream *stream, const char *line, size_t size)
{
    static const char head[] = "event: picture\ndata: ";
    struct web_picture *picture = malloc(sizeof *picture + sizeof head + size + 2);
    if (!picture)
        return;
    char *to = mempcpy(picture->bytes, head, sizeof head - 1);
    to = mempcpy(to, line, size);
    to = mempcpy(to, "\n\n", 2);
    picture->readers = 0;
    picture->is_last = true;
    picture->size = (size_t)(to - picture->bytes);
    web_stream_done(stream);
    stream->picture = picture;
    stream->pictures++;
}

// ---- to one who listens

static uint64_t first_kept(const struct web_stream *stream)
{
    return stream->end > WEB_RING_BYTES ? stream->end - WEB_RING_BYTES : 0;
}

// Behind the event of this id, where that is still known; else from now on.
static uint64_t behind(const struct web_stream *stream, const char *last_id)
{
    char *end;
    uint64_t id = strtoull(last_id, &end, 10);
    for (uint32_t i = 0; end != last_id && *end == '\0' && i < WEB_RING_MARKS; i++)
        if (stream->marks[i].id == id && stream->marks[i].end > 0 &&
            stream->marks[i].end >= first_kept(stream))
            return stream->marks[i].end;
    return stream->end;
}

void web_listener_init(struct web_listener *listener, const struct web_stream *stream,
                       const char *last_id, struct mono now)
{
    *listener = (struct web_listener){.began_at = now, .spoke_at = now};
    listener->at = last_id ? behind(stream, last_id) : stream->end;
}

static void end_picture(struct web_listener *listener)
{
    if (!listener->picture)
        return;
    listener->picture->readers--;
    let_go(listener->picture);
    listener->picture = NULL;
}

void web_listener_done(struct web_listener *listener)
{
    end_picture(listener);
}

static bool is_over(const struct web_listener *listener, const struct web_stream *stream,
                    struct mono now)
{
    return listener->at < first_kept(stream) ||
           mono_reached(now, mono_add_ms(listener->began_at, WEB_LISTEN_MS_MAX)) ||
           (listener->picture &&
            mono_reached(now, mono_add_ms(listener->picture_at, WEB_PICTURE_MS_MAX)));
}

static bool is_due(const struct web_listener *listener, const struct web_stream *stream,
                   struct mono now)
{
    return stream->picture && listener->picture_number != stream->pictures &&
           (listener->picture_number == 0 ||
            mono_reached(now, mono_add_ms(listener->picture_at, WEB_PICTURE_MS)));
}

static bool is_quiet(const struct web_listener *listener, struct mono now)
{
    return mono_reached(now, mono_add_ms(listener->spoke_at, WEB_HEARTBEAT_MS));
}

bool web_listener_wants(const struct web_listener *listener, const struct web_stream *stream,
                        struct mono now)
{
    return listener->picture || listener->at < stream->end || is_over(listener, stream, now) ||
           is_due(listener, stream, now) || is_quiet(listener, now);
}

static size_t take_effects(struct web_listener *listener, const struct web_stream *stream, char *to,
                           size_t max)
{
    size_t at = listener->at % WEB_RING_BYTES, part = WEB_RING_BYTES - at;
    if (part > stream->end - listener->at)
        part = (size_t)(stream->end - listener->at);
    if (part > max)
        part = max;
    memcpy(to, stream->ring + at, part);
    listener->at += part;
    return part;
}

static size_t take_picture(struct web_listener *listener, char *to, size_t max)
{
    size_t left = listener->picture->size - listener->picture_sent;
    size_t part = left < max ? left : max;
    memcpy(to, listener->picture->bytes + listener->picture_sent, part);
    listener->picture_sent += part;
    if (part == left)
        end_picture(listener);
    return part;
}

static void begin_picture(struct web_listener *listener, const struct web_stream *stream,
                          struct mono now)
{
    listener->picture = stream->picture;
    listener->picture->readers++;
    listener->picture_sent = 0;
    listener->picture_at = now;
    listener->picture_number = stream->pictures;
}

// One event is never told within another: effects are taken to the last one's end before a picture
// begins, and a picture to its end.
int64_t web_listener_take(struct web_listener *listener, const struct web_stream *stream,
                          struct mono now, char *to, size_t max)
{
    size_t size = 0;
    if (is_over(listener, stream, now))
        return -1;
    if (!listener->picture && listener->at == stream->end && is_due(listener, stream, now))
        begin_picture(listener, stream, now);
    if (listener->picture)
        size = take_picture(listener, to, max);
    else if (listener->at < stream->end)
        size = take_effects(listener, stream, to, max);
    else if (is_quiet(listener, now) && max >= sizeof heartbeat - 1) {
        size = sizeof heartbeat - 1;
        memcpy(to, heartbeat, size);
    }
    if (size > 0)
        listener->spoke_at = now;
    return (int64_t)size;
}
