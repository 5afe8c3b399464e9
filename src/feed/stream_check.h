// SPDX-License-Identifier: ISC
// A stream as text that a person can read: what a peer makes of each message.
#pragma once

#include "base/check.h"
#include "bgp/as_path.h"
#include "bgp/message.h"
#include "feed/stream.h"

#include <string.h>

enum { STREAM_TEXT_MAX = 1 << 16 };

struct stream_text {
    char text[STREAM_TEXT_MAX];
    size_t size;
};

static inline void stream_add(struct stream_text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static inline void stream_add(struct stream_text *t, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    t->size += (size_t)vsnprintf(t->text + t->size, sizeof t->text - t->size, format, arguments);
    va_end(arguments);
    if (t->size >= sizeof t->text)
        fail_msg("the text is too long");
}

static inline void stream_add_prefixes(struct stream_text *t, const char *word,
                                       struct bgp_nlri nlri)
{
    char text[PREFIX_TEXT_MAX];
    struct bgp_route route;
    if (nlri.family == FAMILY_NONE || cursor_left(&nlri.bytes) == 0)
        return;
    stream_add(t, "%s", word);
    while (bgp_nlri_next(&nlri, &route)) {
        stream_add(t, " %s", prefix_format(route.prefix, text));
        if (nlri.add_path)
            stream_add(t, "#%u", route.path_id);
    }
}

static inline void stream_add_attributes(struct stream_text *t, const struct bgp_attributes *a,
                                         struct address next_hop)
{
    char text[1024];
    stream_add(t, " by %s", address_format(next_hop, text));
    stream_add(t, " path %s", bgp_as_path_text(a->as_path, a->as_size, text, sizeof text));
    if (bgp_attribute_present(a, ATTR_MED))
        stream_add(t, " med %u", a->med);
    if (bgp_attribute_present(a, ATTR_LOCAL_PREF))
        stream_add(t, " pref %u", a->local_pref);
    if (bgp_attribute_present(a, ATTR_ORIGINATOR_ID))
        stream_add(t, " originator %u", a->originator_id);
    if (a->communities.size > 0)
        stream_add(t, " communities %zu", a->communities.size / 4);
    if (a->others.size > 0)
        stream_add(t, " others %zu", a->others.size);
}

static inline void stream_add_update(struct stream_text *t, const struct bgp_update *update)
{
    const struct bgp_attributes *a = &update->attributes;
    if (update->end_of_rib != FAMILY_NONE)
        stream_add(t, "end of %s", family_name(update->end_of_rib));
    stream_add_prefixes(t, "gone", update->withdrawn);
    stream_add_prefixes(t, "gone", update->mp_withdrawn);
    stream_add_prefixes(t, "here", update->announced);
    stream_add_prefixes(t, "here", update->mp_announced);
    if (cursor_left(&update->announced.bytes) > 0)
        stream_add_attributes(t, a, a->next_hop);
    if (cursor_left(&update->mp_announced.bytes) > 0)
        stream_add_attributes(t, a, a->mp_next_hop);
    stream_add(t, "; ");
}

// Messages of the octets from `begin` to `end`; the peer's context must mirror ours.
static inline void stream_add_messages(struct stream_text *t, const struct feed_stream *stream,
                                       const struct bgp_context *theirs, size_t begin, size_t end)
{
    while (begin < end) {
        size_t size = feed_stream_boundary(stream, begin, begin + 1) - begin;
        struct cursor bytes = cursor_over(stream->bytes + begin, size);
        struct bgp_message message;
        struct bgp_verdict verdict = bgp_message_decode(bytes, theirs, &message);
        if (verdict.remedy != BGP_ACCEPT)
            stream_add(t, "%s! ", verdict.reason);
        stream_add_update(t, &message.update);
        begin += size;
    }
}

// The other end of a session.
static inline struct bgp_context stream_theirs(const struct bgp_context *ours)
{
    struct bgp_context theirs = *ours;
    memcpy(theirs.add_path, ours->add_path_send, sizeof theirs.add_path);
    theirs.state = BGP_STATE_ESTABLISHED;
    theirs.as_sets = true;
    return theirs;
}
