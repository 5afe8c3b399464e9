// SPDX-License-Identifier: ISC
#include "bgp/as_path.h"

#include <stdio.h>

enum { AS_TRANS = 23456 };  // RFC 6793 §9

bool as_segment_next(struct cursor *path, uint8_t as_size, struct as_segment *segment)
{
    if (cursor_left(path) == 0)
        return false;
    segment->type = cursor_u8(path);
    segment->count = cursor_u8(path);
    segment->numbers = cursor_part(path, (size_t)segment->count * as_size);
    return cursor_ok(path);
}

uint32_t as_number_next(struct cursor *numbers, uint8_t as_size)
{
    return as_size == 4 ? cursor_be32(numbers) : cursor_be16(numbers);
}

bool as_segment_is_confederation(uint8_t type)
{
    return type == AS_CONFED_SEQUENCE || type == AS_CONFED_SET;
}

// RFC 4271 §9.1.2.2: a set counts as one, RFC 5065 §5.3: a confederation's segments as none.
static uint32_t segment_length(const struct as_segment *segment)
{
    return segment->type == AS_SEQUENCE ? segment->count : segment->type == AS_SET ? 1 : 0;
}

static uint32_t path_length(struct bgp_bytes bytes, uint8_t as_size)
{
    struct cursor path = cursor_over(bytes.bytes, bytes.size);
    struct as_segment segment;
    uint32_t length = 0;
    while (as_segment_next(&path, as_size, &segment))
        length += segment_length(&segment);
    return length;
}

static void write_segment(struct writer *w, struct as_segment segment, uint8_t as_size,
                          uint8_t count)
{
    writer_u8(w, segment.type);
    writer_u8(w, count);
    for (uint8_t i = 0; i < count; i++)
        writer_be32(w, as_number_next(&segment.numbers, as_size));
}

uint32_t bgp_as_path_length(struct bgp_bytes path)
{
    return path_length(path, 4);
}

uint32_t bgp_as_path_neighbour(struct bgp_bytes bytes)
{
    struct cursor path = cursor_over(bytes.bytes, bytes.size);
    struct as_segment segment;
    while (as_segment_next(&path, 4, &segment))
        if (!as_segment_is_confederation(segment.type))
            return segment.type == AS_SEQUENCE ? as_number_next(&segment.numbers, 4) : 0;
    return 0;
}

uint32_t bgp_as_path_origin(struct bgp_bytes bytes)
{
    struct cursor path = cursor_over(bytes.bytes, bytes.size);
    struct as_segment segment;
    uint32_t origin = 0;
    while (as_segment_next(&path, 4, &segment)) {
        if (segment.count == 0 || as_segment_is_confederation(segment.type))
            continue;
        while (cursor_left(&segment.numbers) > 0)
            origin = as_number_next(&segment.numbers, 4);
        if (segment.type != AS_SEQUENCE)
            origin = 0;
    }
    return origin;
}

void bgp_as_path_write(struct writer *w, const struct bgp_attributes *attributes)
{
    struct bgp_bytes as_path = attributes->as_path, as4_path = attributes->as4_path;
    uint32_t length = path_length(as_path, attributes->as_size);
    uint32_t length4 = path_length(as4_path, 4);
    if (length4 > length || attributes->as_size == 4)  // RFC 6793 §4.2.3: it is not believed
        as4_path.size = length4 = 0;

    struct cursor path = cursor_over(as_path.bytes, as_path.size);
    struct as_segment segment;
    for (uint32_t left = length - length4; as_segment_next(&path, attributes->as_size, &segment);) {
        uint32_t own = segment_length(&segment);
        bool confederation = as_segment_is_confederation(segment.type);
        if (left == 0 && as4_path.size > 0 && !confederation)
            break;
        bool cut = segment.type == AS_SEQUENCE && own > left;
        write_segment(w, segment, attributes->as_size, cut ? (uint8_t)left : segment.count);
        left -= cut ? left : own;
    }
    path = cursor_over(as4_path.bytes, as4_path.size);
    while (as_segment_next(&path, 4, &segment))
        if (!as_segment_is_confederation(segment.type))
            write_segment(w, segment, 4, segment.count);
}

void bgp_as_path_write_short(struct writer *w, struct bgp_bytes as_path)
{
    struct cursor path = cursor_over(as_path.bytes, as_path.size);
    struct as_segment segment;
    while (as_segment_next(&path, 4, &segment)) {
        writer_u8(w, segment.type);
        writer_u8(w, segment.count);
        while (cursor_left(&segment.numbers) > 0) {
            uint32_t asn = cursor_be32(&segment.numbers);
            writer_be16(w, asn > UINT16_MAX ? AS_TRANS : (uint16_t)asn);
        }
    }
}

bool bgp_as_path_needs_as4(struct bgp_bytes as_path)
{
    struct cursor path = cursor_over(as_path.bytes, as_path.size);
    struct as_segment segment;
    while (as_segment_next(&path, 4, &segment)) {
        while (!as_segment_is_confederation(segment.type) && cursor_left(&segment.numbers) > 0)
            if (cursor_be32(&segment.numbers) > UINT16_MAX)
                return true;
    }
    return false;
}

void bgp_as4_path_write(struct writer *w, struct bgp_bytes as_path)
{
    struct cursor path = cursor_over(as_path.bytes, as_path.size);
    struct as_segment segment;
    while (as_segment_next(&path, 4, &segment))
        if (!as_segment_is_confederation(segment.type))
            write_segment(w, segment, 4, segment.count);
}

const char *bgp_as_path_text(struct bgp_bytes as_path, uint8_t as_size, char *text, size_t size)
{
    static const struct {
        const char *open, *between, *close;
    } forms[] = {
        [AS_SET] = {"{", ",", "}"},
        [AS_SEQUENCE] = {"", " ", ""},
        [AS_CONFED_SEQUENCE] = {"(", " ", ")"},
        [AS_CONFED_SET] = {"[", ",", "]"},
    };
    struct cursor path = cursor_over(as_path.bytes, as_path.size);
    struct as_segment segment;
    size_t used = 0;
    text[0] = '\0';
    while (as_segment_next(&path, as_size, &segment)) {
        if (segment.type < AS_SET || segment.type > AS_CONFED_SET)
            break;
        const char *before = forms[segment.type].open;
        if (used > 0 && used < size)
            used += (size_t)snprintf(text + used, size - used, " ");
        while (cursor_left(&segment.numbers) > 0 && used < size) {
            uint32_t asn = as_number_next(&segment.numbers, as_size);
            used += (size_t)snprintf(text + used, size - used, "%s%u", before, asn);
            before = forms[segment.type].between;
        }
        if (used < size)
            used += (size_t)snprintf(text + used, size - used, "%s", forms[segment.type].close);
    }
    return text;
}
