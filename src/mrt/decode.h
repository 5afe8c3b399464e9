// SPDX-License-Identifier: ISC
// What the files of this room share to read the parts of a record.
#pragma once

#include "mrt/item.h"

enum { SAFI_MULTICAST = 2 };

// Makes the item bad, for a fault where `c` stands or has failed.
void mrt_item_spoil(struct mrt_item *item, const struct cursor *c, const char *reason);

struct address mrt_read_address(struct cursor *c, enum family family);
uint32_t mrt_read_as(struct cursor *c, uint8_t as_size);
// An octet of length and the octets of the prefix; a length above the family's fails `c`.
struct mrt_nlri mrt_read_nlri(struct cursor *c, enum family family);
// The same with the form of an NLRI that the family has: RFC 6396 §4.3.3.
struct mrt_nlri mrt_read_any_nlri(struct cursor *c, uint16_t afi, uint8_t safi);
// Two octets of length and what they count.
struct bgp_bytes mrt_read_attributes(struct cursor *c);

// Of an item that is a whole route: bad if anything is left.
void mrt_route_end(struct mrt_item *item, const struct cursor *c);

// Each reads the body of the record into the item, whose kind and union they set.
void mrt_peers_decode(struct cursor body, struct mrt_peers *peers, struct mrt_item *item);
void mrt_rib_decode(struct cursor body, uint16_t subtype, const struct mrt_peers *peers,
                    struct mrt_item *item);
void mrt_table_dump_decode(struct cursor body, uint16_t subtype, struct mrt_item *item);
void mrt_bgp_decode(struct cursor body, uint16_t subtype, struct mrt_item *item);
void mrt_bgp4mp_decode(struct cursor body, uint16_t subtype, struct mrt_item *item);
