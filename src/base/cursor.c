// SPDX-License-Identifier: ISC
#include "base/cursor.h"

struct cursor cursor_over(const void *bytes, size_t size)
{
    // Never NULL, because NULL + 0 is undefined in C17.
    return (struct cursor){.bytes = size > 0 ? bytes : "", .size = size};
}

bool cursor_ok(const struct cursor *c)
{
    return !c->failed;
}

size_t cursor_left(const struct cursor *c)
{
    return c->failed ? 0 : c->size - c->pos;
}

const uint8_t *cursor_bytes(struct cursor *c, size_t size)
{
    if (c->failed || size > c->size - c->pos) {
        c->failed = true;
        return NULL;
    }
    const uint8_t *at = c->bytes + c->pos;
    c->pos += size;
    return at;
}

struct cursor cursor_part(struct cursor *c, size_t size)
{
    const uint8_t *at = cursor_bytes(c, size);
    return at ? cursor_over(at, size) : (struct cursor){.failed = true};
}

static uint64_t big_endian(struct cursor *c, size_t size)
{
    const uint8_t *at = cursor_bytes(c, size);
    uint64_t value = 0;
    for (size_t i = 0; at && i < size; i++)
        value = value << 8 | at[i];
    return value;
}

uint8_t cursor_u8(struct cursor *c)
{
    return (uint8_t)big_endian(c, 1);
}

uint16_t cursor_be16(struct cursor *c)
{
    return (uint16_t)big_endian(c, 2);
}

uint32_t cursor_be32(struct cursor *c)
{
    return (uint32_t)big_endian(c, 4);
}

uint64_t cursor_be64(struct cursor *c)
{
    return big_endian(c, 8);
}
