// SPDX-License-Identifier: ISC
// Writes network bytes in order into a buffer of fixed size, never past its end.
//
// The opposite of a cursor: a writer that once fails stays failed and writes nothing more, so an
// encoder writes a whole structure and asks writer_ok() once. The writer borrows the buffer.
#pragma once

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct writer {
    uint8_t *bytes;
    size_t capacity;
    size_t size;  // bytes written so far
    bool failed;  // something did not fit
};

struct writer writer_over(void *bytes, size_t capacity);

bool writer_ok(const struct writer *w);

// Here, as a message is dozens of these and a call is dearer than most.
static inline void writer_bytes(struct writer *w, const void *bytes, size_t size)
{
    if (w->failed || size > w->capacity - w->size) {
        w->failed = true;
        return;
    }
    if (size > 0)
        memcpy(w->bytes + w->size, bytes, size);
    w->size += size;
}

static inline void writer_u8(struct writer *w, uint8_t value)
{
    writer_bytes(w, &value, sizeof value);
}

static inline void writer_be16(struct writer *w, uint16_t value)
{
    value = htobe16(value);
    writer_bytes(w, &value, sizeof value);
}

static inline void writer_be32(struct writer *w, uint32_t value)
{
    value = htobe32(value);
    writer_bytes(w, &value, sizeof value);
}

static inline void writer_be64(struct writer *w, uint64_t value)
{
    value = htobe64(value);
    writer_bytes(w, &value, sizeof value);
}

// For lengths that are known only after what they count: reserve two bytes now, and later set them
// to the number of bytes written since. A count over 65535 fails the writer.
size_t writer_be16_reserve(struct writer *w);
void writer_be16_set_count(struct writer *w, size_t reserved_at);
// The same with one byte; a count over 255 fails.
size_t writer_u8_reserve(struct writer *w);
void writer_u8_set_count(struct writer *w, size_t reserved_at);
