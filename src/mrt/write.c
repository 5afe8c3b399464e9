// SPDX-License-Identifier: ISC
#include "mrt/write.h"

#include "bgp/family.h"
#include "bgp/update_encode.h"

#include <assert.h>
#include <string.h>

enum { LENGTH_AT = 8 };

static size_t begin(struct writer *w, uint32_t time_s, uint16_t type, uint16_t subtype)
{
    size_t begun = w->size;
    writer_be32(w, time_s);
    writer_be16(w, type);
    writer_be16(w, subtype);
    writer_be32(w, 0);
    return begun;
}

static void end(struct writer *w, size_t begun)
{
    if (!writer_ok(w))
        return;
    size_t size = w->size - begun - MRT_HEADER_SIZE;
    if (size > MRT_BODY_MAX) {
        w->failed = true;
        return;
    }
    struct writer length = writer_over(w->bytes + begun + LENGTH_AT, 4);
    writer_be32(&length, (uint32_t)size);
}

static void write_address(struct writer *w, const struct address *address)
{
    writer_bytes(w, address->bytes, family_bits(address->family) / 8);
}

static void write_as(struct writer *w, uint32_t as, uint8_t as_size)
{
    if (as_size == 4)
        writer_be32(w, as);
    else
        writer_be16(w, (uint16_t)as);
}

void mrt_write_peers(struct writer *w, uint32_t time_s, uint32_t collector_id, const char *view,
                     const struct mrt_peer *peers, uint16_t count)
{
    enum { PEER_INDEX_TABLE = 1, IPV6 = 1, AS4 = 2 };
    size_t begun = begin(w, time_s, MRT_TABLE_DUMP_V2, PEER_INDEX_TABLE);
    writer_be32(w, collector_id);
    size_t name = writer_be16_reserve(w);
    writer_bytes(w, view, strlen(view));
    writer_be16_set_count(w, name);
    writer_be16(w, count);
    for (uint16_t i = 0; i < count; i++) {
        assert(peers[i].address.family != FAMILY_NONE);
        writer_u8(w, peers[i].address.family == FAMILY_IPV6 ? IPV6 | AS4 : AS4);
        writer_be32(w, peers[i].id);
        write_address(w, &peers[i].address);
        writer_be32(w, peers[i].as);
    }
    end(w, begun);
}

struct mrt_rib_write mrt_write_rib_begin(struct writer *w, uint32_t time_s, uint32_t sequence,
                                         struct prefix prefix, bool add_path)
{
    enum { IPV4_UNICAST = 2, IPV6_UNICAST = 4, ADDPATH = 6 };  // ADDPATH: added, RFC 8050 §4
    assert(prefix.address.family != FAMILY_NONE);
    uint16_t subtype = prefix.address.family == FAMILY_IPV4 ? IPV4_UNICAST : IPV6_UNICAST;
    struct mrt_rib_write rib = {.add_path = add_path};
    rib.begun = begin(w, time_s, MRT_TABLE_DUMP_V2, add_path ? subtype + ADDPATH : subtype);
    writer_be32(w, sequence);
    writer_u8(w, prefix.length);
    writer_bytes(w, prefix.address.bytes, ((size_t)prefix.length + 7) / 8);
    rib.count_at = w->size;
    writer_be16(w, 0);
    return rib;
}

void mrt_write_entry(struct writer *w, struct mrt_rib_write *rib, uint16_t peer_index,
                     uint32_t originated_s, uint32_t path_id, struct bgp_bytes attributes)
{
    w->failed |= rib->count == UINT16_MAX || attributes.size > UINT16_MAX;
    writer_be16(w, peer_index);
    writer_be32(w, originated_s);
    if (rib->add_path)
        writer_be32(w, path_id);
    writer_be16(w, (uint16_t)attributes.size);
    writer_bytes(w, attributes.bytes, attributes.size);
    rib->count++;
}

void mrt_write_rib_end(struct writer *w, const struct mrt_rib_write *rib)
{
    if (!writer_ok(w))
        return;
    struct writer count = writer_over(w->bytes + rib->count_at, 2);
    writer_be16(&count, rib->count);
    end(w, rib->begun);
}

// RFC 6396 §4.3.4: of MP_REACH_NLRI only the next hop's length and the next hop.
static void write_next_hop(struct writer *w, const struct bgp_attributes *a)
{
    enum { OPTIONAL = 0x80 };
    writer_u8(w, OPTIONAL);
    writer_u8(w, ATTR_MP_REACH);
    size_t value = writer_u8_reserve(w), hop = writer_u8_reserve(w);
    write_address(w, &a->mp_next_hop);
    if (a->mp_link_local.family == FAMILY_IPV6)
        write_address(w, &a->mp_link_local);
    writer_u8_set_count(w, hop);
    writer_u8_set_count(w, value);
}

void mrt_write_attributes(struct writer *w, const struct bgp_attributes *attributes,
                          enum family family)
{
    static const struct bgp_context whole = {.as4 = true, .peer = BGP_INTERNAL};
    bool classic = family == FAMILY_IPV4 && attributes->next_hop.family == FAMILY_IPV4;
    assert(classic || attributes->mp_next_hop.family != FAMILY_NONE);
    bgp_attributes_encode(w, &whole, attributes, classic);
    if (!classic)
        write_next_hop(w, attributes);
}

// A record of a session up to what is special to a message or a change of state.
static size_t session_begin(struct writer *w, const struct mrt_stamp *at,
                            const struct mrt_session *session, uint16_t subtype)
{
    assert(session->peer.family != FAMILY_NONE && session->local.family == session->peer.family);
    size_t begun = begin(w, at->time_s, at->extended ? MRT_BGP4MP_ET : MRT_BGP4MP, subtype);
    if (at->extended)
        writer_be32(w, at->time_us);
    write_as(w, session->peer_as, session->as_size);
    write_as(w, session->local_as, session->as_size);
    writer_be16(w, 0);  // index of an interface
    writer_be16(w, bgp_afi(session->peer.family));
    write_address(w, &session->peer);
    write_address(w, &session->local);
    return begun;
}

void mrt_write_message(struct writer *w, const struct mrt_stamp *at,
                       const struct mrt_session *session, struct bgp_bytes message)
{
    static const uint16_t subtypes[2][2][2] = {
        // [add_path][sent][as4]: RFC 6396 §4.4, RFC 8050 §3
        {{1, 4}, {6, 7}},
        {{8, 9}, {10, 11}},
    };
    uint16_t subtype = subtypes[session->add_path][session->sent][session->as_size == 4];
    size_t begun = session_begin(w, at, session, subtype);
    writer_bytes(w, message.bytes, message.size);
    end(w, begun);
}

void mrt_write_state(struct writer *w, const struct mrt_stamp *at,
                     const struct mrt_session *session)
{
    enum { STATE_CHANGE = 0, STATE_CHANGE_AS4 = 5 };
    size_t begun =
        session_begin(w, at, session, session->as_size == 4 ? STATE_CHANGE_AS4 : STATE_CHANGE);
    writer_be16(w, session->old_state);
    writer_be16(w, session->new_state);
    end(w, begun);
}
