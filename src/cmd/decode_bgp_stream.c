// SPDX-License-Identifier: ISC
#include "cmd/bgp_json.h"
#include "cmd/decode_bgp.h"

#include <stdlib.h>
#include <string.h>

struct stream {
    const struct decode_bgp_settings *settings;
    struct bgp_context context;
    bool observed;  // in a capture
    bool seeks;     // the next octets may lie within a message
    bool opened;
    struct bgp_open open;  // as it said
    struct stream *twin;   // NULL: nothing is known of the other side
};

static void *open_stream(const void *settings)
{
    struct stream *stream = calloc(1, sizeof *stream);
    if (!stream)
        return NULL;
    stream->settings = settings;
    stream->context = stream->settings->context;
    return stream;
}

// What both sides offered, seen by who receives this direction. A side that is not known may have
// offered anything, but path identifiers need two.
static void agree(struct stream *stream)
{
    const struct decode_bgp_settings *given = stream->settings;
    struct bgp_context *context = &stream->context;
    const struct bgp_open *sender = stream->opened ? &stream->open : NULL;
    const struct bgp_open *receiver =
        stream->twin && stream->twin->opened ? &stream->twin->open : NULL;
    if (!stream->observed || (!sender && !receiver))
        return;
    if (!given->as4_given)
        context->as4 = (!sender || sender->as4) && (!receiver || receiver->as4);
    if (!sender || !receiver)
        return;
    if (!given->peer_given)
        context->peer = sender->asn == receiver->asn ? BGP_INTERNAL : BGP_EXTERNAL;
    for (enum family family = FAMILY_IPV4; family < FAMILIES && !given->add_path_given; family++)
        context->add_path[family] = sender->add_path[family] & BGP_ADD_PATH_SEND &&
                                    receiver->add_path[family] & BGP_ADD_PATH_RECEIVE;
    context->foreign |= sender->foreign & receiver->foreign;
    if (!given->add_path_given)
        context->foreign_add_path = sender->foreign_send & receiver->foreign_receive;
    context->extended_message |= sender->extended_message && receiver->extended_message;
    context->enhanced_refresh |= sender->enhanced_refresh && receiver->enhanced_refresh;
}

static void hear_open(struct stream *stream, struct cursor bytes)
{
    struct bgp_message message;
    if (bgp_message_decode(bytes, &stream->context, &message).remedy != BGP_ACCEPT ||
        message.header.type != BGP_OPEN)
        return;
    stream->opened = true;
    stream->open = message.open;
    agree(stream);
    if (stream->twin)
        agree(stream->twin);
}

static bool header_is_good(struct cursor bytes, const struct bgp_context *context, size_t *size)
{
    struct bgp_header header;
    bool good = cursor_left(&bytes) >= BGP_HEADER_SIZE &&
                bgp_frame_decode(bytes, context, &header).remedy == BGP_ACCEPT;
    *size = good ? header.size : 0;
    return good;
}

static struct decode_step pass_over(json_t *object, size_t size)
{
    struct bgp_verdict verdict = {.remedy = BGP_IGNORE, .spec = "RFC 4271 §4.1"};
    snprintf(verdict.reason, sizeof verdict.reason, "%zu octets before the next message", size);
    bgp_json_verdict(object, &verdict);
    return (struct decode_step){size, false};
}

// The octets before a header that can be one.
static size_t seek(struct cursor bytes, const struct bgp_context *context)
{
    size_t passed = 0, size;
    while (cursor_left(&bytes) >= BGP_HEADER_SIZE && !header_is_good(bytes, context, &size)) {
        cursor_u8(&bytes);
        passed++;
    }
    return passed;
}

// After a message that is not whole nobody knows where the next begins: it is the last.
static struct decode_step next_message(void *context, json_t *object, struct cursor bytes,
                                       bool last)
{
    struct stream *stream = context;
    size_t left = cursor_left(&bytes), size;
    if (stream->seeks) {
        size_t passed = seek(bytes, &stream->context);
        if (passed > 0)
            return pass_over(object, passed);
        if (left < BGP_HEADER_SIZE)
            return last ? pass_over(object, left) : (struct decode_step){0};
        stream->seeks = false;
    }
    bool framed = header_is_good(bytes, &stream->context, &size);
    if (!last && (framed ? size > left : left < BGP_HEADER_SIZE))
        return (struct decode_step){0};
    bool whole = framed && size <= left;
    // A header that is wrong is told of without what may be its body.
    size_t taken = whole ? size : framed || left < BGP_HEADER_SIZE ? left : BGP_HEADER_SIZE;
    struct cursor message = cursor_part(&bytes, taken);
    bgp_json_message(object, message, &stream->context);
    if (whole)
        hear_open(stream, message);
    return (struct decode_step){taken, !whole};
}

static void refuse(json_t *object, const char *reason)
{
    struct bgp_verdict verdict = bgp_reset(BGP_HEADER_ERROR, 2, 0, "RFC 4271 §6.1", "%s", reason);
    bgp_json_verdict(object, &verdict);
}

static bool claims(struct cursor bytes)
{
    const struct bgp_context context = {.extended_message = true};
    size_t size;
    return header_is_good(bytes, &context, &size);
}

static void observe(void *context, bool whole)
{
    struct stream *stream = context;
    stream->observed = stream->context.observed = true;
    stream->seeks = !whole;
    if (!stream->settings->local_id_given)
        stream->context.local_id = 0;
}

static void lost(void *context)
{
    struct stream *stream = context;
    stream->seeks = true;
}

static void pair(void *context, void *twin)
{
    struct stream *stream = context;
    stream->twin = twin;
    agree(stream);
}

const struct decode_protocol decode_bgp_protocol = {
    .name = "BGP",
    .message_max = BGP_EXTENDED_MESSAGE_MAX,
    .port = 179,
    .open = open_stream,
    .close = free,
    .next = next_message,
    .refuse = refuse,
    .claim_size = BGP_HEADER_SIZE,
    .claims = claims,
    .observe = observe,
    .lost = lost,
    .pair = pair,
};
