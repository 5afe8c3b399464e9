// SPDX-License-Identifier: ISC
#include "bgp/nlri.h"

#include <endian.h>
#include <string.h>

// Eight bytes of an address, those past `length` bits cleared.
static void put_bits(uint8_t *to, const uint8_t *from, unsigned length)
{
    uint64_t word;
    memcpy(&word, from, sizeof word);
    if (length < 64)
        word &= length > 0 ? htobe64(UINT64_MAX << (64 - length)) : 0;
    memcpy(to, &word, sizeof word);
}

// RFC 4271 §4.3: the value of trailing bits is irrelevant. Whole words are read where the message
// goes on for so long: a copy whose length varies costs several times as much.
static void read_bits(uint8_t *address, const uint8_t *bytes, size_t left, uint8_t length)
{
    if (left >= 16) {
        put_bits(address, bytes, length);
        put_bits(address + 8, bytes + 8, length > 64 ? length - 64u : 0);
        return;
    }
    size_t size = (length + 7u) / 8;
    memset(address, 0, 16);
    memcpy(address, bytes, size);
    if (length % 8 != 0)
        address[size - 1] &= (uint8_t)(0xff00 >> length % 8);
}

bool bgp_nlri_check(const struct bgp_nlri *nlri, struct cursor *end)
{
    struct cursor c = nlri->bytes;
    size_t id_size = nlri->add_path ? 4 : 0;
    uint8_t bits = family_bits(nlri->family);
    while (cursor_left(&c) > 0) {
        *end = c;
        cursor_bytes(&c, id_size);
        uint8_t length = cursor_u8(&c);
        if (length > bits || !cursor_bytes(&c, (length + 7u) / 8))
            return false;
    }
    *end = c;
    return true;
}

bool bgp_nlri_next(struct bgp_nlri *nlri, struct bgp_route *route)
{
    struct cursor *c = &nlri->bytes;
    if (cursor_left(c) == 0)
        return false;
    route->path_id = nlri->add_path ? cursor_be32(c) : 0;
    uint8_t length = cursor_u8(c);
    size_t left = cursor_left(c);
    const uint8_t *bytes = cursor_bytes(c, (length + 7u) / 8);
    if (!bytes || length > family_bits(nlri->family))
        return false;
    route->prefix.address.family = nlri->family;
    route->prefix.length = length;
    read_bits(route->prefix.address.bytes, bytes, left, length);
    return true;
}

size_t bgp_nlri_size(const struct bgp_route *route, bool add_path)
{
    return (add_path ? 5u : 1u) + (route->prefix.length + 7u) / 8;
}

void bgp_nlri_write(struct writer *w, const struct bgp_route *route, bool add_path)
{
    if (add_path)
        writer_be32(w, route->path_id);
    writer_u8(w, route->prefix.length);
    writer_bytes(w, route->prefix.address.bytes, (route->prefix.length + 7u) / 8);
}
