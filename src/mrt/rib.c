// SPDX-License-Identifier: ISC
// TABLE_DUMP_V2: RFC 6396 §4.3, RFC 8050 §4.
#include "bgp/family.h"
#include "mrt/decode.h"

#include <stdlib.h>

void mrt_peers_done(struct mrt_peers *peers)
{
    free(peers->list);
    *peers = (struct mrt_peers){0};
}

static struct mrt_peer read_peer(struct cursor *c)
{
    enum { IPV6 = 1, AS4 = 2 };  // RFC 6396 §4.3.1: bits of the peer type
    uint8_t type = cursor_u8(c);
    struct mrt_peer peer = {.id = cursor_be32(c)};
    peer.address = mrt_read_address(c, type & IPV6 ? FAMILY_IPV6 : FAMILY_IPV4);
    peer.as = mrt_read_as(c, type & AS4 ? 4 : 2);
    return peer;
}

void mrt_peers_decode(const struct mrt_record *record, struct mrt_peers *peers,
                      struct mrt_item *item)
{
    struct cursor body = record->body;
    enum { PEER_SIZE_MIN = 11 };
    mrt_peers_done(peers);
    item->kind = MRT_PEERS;
    uint32_t collector_id = cursor_be32(&body);
    cursor_bytes(&body, cursor_be16(&body));  // the name of the view
    uint16_t count = cursor_be16(&body);
    if (!cursor_ok(&body) || cursor_left(&body) < (size_t)count * PEER_SIZE_MIN) {
        mrt_item_spoil(item, body.pos, "the peer index table ends early");
        return;
    }
    struct mrt_peer *list = calloc((size_t)count + 1, sizeof *list);
    if (!list) {
        mrt_item_spoil(item, body.pos, "no memory for the peer index table");
        return;
    }
    for (uint16_t i = 0; i < count; i++)
        list[i] = read_peer(&body);
    if (!cursor_ok(&body) || cursor_left(&body) > 0) {
        mrt_item_spoil(item, body.pos, "the peer index table has another size than its peers");
        free(list);
        return;
    }
    *peers = (struct mrt_peers){list, count, collector_id};
}

// Whether the octets behind the NLRI are just the entries that the record announces.
static bool entries_fit(struct cursor c)
{
    uint16_t count = cursor_be16(&c);
    for (uint16_t i = 0; i < count && cursor_ok(&c); i++) {
        cursor_bytes(&c, 6);  // peer and time
        mrt_read_attributes(&c);
    }
    return cursor_ok(&c) && cursor_left(&c) == 0;
}

// RFC 8050 §4.3 puts the path identifier before the NLRI. GoBGP and OpenBGPD put one into each
// entry, as with the other subtypes. Only one of the two comes out even.
static bool read_generic_as_rfc(struct cursor *c, struct mrt_rib *rib)
{
    struct cursor end = *c;
    uint32_t path_id = cursor_be32(&end);
    struct mrt_nlri nlri;
    mrt_read_any_nlri(&end, rib->afi, rib->safi, &nlri);
    if (!entries_fit(end))
        return false;
    rib->id_in_nlri = true;
    rib->path_id = path_id;
    rib->nlri = nlri;
    *c = end;
    return true;
}

static struct cursor read_generic(struct cursor c, struct mrt_rib *rib)
{
    rib->afi = cursor_be16(&c);
    rib->safi = cursor_u8(&c);
    if (!rib->add_path || !read_generic_as_rfc(&c, rib))
        mrt_read_any_nlri(&c, rib->afi, rib->safi, &rib->nlri);
    return c;
}

