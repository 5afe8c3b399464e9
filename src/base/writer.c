// SPDX-License-Identifier: ISC
#include "base/writer.h"

struct writer writer_over(void *bytes, size_t capacity)
{
    return (struct writer){.bytes = bytes, .capacity = capacity};
}

bool writer_ok(const struct writer *w)
{
    return !w->failed;
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
