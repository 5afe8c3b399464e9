// SPDX-License-Identifier: ISC
#include "mrt/update.h"

#include "bgp/attr_rules.h"
#include "bgp/family.h"
#include "bgp/header.h"
#include "mrt/decode.h"

struct attribute {
    uint8_t type;
    struct bgp_bytes value, whole;
};

struct mrt_announcement mrt_announcement_of_entry(const struct mrt_rib *rib,
                                                  const struct mrt_entry *entry)
{
    return (struct mrt_announcement){.nlri = &rib->nlri,
                                     .afi = rib->afi,
                                     .safi = rib->safi,
                                     .add_path = rib->add_path,
                                     .path_id = entry->path_id,
                                     .attributes = entry->attributes};
}

struct mrt_announcement mrt_announcement_of_route(const struct mrt_route *route)
{
    return (struct mrt_announcement){.nlri = &route->nlri,
                                     .afi = route->afi,
                                     .safi = route->safi,
                                     .attributes = route->attributes,
                                     .next_hop = route->next_hop};
}

// False at the end; a rest that is no attribute is given as one of type 0.
static bool attribute_next(struct cursor *c, struct attribute *attribute)
{
    if (cursor_left(c) == 0)
        return false;
    struct cursor begin = *c;
    uint8_t flags = cursor_u8(c);
    attribute->type = cursor_u8(c);
    uint16_t size = flags & ATTR_EXTENDED ? cursor_be16(c) : cursor_u8(c);
    attribute->value = (struct bgp_bytes){cursor_bytes(c, size), size};
    if (!cursor_ok(c))
        *attribute = (struct attribute){0};
    size_t whole = cursor_ok(c) ? c->pos - begin.pos : cursor_left(&begin);
    attribute->whole = (struct bgp_bytes){cursor_bytes(&begin, whole), whole};
    return true;
}

static bool find(struct bgp_bytes attributes, uint8_t type, struct attribute *attribute)
{
    struct cursor c = cursor_over(attributes.bytes, attributes.size);
    while (attribute_next(&c, attribute))
        if (attribute->type == type)
            return true;
    return false;
}

struct bgp_bytes mrt_next_hop(struct bgp_bytes attributes)
{
    struct attribute mp_reach;
    if (!find(attributes, ATTR_MP_REACH, &mp_reach))
        return (struct bgp_bytes){0};
    struct cursor c = cursor_over(mp_reach.value.bytes, mp_reach.value.size);
    // Cut down it begins with a length, which is not 0; whole it begins with an AFI, whose first
    // octet is 0.
    struct cursor peek = c;
    if (cursor_u8(&peek) == 0)
        cursor_bytes(&c, 3);
    size_t size = cursor_u8(&c);
    const uint8_t *bytes = cursor_bytes(&c, size);
    return (struct bgp_bytes){bytes, bytes ? size : 0};
}

static void write_nlri(struct writer *w, const struct mrt_announcement *a)
{
    if (a->add_path)
        writer_be32(w, a->path_id);
    if (a->nlri->family == FAMILY_NONE) {
        writer_bytes(w, a->nlri->foreign.bytes, a->nlri->foreign.size);
        return;
    }
    writer_u8(w, a->nlri->length);
    writer_bytes(w, a->nlri->bytes, ((size_t)a->nlri->length + 7) / 8);
}

static void write_mp_reach(struct writer *w, const struct mrt_announcement *a)
{
    struct bgp_bytes next_hop = mrt_next_hop(a->attributes);
    if (next_hop.size == 0)
        next_hop = a->next_hop;
    writer_u8(w, ATTR_OPTIONAL | ATTR_EXTENDED);
    writer_u8(w, ATTR_MP_REACH);
    size_t size = writer_be16_reserve(w);
    writer_be16(w, a->afi);
    writer_u8(w, a->safi);
    writer_u8(w, (uint8_t)next_hop.size);
    writer_bytes(w, next_hop.bytes, next_hop.size);
    writer_u8(w, 0);  // reserved
    write_nlri(w, a);
    writer_be16_set_count(w, size);
}

void mrt_announcement_encode(struct writer *w, const struct mrt_announcement *a, size_t size_max)
{
    struct attribute attribute;
    bool classic = a->afi == AFI_IPV4 && a->safi == SAFI_UNICAST &&
                   !find(a->attributes, ATTR_MP_REACH, &attribute);
    size_t begun = bgp_message_begin(w, BGP_UPDATE);
    writer_be16(w, 0);  // nothing withdrawn
    size_t attributes = writer_be16_reserve(w);
    if (!classic)
        write_mp_reach(w, a);
    if (classic && a->next_hop.size == 4 && !find(a->attributes, ATTR_NEXT_HOP, &attribute)) {
        writer_u8(w, ATTR_TRANSITIVE);
        writer_u8(w, ATTR_NEXT_HOP);
        writer_u8(w, 4);
        writer_bytes(w, a->next_hop.bytes, 4);
    }
    struct cursor c = cursor_over(a->attributes.bytes, a->attributes.size);
    while (attribute_next(&c, &attribute))
        if (attribute.type != ATTR_MP_REACH)
            writer_bytes(w, attribute.whole.bytes, attribute.whole.size);
    writer_be16_set_count(w, attributes);
    if (classic)
        write_nlri(w, a);
    bgp_message_end_within(w, begun, size_max);
}