void mrt_rib_decode(const struct mrt_record *record, const struct mrt_peers *peers,
                    struct mrt_item *item)
{
    enum { GENERIC = 6, GENERIC_ADDPATH = 12 };
    static const struct {
        uint16_t afi;
        uint8_t safi;
        bool add_path;
    } forms[] = {
        [2] = {AFI_IPV4, SAFI_UNICAST, false},
        [3] = {AFI_IPV4, SAFI_MULTICAST, false},
        [4] = {AFI_IPV6, SAFI_UNICAST, false},
        [5] = {AFI_IPV6, SAFI_MULTICAST, false},
        [GENERIC] = {0, 0, false},
        [8] = {AFI_IPV4, SAFI_UNICAST, true},
        [9] = {AFI_IPV4, SAFI_MULTICAST, true},
        [10] = {AFI_IPV6, SAFI_UNICAST, true},
        [11] = {AFI_IPV6, SAFI_MULTICAST, true},
        [GENERIC_ADDPATH] = {0, 0, true},
    };
    uint16_t subtype = record->subtype;
    enum { GEO_PEER_TABLE = 7 };  // RFC 6397: nothing in it that a route needs
    if (subtype < 2 || subtype == GEO_PEER_TABLE || subtype >= sizeof forms / sizeof forms[0])
        return;
    // Millions come by: fields are set one by one, and nobody takes the address of `body`, so that
    // it stays in registers.
    struct mrt_rib *rib = &item->rib;
    item->kind = MRT_RIB;
    rib->afi = forms[subtype].afi;
    rib->safi = forms[subtype].safi;
    rib->add_path = forms[subtype].add_path;
    rib->id_in_nlri = false;
    rib->path_id = 0;
    rib->seen = 0;
    rib->peers = peers;
    struct cursor body = cursor_over(record->body.bytes, record->body.size);
    rib->sequence = cursor_be32(&body);
    if (subtype == GENERIC || subtype == GENERIC_ADDPATH)
        body = read_generic(body, rib);
    else
        mrt_read_nlri(&body, rib->afi == AFI_IPV4 ? FAMILY_IPV4 : FAMILY_IPV6, &rib->nlri);
    bool readable = cursor_ok(&body);
    rib->count = cursor_be16(&body);
    rib->entries = body;
    if (!readable)
        mrt_item_spoil(item, body.pos, "the prefix cannot be read");
    else if (!cursor_ok(&body))
        mrt_item_spoil(item, body.pos, "the record ends early");
    else if (!peers->list && rib->count > 0)
        mrt_item_spoil(item, body.pos, "there is no peer index table before it");
}

bool mrt_entry_next(struct mrt_item *item, struct mrt_entry *entry)
{
    if (item->kind != MRT_RIB)
        return false;
    struct mrt_rib *rib = &item->rib;
    struct cursor c = rib->entries;
    size_t begun = c.pos;
    if (rib->seen == rib->count) {
        if (cursor_left(&c) > 0)
            mrt_item_spoil(item, begun, "there are octets behind the last entry");
        return false;
    }
    entry->peer_index = cursor_be16(&c);
    entry->originated_s = cursor_be32(&c);
    entry->path_id = rib->add_path && !rib->id_in_nlri ? cursor_be32(&c) : rib->path_id;
    entry->attributes = mrt_read_attributes(&c);
    rib->entries.pos = c.pos;
    if (!cursor_ok(&c)) {
        mrt_item_spoil(item, c.pos, "an entry goes past the end of the record");
        return false;
    }
    if (entry->peer_index >= rib->peers->count) {
        mrt_item_spoil(item, begun, "an entry is of a peer that is not in the peer index table");
        return false;
    }
    entry->peer = &rib->peers->list[entry->peer_index];
    rib->seen++;
    return true;
}

bool mrt_rib_count(const struct mrt_record *record, const struct mrt_peers *peers, uint16_t *count)
{
    enum { ADDPATH = 8 };
    static const uint8_t bits[] = {[2] = 32, [4] = 128, [ADDPATH] = 32, [10] = 128};
    uint16_t subtype = record->subtype;
    if (record->type != MRT_TABLE_DUMP_V2 || subtype >= sizeof bits || bits[subtype] == 0)
        return false;
    struct cursor c = cursor_over(record->body.bytes, record->body.size);
    cursor_bytes(&c, 4);  // sequence
    uint8_t length = cursor_u8(&c);
    cursor_bytes(&c, ((size_t)length + 7) / 8);
    uint16_t entries = cursor_be16(&c);
    bool known = length <= bits[subtype];
    for (uint16_t i = 0; i < entries && cursor_ok(&c); i++) {
        known &= cursor_be16(&c) < peers->count;
        cursor_bytes(&c, subtype < ADDPATH ? 4 : 8);  // time, path identifier
        cursor_bytes(&c, cursor_be16(&c));
    }
    *count = entries;
    return known && cursor_ok(&c) && cursor_left(&c) == 0;
}
