// SPDX-License-Identifier: ISC
#include "mrt/reader.h"

struct mrt_reader mrt_reader_over(const void *bytes, size_t size, uint64_t offset)
{
    return (struct mrt_reader){.bytes = size > 0 ? bytes : "", .size = size, .offset = offset};
}

size_t mrt_reader_left(const struct mrt_reader *reader)
{
    return reader->size - reader->pos;
}

static uint32_t be32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

size_t mrt_reader_wanted(const struct mrt_reader *reader)
{
    enum { LENGTH_AT = 8 };
    if (mrt_reader_left(reader) < MRT_HEADER_SIZE)
        return MRT_HEADER_SIZE;
    return MRT_HEADER_SIZE + (size_t)be32(reader->bytes + reader->pos + LENGTH_AT);
}

enum mrt_step mrt_reader_next(struct mrt_reader *reader, struct mrt_record *record)
{
    size_t whole = mrt_reader_wanted(reader);
    if (whole - MRT_HEADER_SIZE > MRT_BODY_MAX)
        return MRT_TOO_LONG;
    if (whole > mrt_reader_left(reader))
        return MRT_PARTIAL;
    const uint8_t *at = reader->bytes + reader->pos;
    *record = (struct mrt_record){
        .time_s = be32(at),
        .type = (uint16_t)(at[4] << 8 | at[5]),
        .subtype = (uint16_t)(at[6] << 8 | at[7]),
        .offset = reader->offset + reader->pos,
        .body = cursor_over(at + MRT_HEADER_SIZE, whole - MRT_HEADER_SIZE),
    };
    if (record->type == MRT_BGP4MP_ET)  // RFC 6396 §3: they count in the length
        record->time_us = cursor_be32(&record->body);
    reader->pos += whole;
    return MRT_RECORD;
}

const char *mrt_type_name(uint16_t type)
{
    static const char *const names[] = {
        [0] = "NULL",
        [1] = "START",
        [2] = "DIE",
        [3] = "I_AM_DEAD",
        [4] = "PEER_DOWN",
        [MRT_BGP] = "BGP",
        [6] = "RIP",
        [7] = "IDRP",
        [8] = "RIPNG",
        [9] = "BGP4PLUS",
        [10] = "BGP4PLUS_01",
        [11] = "OSPFv2",
        [MRT_TABLE_DUMP] = "TABLE_DUMP",
        [MRT_TABLE_DUMP_V2] = "TABLE_DUMP_V2",
        [MRT_BGP4MP] = "BGP4MP",
        [MRT_BGP4MP_ET] = "BGP4MP_ET",
        [32] = "ISIS",
        [33] = "ISIS_ET",
        [48] = "OSPFv3",
        [49] = "OSPFv3_ET",
    };
    return type < sizeof names / sizeof names[0] ? names[type] : NULL;
}
