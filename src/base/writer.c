// SPDX-License-Identifier: ISC
#include "base/writer.h"

#include <string.h>

struct writer writer_over(void *bytes, size_t capacity)
{
    return (struct writer){.bytes = bytes, .capacity = capacity};
}

bool writer_ok(const struct writer *w)
{
    return !w->failed;
}

void writer_bytes(struct writer *w, const void *bytes, size_t size)
{
    if (w->failed || size > w->capacity - w->size) {
        w->failed = true;
        return;
    }
    if (size > 0)
        memcpy(w->bytes + w->size, bytes, size);
    w->size += size;
}

static void big_endian(struct writer *w, uint64_t value, size_t size)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(value >> 8 * (size - 1 - i));
    writer_bytes(w, bytes, size);
}

void writer_u8(struct writer *w, uint8_t value)
{
    big_endian(w, value, 1);
}

void writer_be16(struct writer *w, uint16_t value)
{
    big_endian(w, value, 2);
}

void writer_be32(struct writer *w, uint32_t value)
{
    big_endian(w, value, 4);
}

void writer_be64(struct writer *w, uint64_t value)
{
    big_endian(w, value, 8);
}

static void set_count(struct writer *w, size_t reserved_at, size_t width)
{
    if (w->failed)
        return;
    size_t count = w->size - reserved_at - width;
    if (count >> 8 * width != 0) {
        w->failed = true;
        return;
    }
    for (size_t i = 0; i < width; i++)
        w->bytes[reserved_at + i] = (uint8_t)(count >> 8 * (width - 1 - i));
}

size_t writer_be16_reserve(struct writer *w)
{
    size_t at = w->size;
    writer_be16(w, 0);
    return at;
}

void writer_be16_set_count(struct writer *w, size_t reserved_at)
{
    set_count(w, reserved_at, 2);
}

size_t writer_u8_reserve(struct writer *w)
{
    size_t at = w->size;
    writer_u8(w, 0);
    return at;
}

void writer_u8_set_count(struct writer *w, size_t reserved_at)
{
    set_count(w, reserved_at, 1);
}
