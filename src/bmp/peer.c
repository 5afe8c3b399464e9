// SPDX-License-Identifier: ISC
#include "bmp/peer.h"

#include <inttypes.h>
#include <stdio.h>

// RFC 7854 §4.2, RFC 8671 §4; with Loc-RIB the first bit means something else: RFC 9069 §4.2.
enum { FLAG_IPV6 = 0x80, FLAG_POST = 0x40, FLAG_TWO_OCTETS = 0x20, FLAG_OUT = 0x10 };
enum { FLAG_FILTERED = 0x80 };

static enum bmp_table table_of(const struct bmp_peer *peer)
{
    if (peer->type == BMP_PEER_LOC_RIB)
        return BMP_LOC;
    bool post = peer->flags & FLAG_POST;
    if (peer->flags & FLAG_OUT)
        return post ? BMP_OUT_POST : BMP_OUT_PRE;
    return post ? BMP_IN_POST : BMP_IN_PRE;
}

bool bmp_peer_is_ipv6(const struct bmp_peer *peer)
{
    return peer->type != BMP_PEER_LOC_RIB && peer->flags & FLAG_IPV6;
}

void bmp_peer_address_read(struct cursor *c, bool ipv6, struct address *address)
{
    const uint8_t *bytes = cursor_bytes(c, 16);
    *address = (struct address){0};
    if (bytes)
        *address = ipv6 ? address_from_bytes(FAMILY_IPV6, bytes)
                        : address_from_bytes(FAMILY_IPV4, bytes + 12);
}

void bmp_peer_read(struct cursor *c, struct bmp_peer *peer)
{
    peer->type = cursor_u8(c);
    peer->flags = cursor_u8(c);
    peer->distinguisher = cursor_be64(c);
    bmp_peer_address_read(c, bmp_peer_is_ipv6(peer), &peer->address);
    peer->asn = cursor_be32(c);
    peer->id = cursor_be32(c);
    peer->at_s = cursor_be32(c);
    peer->at_us = cursor_be32(c);

    bool loc_rib = peer->type == BMP_PEER_LOC_RIB;
    if (loc_rib)
        peer->address = (struct address){0};
    peer->two_octet_as = !loc_rib && peer->flags & FLAG_TWO_OCTETS;
    peer->filtered = loc_rib && peer->flags & FLAG_FILTERED;
    peer->table = table_of(peer);
}

const char *bmp_peer_type_name(uint8_t type)
{
    static const char *const names[BMP_PEER_TYPES] = {"global", "rd", "local", "loc-rib"};
    return type < BMP_PEER_TYPES ? names[type] : "unknown";
}

const char *bmp_table_name(enum bmp_table table)
{
    static const char *const names[BMP_TABLES] = {"in-pre", "in-post", "out-pre", "out-post",
                                                  "loc"};
    return names[table];
}

const char *bmp_distinguisher_text(uint8_t type, uint64_t distinguisher, char *text)
{
    enum { TWO_OCTET_AS, IPV4_ADDRESS, FOUR_OCTET_AS };
    uint16_t form = (uint16_t)(distinguisher >> 48);
    uint32_t high = (uint32_t)(distinguisher >> 16), low = (uint16_t)distinguisher;
    size_t size = BMP_DISTINGUISHER_TEXT_MAX;
    bool is_rd = type == BMP_PEER_RD || type == BMP_PEER_LOC_RIB;
    if (!is_rd || form > FOUR_OCTET_AS)
        snprintf(text, size, "%" PRIu64, distinguisher);
    else if (form == TWO_OCTET_AS)
        snprintf(text, size, "%u:%u", high >> 16, (uint32_t)distinguisher);
    else if (form == IPV4_ADDRESS)
        snprintf(text, size, "%u.%u.%u.%u:%u", high >> 24, high >> 16 & 255, high >> 8 & 255,
                 high & 255, low);
    else
        snprintf(text, size, "%u:%u", high, low);
    return text;
}
