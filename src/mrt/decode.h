// SPDX-License-Identifier: ISC
// What the files of this room share to read the parts of a record.
#pragma once

#include "mrt/item.h"

enum { SAFI_MULTICAST = 2 };

// Makes the item bad, for a fault found `at` octets into the body.
void mrt_item_spoil(struct mrt_item *item, size_t at, const char *reason);

struct address mrt_read_address(struct cursor *c, enum family family);
uint32_t mrt_read_as(struct cursor *c, uint8_t as_size);
// An octet of length and the octets of the prefix; a length above the family's fails `c`. Inline,
// as what follows, because every prefix of a table comes by.
static inline void mrt_read_nlri(struct cursor *c, enum family family, struct mrt_nlri *nlri)
{
    size_t at = c->pos;
    uint8_t length = cursor_u8(c);
    if (length > (family == FAMILY_IPV4 ? 32 : family == FAMILY_IPV6 ? 128 : 0)) {
        c->failed = true;
        c->pos = at;
    }
    nlri->bytes = cursor_bytes(c, ((size_t)length + 7) / 8);
    nlri->length = length;
    nlri->family = family;
    nlri->foreign = (struct bgp_bytes){0};
}
// The same with the form of an NLRI that the family has: RFC 6396 §4.3.3.
void mrt_read_any_nlri(struct cursor *c, uint16_t afi, uint8_t safi, struct mrt_nlri *nlri);

// Two octets of length and what they count.
static inline struct bgp_bytes mrt_read_attributes(struct cursor *c)
{
    uint16_t size = cursor_be16(c);
    const uint8_t *bytes = cursor_bytes(c, size);
    return (struct bgp_bytes){bytes, bytes ? size : 0};
}

// Of an item that is a whole route: bad if anything is left.
void mrt_route_end(struct mrt_item *item, const struct cursor *c);

// Each reads the body of the record into the item, whose kind and union they set.
void mrt_peers_decode(const struct mrt_record *record, struct mrt_peers *peers,
                      struct mrt_item *item);
void mrt_rib_decode(const struct mrt_record *record, const struct mrt_peers *peers,
                    struct mrt_item *item);
void mrt_table_dump_decode(const struct mrt_record *record, struct mrt_item *item);
void mrt_bgp_decode(const struct mrt_record *record, struct mrt_item *item);
void mrt_bgp4mp_decode(const struct mrt_record *record, struct mrt_item *item);
