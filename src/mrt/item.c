// SPDX-License-Identifier: ISC
#include "mrt/item.h"

#include "bgp/family.h"
#include "mrt/decode.h"

#include <string.h>

void mrt_item_spoil(struct mrt_item *item, size_t at, const char *reason)
{
    item->kind = MRT_BAD;
    item->reason = reason;
    item->at = at;
}

struct address mrt_read_address(struct cursor *c, enum family family)
{
    const uint8_t *bytes = cursor_bytes(c, family_bits(family) / 8);
    return bytes ? address_from_bytes(family, bytes) : (struct address){0};
}

uint32_t mrt_read_as(struct cursor *c, uint8_t as_size)
{
    return as_size == 4 ? cursor_be32(c) : cursor_be16(c);
}

void mrt_read_any_nlri(struct cursor *c, uint16_t afi, uint8_t safi, struct mrt_nlri *nlri)
{
    enum { AFI_L2VPN = 25, SAFI_VPLS = 65, SAFI_EVPN = 70, SAFI_FLOW = 133, SAFI_FLOW_VPN = 134 };
    enum family family = bgp_family(afi, SAFI_UNICAST);
    if (family != FAMILY_NONE && (safi == SAFI_UNICAST || safi == SAFI_MULTICAST)) {
        mrt_read_nlri(c, family, nlri);
        return;
    }
    struct cursor begin = *c;
    size_t size;
    if (safi == SAFI_FLOW || safi == SAFI_FLOW_VPN) {  // RFC 8955 §4.1
        size = cursor_u8(c);
        if (size >= 0xf0)
            size = (size & 0x0f) << 8 | cursor_u8(c);
    } else if (afi == AFI_L2VPN && safi == SAFI_VPLS) {  // RFC 4761 §3.2.2
        size = cursor_be16(c);
    } else if (afi == AFI_L2VPN && safi == SAFI_EVPN) {  // RFC 7432 §7
        cursor_u8(c);
        size = cursor_u8(c);
    } else {  // as a prefix, its length in bits: RFC 4760 §5, RFC 8277 §2, RFC 4364 §4.3.4
        size = ((size_t)cursor_u8(c) + 7) / 8;
    }
    cursor_bytes(c, size);
    size_t whole = c->pos - begin.pos;
    const uint8_t *bytes = cursor_ok(c) ? cursor_bytes(&begin, whole) : NULL;
    *nlri = (struct mrt_nlri){.foreign = {bytes, bytes ? whole : 0}};
}

struct prefix mrt_prefix(const struct mrt_nlri *nlri)
{
    struct prefix prefix = {.address.family = nlri->family, .length = nlri->length};
    size_t size = ((size_t)nlri->length + 7) / 8;
    if (nlri->family == FAMILY_NONE || size == 0)
        return prefix;
    memcpy(prefix.address.bytes, nlri->bytes, size);
    prefix.address.bytes[size - 1] &= (uint8_t)(0xff << (size * 8 - nlri->length));
    return prefix;
}

void mrt_route_end(struct mrt_item *item, const struct cursor *c)
{
    if (cursor_left(c) == 0)
        return;
    mrt_item_spoil(item, c->pos, "there are octets behind the attributes");
    item->rest = MRT_ROUTE;
}

// RFC 6396 §4.2. Subtypes 3 and 4 are 1 and 2 with AS numbers of 4 octets: of no RFC, but written
// once by RIPE's collectors.
void mrt_table_dump_decode(const struct mrt_record *record, struct mrt_item *item)
{
    struct cursor body = record->body;
    uint16_t subtype = record->subtype;
    static const struct {
        enum family family;
        uint8_t as_size;
    } forms[] = {[1] = {FAMILY_IPV4, 2},
                 [2] = {FAMILY_IPV6, 2},
                 [3] = {FAMILY_IPV4, 4},
                 [4] = {FAMILY_IPV6, 4}};
    if (subtype == 0 || subtype >= sizeof forms / sizeof forms[0])
        return;
    enum family family = forms[subtype].family;
    struct mrt_route *route = &item->route;
    item->kind = MRT_ROUTE;
    *route = (struct mrt_route){0};
    route->as_size = forms[subtype].as_size;
    route->afi = bgp_afi(family);
    route->safi = SAFI_UNICAST;
    route->view = cursor_be16(&body);
    route->sequence = cursor_be16(&body);
    route->nlri.family = family;
    route->nlri.bytes = cursor_bytes(&body, family_bits(family) / 8);
    route->nlri.length = cursor_u8(&body);
    bool long_prefix = route->nlri.length > family_bits(family);
    cursor_u8(&body);  // status: always 1
    route->originated_s = cursor_be32(&body);
    route->peer = mrt_read_address(&body, family);
    route->peer_as = mrt_read_as(&body, route->as_size);
    route->attributes = mrt_read_attributes(&body);
    if (!cursor_ok(&body))
        mrt_item_spoil(item, body.pos, "the record ends early");
    else if (long_prefix)
        mrt_item_spoil(item, body.pos, "the prefix is longer than its family's");
    else
        mrt_route_end(item, &body);
}

void mrt_item_decode(const struct mrt_record *record, struct mrt_peers *peers,
                     struct mrt_item *item)
{
    enum { PEER_INDEX_TABLE = 1 };
    item->kind = item->rest = MRT_UNKNOWN;  // the union is set by whoever sets another kind
    item->reason = NULL;
    item->at = 0;
    if (!cursor_ok(&record->body)) {
        mrt_item_spoil(item, record->body.pos, "there is no room for the microseconds");
        return;
    }
    switch (record->type) {
    case MRT_TABLE_DUMP_V2:
        if (record->subtype == PEER_INDEX_TABLE)
            mrt_peers_decode(record, peers, item);
        else
            mrt_rib_decode(record, peers, item);
        break;
    case MRT_TABLE_DUMP:
        mrt_table_dump_decode(record, item);
        break;
    case MRT_BGP4MP:
    case MRT_BGP4MP_ET:
        mrt_bgp4mp_decode(record, item);
        break;
    case MRT_BGP:
        mrt_bgp_decode(record, item);
        break;
    default:
        break;
    }
}
