// SPDX-License-Identifier: ISC
#include "bgp/header.h"

#include <assert.h>
#include <string.h>

enum { NOT_SYNCHRONIZED = 1, BAD_LENGTH, BAD_TYPE };  // RFC 4271 §4.5: subcodes of code 1
enum { MARKER_SIZE = 16, LENGTH_AT = 16, TYPE_AT = 18, REFRESH_SIZE = 23 };

static const uint8_t marker[MARKER_SIZE] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
};

// clang-format off
static const struct {
    const char *name;
    uint16_t size_min, size_max;  // octets of the whole message
} types[BGP_TYPES] = {
    [0] = {"unknown", BGP_HEADER_SIZE, BGP_EXTENDED_MESSAGE_MAX},
    [BGP_OPEN] = {"open", 29, BGP_MESSAGE_MAX},  // RFC 8654 §3: never extended, as KEEPALIVE
    [BGP_UPDATE] = {"update", 23, BGP_EXTENDED_MESSAGE_MAX},
    [BGP_NOTIFICATION] = {"notification", 21, BGP_EXTENDED_MESSAGE_MAX},
    [BGP_KEEPALIVE] = {"keepalive", BGP_HEADER_SIZE, BGP_HEADER_SIZE},
    // With enhanced refresh a short one has an answer of its own, which takes the whole message.
    [BGP_ROUTE_REFRESH] = {"route-refresh", BGP_HEADER_SIZE, BGP_EXTENDED_MESSAGE_MAX},
};
// clang-format on

static uint8_t known(uint8_t type)
{
    return type < BGP_TYPES ? type : 0;
}

const char *bgp_type_name(uint8_t type)
{
    return types[known(type)].name;
}

static struct bgp_verdict judge_size(const struct bgp_header *header,
                                     const struct bgp_context *context)
{
    uint16_t least = types[known(header->type)].size_min,
             most = types[known(header->type)].size_max;
    if (!context->extended_message && most > BGP_MESSAGE_MAX)
        most = BGP_MESSAGE_MAX;
    if (header->type == BGP_ROUTE_REFRESH && !context->enhanced_refresh)
        least = REFRESH_SIZE;
    if (header->size >= least && header->size <= most)
        return (struct bgp_verdict){.remedy = BGP_ACCEPT};

    bool small = header->size < least;
    struct bgp_verdict verdict = bgp_reset(
        BGP_HEADER_ERROR, BAD_LENGTH, LENGTH_AT, "RFC 4271 §6.1", "length %u of %s is %s %u",
        header->size, bgp_type_name(header->type), small ? "below" : "above", small ? least : most);
    verdict.data[0] = (uint8_t)(header->size >> 8);
    verdict.data[1] = (uint8_t)header->size;
    verdict.data_size = 2;
    if (header->type == BGP_NOTIFICATION) {  // RFC 4271 §6.4: never answered
        verdict.remedy = BGP_CLOSE;
        verdict.code = verdict.subcode = 0;
        verdict.data_size = 0;
    }
    return verdict;
}

struct bgp_verdict bgp_frame_decode(struct cursor bytes, const struct bgp_context *context,
                                    struct bgp_header *header)
{
    assert(cursor_left(&bytes) >= BGP_HEADER_SIZE);
    const uint8_t *mark = cursor_bytes(&bytes, MARKER_SIZE);
    uint64_t halves[2];
    memcpy(halves, mark, sizeof halves);
    header->size = cursor_be16(&bytes);
    header->type = cursor_u8(&bytes);
    if (halves[0] == UINT64_MAX && halves[1] == UINT64_MAX)
        return judge_size(header, context);
    size_t at = 0;
    while (mark[at] == marker[at])
        at++;
    return bgp_reset(BGP_HEADER_ERROR, NOT_SYNCHRONIZED, at, "RFC 4271 §6.1",
                     "marker has octet %02x", mark[at]);
}

struct bgp_verdict bgp_header_decode(struct cursor bytes, const struct bgp_context *context,
                                     struct bgp_header *header)
{
    struct bgp_verdict verdict = bgp_frame_decode(bytes, context, header);
    if (verdict.remedy != BGP_ACCEPT || known(header->type))
        return verdict;
    verdict = bgp_reset(BGP_HEADER_ERROR, BAD_TYPE, TYPE_AT, "RFC 4271 §6.1", "message type %u",
                        header->type);
    verdict.data[0] = header->type;
    verdict.data_size = 1;
    return verdict;
}

size_t bgp_message_begin(struct writer *w, enum bgp_type type)
{
    size_t begun = w->size;
    writer_bytes(w, marker, sizeof marker);
    writer_be16(w, 0);
    writer_u8(w, (uint8_t)type);
    return begun;
}

void bgp_message_end(struct writer *w, size_t begun)
{
    bgp_message_end_within(w, begun, BGP_MESSAGE_MAX);
}

void bgp_message_end_within(struct writer *w, size_t begun, size_t size_max)
{
    if (writer_ok(w) && w->size - begun > size_max)
        w->failed = true;
    if (!writer_ok(w))
        return;
    w->bytes[begun + LENGTH_AT] = (uint8_t)((w->size - begun) >> 8);
    w->bytes[begun + LENGTH_AT + 1] = (uint8_t)(w->size - begun);
}

void bgp_keepalive_encode(struct writer *w)
{
    bgp_message_end(w, bgp_message_begin(w, BGP_KEEPALIVE));
}
