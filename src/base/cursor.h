// SPDX-License-Identifier: ISC
// Reads network bytes in order, never past the end.
//
// A cursor that once fails stays failed: every later read gives 0 and nothing is left to read.
// So a decoder reads a whole structure, in the order of its RFC, and asks cursor_ok() once.
// The cursor borrows the bytes: they must outlive it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cursor {
    const uint8_t *bytes;
    size_t size;
    size_t pos;  // next byte to read; on failure, the byte where it happened
    bool failed;
};

struct cursor cursor_over(const void *bytes, size_t size);

bool cursor_ok(const struct cursor *c);
size_t cursor_left(const struct cursor *c);  // 0 once failed, so loops on it end

uint8_t cursor_u8(struct cursor *c);
uint16_t cursor_be16(struct cursor *c);
uint32_t cursor_be32(struct cursor *c);
uint64_t cursor_be64(struct cursor *c);

// The next `size` bytes, borrowed; NULL when fewer are left.
const uint8_t *cursor_bytes(struct cursor *c, size_t size);

// A cursor over the next `size` bytes only. If they are not there, both fail (bad framing);
// a later failure inside the part leaves `c` fine (bad content: RFC 7606 treats them apart).
struct cursor cursor_part(struct cursor *c, size_t size);
