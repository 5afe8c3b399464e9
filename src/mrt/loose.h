// SPDX-License-Identifier: ISC
// Reads as bgpdump does: what lies past the end is zero, and a part is as long as there is room.
// Only for writing bgpdump's lines; whoever wants to know whether octets are good takes a cursor.
#pragma once

#include "base/cursor.h"

#include <string.h>

static inline size_t loose_left(const struct cursor *c)
{
    return c->size - c->pos;
}

static inline void loose_bytes(struct cursor *c, uint8_t *to, size_t size)
{
    size_t there = size < loose_left(c) ? size : loose_left(c);
    memcpy(to, c->bytes + c->pos, there);
    memset(to + there, 0, size - there);
    c->pos += there;
}

static inline uint8_t loose_u8(struct cursor *c)
{
    return loose_left(c) > 0 ? c->bytes[c->pos++] : 0;
}

static inline uint16_t loose_be16(struct cursor *c)
{
    uint8_t b[2];
    loose_bytes(c, b, sizeof b);
    return (uint16_t)(b[0] << 8 | b[1]);
}

static inline uint32_t loose_be32(struct cursor *c)
{
    uint8_t b[4];
    loose_bytes(c, b, sizeof b);
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static inline struct cursor loose_part(struct cursor *c, size_t size)
{
    size_t there = size < loose_left(c) ? size : loose_left(c);
    struct cursor part = {.bytes = c->bytes + c->pos, .size = there};
    c->pos += there;
    return part;
}
