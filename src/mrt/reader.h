// SPDX-License-Identifier: ISC
// MRT archives, record by record: RFC 6396 §2 and §3.
//
// A reader walks over octets that somebody else holds: a whole mapped file, or what a stream has
// given so far. It allocates nothing, trusts no length, and its records are views into the octets.
#pragma once

#include "base/cursor.h"

enum {
    MRT_HEADER_SIZE = 12,
    // Octets of a body. The longest that is known, a prefix with every peer of a large collector,
    // has a hundredth of it; a header that asks for more is damage.
    MRT_BODY_MAX = 1 << 26,
};

enum mrt_type {   // RFC 6396 §4, §5; the others are only named
    MRT_BGP = 5,  // before 2002: RFC 6396 Appendix B.1.2
    MRT_TABLE_DUMP = 12,
    MRT_TABLE_DUMP_V2 = 13,
    MRT_BGP4MP = 16,
    MRT_BGP4MP_ET = 17,
};

struct mrt_record {
    uint32_t time_s, time_us;  // since 1970; microseconds only with the type MRT_BGP4MP_ET
    uint16_t type, subtype;
    uint64_t offset;     // of its header in the stream
    struct cursor body;  // failed when the record is too short for its microseconds
};

struct mrt_reader {
    const uint8_t *bytes;
    size_t size, pos;  // octets; the next record begins at `pos`
    uint64_t offset;   // of bytes[0] in the stream
};

enum mrt_step {
    MRT_RECORD,   // here it is
    MRT_PARTIAL,  // no whole record is left; at the end of a stream that is good if nothing is left
    MRT_TOO_LONG,  // a body above MRT_BODY_MAX: nothing behind it can be found
};

static inline struct mrt_reader mrt_reader_over(const void *bytes, size_t size, uint64_t offset)
{
    return (struct mrt_reader){.bytes = size > 0 ? bytes : "", .size = size, .offset = offset};
}

static inline size_t mrt_reader_left(const struct mrt_reader *reader)
{
    return reader->size - reader->pos;
}

static inline uint32_t mrt_be32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return be32toh(value);
}

// Octets that the record asks for which begins where the reader stands, its header included: 12
// while the header itself is not whole.
static inline size_t mrt_reader_wanted(const struct mrt_reader *reader)
{
    enum { LENGTH_AT = 8 };
    if (mrt_reader_left(reader) < MRT_HEADER_SIZE)
        return MRT_HEADER_SIZE;
    return MRT_HEADER_SIZE + (size_t)mrt_be32(reader->bytes + reader->pos + LENGTH_AT);
}

// The next record, if it is there whole; if not, the reader stays where it is.
static inline enum mrt_step mrt_reader_next(struct mrt_reader *reader, struct mrt_record *record)
{
    size_t whole = mrt_reader_wanted(reader);
    if (whole - MRT_HEADER_SIZE > MRT_BODY_MAX)
        return MRT_TOO_LONG;
    if (whole > mrt_reader_left(reader))
        return MRT_PARTIAL;
    const uint8_t *at = reader->bytes + reader->pos;
    uint32_t types = mrt_be32(at + 4);
    record->time_s = mrt_be32(at);
    record->time_us = 0;
    record->type = (uint16_t)(types >> 16);
    record->subtype = (uint16_t)types;
    record->offset = reader->offset + reader->pos;
    record->body = cursor_over(at + MRT_HEADER_SIZE, whole - MRT_HEADER_SIZE);
    if (record->type == MRT_BGP4MP_ET)  // RFC 6396 §3: they count in the length
        record->time_us = cursor_be32(&record->body);
    reader->pos += whole;
    return MRT_RECORD;
}

// "TABLE_DUMP_V2", or NULL for a type that no RFC names.
const char *mrt_type_name(uint16_t type);
