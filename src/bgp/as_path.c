// SPDX-License-Identifier: ISC
#include "bgp/as_path.h"

enum { AS_SET = 1, AS_SEQUENCE = 2, AS_CONFED_SEQUENCE = 3, AS_CONFED_SET = 4 };

struct segment {
    uint8_t type, count;
    struct cursor members;
};

static bool next_segment(struct cursor *path, uint8_t as_size, struct segment *segment)
{
    segment->type = cursor_u8(path);
    segment->count = cursor_u8(path);
    segment->members = cursor_part(path, (size_t)segment->count * as_size);
    return cursor_ok(path);
}

static uint32_t segment_length(const struct segment *segment)
{
    if (segment->type == AS_SEQUENCE)
        return segment->count;
    return segment->type == AS_SET;
}

static uint32_t path_length(struct bgp_bytes path, uint8_t as_size)
{
    struct cursor c = cursor_over(path.bytes, path.size);
    uint32_t length = 0;
    for (struct segment segment; next_segment(&c, as_size, &segment);)
        length += segment_length(&segment);
    return length;
}

uint32_t bgp_as_path_length(struct bgp_bytes path)
{
    return path_length(path, 4);
}

uint32_t bgp_as_path_neighbour(struct bgp_bytes path)
{
    struct cursor c = cursor_over(path.bytes, path.size);
    for (struct segment segment; next_segment(&c, 4, &segment);) {
        if (segment.type == AS_SEQUENCE)
            return cursor_be32(&segment.members);
        if (segment.type == AS_SET)
            return 0;
    }
    return 0;
}

// The first `length` ASes of a path of `as_size`, as 4-octet numbers; the rest is left out.
static void write_leading(struct writer *w, struct bgp_bytes path, uint8_t as_size, uint32_t length)
{
    struct cursor c = cursor_over(path.bytes, path.size);
    for (struct segment segment; next_segment(&c, as_size, &segment);) {
        uint32_t counts = segment_length(&segment);
        uint8_t take = segment.count;
        if (counts > length) {
            if (segment.type == AS_SET || length == 0)
                return;
            take = (uint8_t)length;
        }
        writer_u8(w, segment.type);
        writer_u8(w, take);
        for (uint8_t i = 0; i < take; i++)
            writer_be32(w, as_size == 4 ? cursor_be32(&segment.members)
                                        : cursor_be16(&segment.members));
        length -= counts > length ? length : counts;
    }
}

void bgp_as_path_write(struct writer *w, const struct bgp_attributes *attributes)
{
    uint32_t length = path_length(attributes->as_path, attributes->as_size);
    uint32_t length4 = path_length(attributes->as4_path, 4);
    if (attributes->as_size == 4 || attributes->as4_path.size == 0 || length4 > length) {
        write_leading(w, attributes->as_path, attributes->as_size, UINT32_MAX);
        return;
    }
    write_leading(w, attributes->as_path, attributes->as_size, length - length4);
    writer_bytes(w, attributes->as4_path.bytes, attributes->as4_path.size);
}
