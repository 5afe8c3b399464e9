// SPDX-License-Identifier: ISC
#include "kernel/relay.h"

#include <string.h>

static const uint8_t magic[4] = {'F', 'L', 'K', 'R'};

enum relay_verdict relay_hello_decode(struct cursor *stream, struct relay_hello *hello)
{
    if (cursor_left(stream) < RELAY_HELLO_SIZE)
        return RELAY_NEEDS_MORE;
    const uint8_t *begins = cursor_bytes(stream, sizeof magic);
    hello->version = cursor_be16(stream);
    uint8_t order = cursor_u8(stream);
    uint8_t zero = cursor_u8(stream);
    hello->instance = cursor_be64(stream);
    hello->order = order == NETLINK_BIG ? NETLINK_BIG : NETLINK_LITTLE;
    bool is_good = memcmp(begins, magic, sizeof magic) == 0 && hello->version == RELAY_VERSION &&
                   order < NETLINK_ORDERS && zero == 0;
    return is_good ? RELAY_GOOD : RELAY_MALFORMED;
}

// What the header promises must be possible before we wait for it.
static bool is_possible(uint8_t kind, uint8_t part, uint16_t zero, uint32_t size)
{
    static const struct {
        uint32_t min, max;  // octets of payload
        bool has_part;
    } shapes[RELAY_KINDS] = {
        [RELAY_DATAGRAM] = {NETLINK_HEADER_SIZE, RELAY_PAYLOAD_MAX, false},
        [RELAY_DUMP_BEGINS] = {0, 0, true},
        [RELAY_DUMP_ENDS] = {1, 1, true},
        [RELAY_LOST] = {0, 0, false},
        [RELAY_ALIVE] = {0, 0, false},
        [RELAY_GOODBYE] = {0, RELAY_REASON_MAX - 1, false},
    };
    return kind > 0 && kind < RELAY_KINDS && zero == 0 &&
           (shapes[kind].has_part ? part < KERNEL_PARTS : part == 0) && size >= shapes[kind].min &&
           size <= shapes[kind].max;
}

enum relay_verdict relay_frame_decode(struct cursor *stream, struct relay_frame *frame)
{
    struct cursor c = *stream;
    if (cursor_left(&c) < RELAY_HEADER_SIZE)
        return RELAY_NEEDS_MORE;
    uint8_t kind = cursor_u8(&c);
    uint8_t part = cursor_u8(&c);
    uint16_t zero = cursor_be16(&c);
    frame->sequence = cursor_be32(&c);
    uint32_t size = cursor_be32(&c);
    if (!is_possible(kind, part, zero, size))
        return RELAY_MALFORMED;
    if (cursor_left(&c) < size)
        return RELAY_NEEDS_MORE;
    frame->kind = (enum relay_kind)kind;
    frame->part = (enum kernel_part)part;
    frame->size = size;
    frame->payload = cursor_bytes(&c, size);
    frame->is_whole = kind == RELAY_DUMP_ENDS && frame->payload[0] == 1;
    *stream = c;
    return RELAY_GOOD;
}

enum relay_verdict relay_request_decode(struct cursor *stream, enum kernel_part *part)
{
    if (cursor_left(stream) < RELAY_REQUEST_SIZE)
        return RELAY_NEEDS_MORE;
    uint8_t kind = cursor_u8(stream);
    uint8_t asked = cursor_u8(stream);
    uint16_t zero = cursor_be16(stream);
    *part = (enum kernel_part)asked;
    return kind == RELAY_ASK_DUMP && asked < KERNEL_PARTS && zero == 0 ? RELAY_GOOD
                                                                       : RELAY_MALFORMED;
}

void relay_hello_encode(struct writer *w, const struct relay_hello *hello)
{
    writer_bytes(w, magic, sizeof magic);
    writer_be16(w, hello->version);
    writer_u8(w, (uint8_t)hello->order);
    writer_u8(w, 0);
    writer_be64(w, hello->instance);
}

void relay_frame_encode(struct writer *w, const struct relay_frame *frame)
{
    writer_u8(w, (uint8_t)frame->kind);
    writer_u8(w, (uint8_t)frame->part);
    writer_be16(w, 0);
    writer_be32(w, frame->sequence);
    writer_be32(w, (uint32_t)frame->size);
}

void relay_request_encode(struct writer *w, enum kernel_part part)
{
    writer_u8(w, RELAY_ASK_DUMP);
    writer_u8(w, (uint8_t)part);
    writer_be16(w, 0);
}
