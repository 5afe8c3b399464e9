// SPDX-License-Identifier: ISC
// Reads network bytes in order, never past the end.
//
// A cursor that once fails stays failed: every later read gives 0 and nothing is left to read.
// So a decoder reads a whole structure, in the order of its RFC, and asks cursor_ok() once.
// The cursor borrows the bytes: they must outlive it. All is inline, because a table of a million
// routes is read a byte at a time.
#pragma once

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct cursor {
    const uint8_t *bytes;
    size_t size;
    size_t pos;  // next byte to read; on failure, the byte where it happened
    bool failed;
};

static inline struct cursor cursor_over(const void *bytes, size_t size)
{
    // Never NULL, because NULL + 0 is undefined in C17.
    return (struct cursor){.bytes = size > 0 ? bytes : "", .size = size};
}

static inline bool cursor_ok(const struct cursor *c)
{
    return !c->failed;
}

// 0 once failed, so loops on it end.
static inline size_t cursor_left(const struct cursor *c)
{
    return c->failed ? 0 : c->size - c->pos;
}

// The next `size` bytes, borrowed; NULL when fewer are left.
static inline const uint8_t *cursor_bytes(struct cursor *c, size_t size)
{
    if (c->failed || size > c->size - c->pos) {
        c->failed = true;
        return NULL;
    }
    const uint8_t *at = c->bytes + c->pos;
    c->pos += size;
    return at;
}

// A cursor over the next `size` bytes only. If they are not there, both fail (bad framing);
// a later failure inside the part leaves `c` fine (bad content: RFC 7606 treats them apart).
static inline struct cursor cursor_part(struct cursor *c, size_t size)
{
    const uint8_t *at = cursor_bytes(c, size);
    return at ? cursor_over(at, size) : (struct cursor){.failed = true};
}

static inline uint8_t cursor_u8(struct cursor *c)
{
    const uint8_t *at = cursor_bytes(c, 1);
    return at ? at[0] : 0;
}

static inline uint16_t cursor_be16(struct cursor *c)
{
    const uint8_t *at = cursor_bytes(c, 2);
    uint16_t value = 0;
    if (at)
        memcpy(&value, at, sizeof value);
    return be16toh(value);
}

// Of four bytes that are there.
static inline uint32_t be32_at(const uint8_t *bytes)
{
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return be32toh(value);
}

static inline uint32_t cursor_be32(struct cursor *c)
{
    const uint8_t *at = cursor_bytes(c, 4);
    return at ? be32_at(at) : 0;
}

static inline uint64_t cursor_be64(struct cursor *c)
{
    const uint8_t *at = cursor_bytes(c, 8);
    uint64_t value = 0;
    if (at)
        memcpy(&value, at, sizeof value);
    return be64toh(value);
}
