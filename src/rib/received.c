// SPDX-License-Identifier: ISC
#include "rib/received.h"

#include "bgp/as_path.h"

enum { LARGE_COMMUNITY_SIZE = 12 };

static bool has_marker(const struct bgp_bytes *communities, struct net_community marker)
{
    struct cursor c = cursor_over(communities->bytes, communities->size);
    while (cursor_left(&c) >= LARGE_COMMUNITY_SIZE) {
        uint32_t global = cursor_be32(&c);
        uint32_t local1 = cursor_be32(&c);
        uint32_t local2 = cursor_be32(&c);
        if (global == marker.global && local1 == marker.local1 && local2 == marker.local2)
            return true;
    }
    return false;
}

// The AS path as 4-octet numbers.
static struct bgp_bytes whole_path(const struct bgp_attributes *a, struct writer *scratch)
{
    if (a->as_size == 4)
        return a->as_path;
    bgp_as_path_write(scratch, a);
    return (struct bgp_bytes){scratch->bytes, writer_ok(scratch) ? scratch->size : 0};
}

static void write_other(struct writer *w, const struct bgp_other *other)
{
    enum { EXTENDED_LENGTH = 0x10 };  // RFC 4271 §4.3
    bool is_long = other->value.size > UINT8_MAX;
    writer_u8(w, (uint8_t)((other->flags & ~EXTENDED_LENGTH) | (is_long ? EXTENDED_LENGTH : 0)));
    writer_u8(w, other->type);
    if (is_long)
        writer_be16(w, (uint16_t)other->value.size);
    else
        writer_u8(w, (uint8_t)other->value.size);
    writer_bytes(w, other->value.bytes, other->value.size);
}

// The attributes that are carried on unread, one behind the other, whatever stood between them.
static struct bgp_bytes others(const struct bgp_attributes *a, struct writer *scratch)
{
    if (a->others.size == 0)
        return a->others;
    struct bgp_others walk = bgp_others(a);
    struct bgp_other other;
    size_t begun = scratch->size;
    while (bgp_others_next(&walk, &other))
        write_other(scratch, &other);
    return (struct bgp_bytes){scratch->bytes + begun,
                              writer_ok(scratch) ? scratch->size - begun : 0};
}

struct rib_attributes rib_received(const struct bgp_attributes *a, struct net_community marker,
                                   uint8_t *bytes)
{
    struct writer scratch = writer_over(bytes, RIB_RECEIVED_SCRATCH);
    bool has_local_pref = bgp_attribute_present(a, ATTR_LOCAL_PREF);
    bool has_med = bgp_attribute_present(a, ATTR_MED);
    return (struct rib_attributes){
        .as_path = whole_path(a, &scratch),
        .communities = a->communities,
        .extended = a->extended_communities,
        .ipv6_extended = a->ipv6_extended_communities,
        .large = a->large_communities,
        .cluster_list = a->cluster_list,
        .others = others(a, &scratch),
        .aigp = a->accumulated_igp,
        .local_pref = has_local_pref ? a->local_pref : RIB_LOCAL_PREF_DEFAULT,
        .med = has_med ? a->med : 0,
        .originator_id = a->originator_id,
        .only_to_customer = a->only_to_customer,
        .aggregator_as = a->aggregator_as,
        .aggregator = a->aggregator,
        .origin = a->origin,
        .has_local_pref = has_local_pref,
        .has_med = has_med,
        .has_aigp = bgp_attribute_present(a, ATTR_AIGP),
        .has_only_to_customer = bgp_attribute_present(a, ATTR_OTC),
        .atomic = bgp_attribute_present(a, ATTR_ATOMIC_AGGREGATE),
        .marked = has_marker(&a->large_communities, marker),
    };
}
