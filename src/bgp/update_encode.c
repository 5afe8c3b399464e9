// SPDX-License-Identifier: ISC
// What Fairlead says in UPDATEs. Attributes go out in the order of their types, but MP_REACH_NLRI
// and MP_UNREACH_NLRI first: RFC 7606 §5.1.
#include "bgp/as_path.h"
#include "bgp/attr_rules.h"
#include "bgp/family.h"
#include "bgp/header.h"
#include "bgp/nlri.h"
#include "bgp/update.h"

#include <assert.h>

static void attr_write(struct writer *w, enum attr_type type, const void *bytes, size_t size)
{
    uint8_t flags = attr_rules[type].flags;
    writer_u8(w, size > UINT8_MAX ? flags | ATTR_EXTENDED : flags);
    writer_u8(w, (uint8_t)type);
    if (size > UINT8_MAX)
        writer_be16(w, (uint16_t)size);
    else
        writer_u8(w, (uint8_t)size);
    writer_bytes(w, bytes, size);
}

static void attr_write_be32(struct writer *w, enum attr_type type, const uint32_t *numbers,
                            size_t count)
{
    uint8_t bytes[64];
    struct writer value = writer_over(bytes, sizeof bytes);
    for (size_t i = 0; i < count; i++)
        writer_be32(&value, numbers[i]);
    assert(writer_ok(&value));
    if (count > 0)
        attr_write(w, type, bytes, value.size);
}

static void write_mp_reach(struct writer *w, const struct bgp_announcement *a)
{
    uint8_t bytes[64];
    struct writer value = writer_over(bytes, sizeof bytes);
    writer_be16(&value, bgp_afi(a->prefix.address.family));
    writer_u8(&value, SAFI_UNICAST);
    writer_u8(&value, 16);
    writer_bytes(&value, a->next_hop.bytes, 16);
    writer_u8(&value, 0);  // reserved
    bgp_nlri_write(&value, a->prefix);
    attr_write(w, ATTR_MP_REACH, bytes, value.size);
}

// AS_PATH, and for a 2-octet peer what AS4_PATH must carry beside it, into `as4` (or nothing).
static void write_as_path(struct writer *w, struct bgp_bytes as_path, uint8_t as_size,
                          struct writer *as4)
{
    if (as_size == 4) {
        attr_write(w, ATTR_AS_PATH, as_path.bytes, as_path.size);
        return;
    }
    uint8_t bytes[BGP_MESSAGE_MAX];
    struct writer value = writer_over(bytes, sizeof bytes);
    if (bgp_as_path_write_short(&value, as_path))
        bgp_as4_path_write(as4, as_path);
    attr_write(w, ATTR_AS_PATH, bytes, value.size);
    w->failed |= !writer_ok(&value) || !writer_ok(as4);
}

static void write_attributes(struct writer *w, const struct bgp_announcement *a, uint8_t as_size)
{
    uint8_t bytes[BGP_MESSAGE_MAX];
    struct writer as4 = writer_over(bytes, sizeof bytes);
    bool ipv4 = a->prefix.address.family == FAMILY_IPV4;
    if (!ipv4)
        write_mp_reach(w, a);
    attr_write(w, ATTR_ORIGIN, &a->origin, 1);
    write_as_path(w, a->as_path, as_size, &as4);
    if (ipv4)
        attr_write(w, ATTR_NEXT_HOP, a->next_hop.bytes, 4);
    attr_write_be32(w, ATTR_LOCAL_PREF, &a->local_pref, 1);
    attr_write_be32(w, ATTR_COMMUNITIES, a->communities, a->community_count);
    if (as4.size > 0)
        attr_write(w, ATTR_AS4_PATH, bytes, as4.size);
    attr_write_be32(w, ATTR_LARGE_COMMUNITIES, a->large_communities[0],
                    (size_t)3 * a->large_community_count);
}

void bgp_announce_encode(struct writer *w, const struct bgp_announcement *a, uint8_t as_size)
{
    assert(a->prefix.address.family != FAMILY_NONE && a->origin <= 2);
    assert(a->next_hop.family == a->prefix.address.family);
    assert(a->community_count <= sizeof a->communities / sizeof a->communities[0]);
    assert(a->large_community_count <=
           sizeof a->large_communities / sizeof a->large_communities[0]);
    size_t begun = bgp_message_begin(w, BGP_UPDATE);
    writer_be16(w, 0);  // no withdrawn routes
    size_t attributes = writer_be16_reserve(w);
    write_attributes(w, a, as_size);
    writer_be16_set_count(w, attributes);
    if (a->prefix.address.family == FAMILY_IPV4)
        bgp_nlri_write(w, a->prefix);
    bgp_message_end(w, begun);
}

static void write_mp_unreach(struct writer *w, enum family family, const struct prefix *prefix)
{
    uint8_t bytes[32];
    struct writer value = writer_over(bytes, sizeof bytes);
    writer_be16(&value, bgp_afi(family));
    writer_u8(&value, SAFI_UNICAST);
    if (prefix)
        bgp_nlri_write(&value, *prefix);
    size_t attributes = writer_be16_reserve(w);
    attr_write(w, ATTR_MP_UNREACH, bytes, value.size);
    writer_be16_set_count(w, attributes);
}

void bgp_withdraw_encode(struct writer *w, struct prefix prefix)
{
    size_t begun = bgp_message_begin(w, BGP_UPDATE);
    size_t withdrawn = writer_be16_reserve(w);
    if (prefix.address.family == FAMILY_IPV4) {
        bgp_nlri_write(w, prefix);
        writer_be16_set_count(w, withdrawn);
        writer_be16(w, 0);  // no attributes
    } else {
        write_mp_unreach(w, FAMILY_IPV6, &prefix);
    }
    bgp_message_end(w, begun);
}

void bgp_end_of_rib_encode(struct writer *w, enum family family)
{
    size_t begun = bgp_message_begin(w, BGP_UPDATE);
    writer_be16(w, 0);  // no withdrawn routes
    if (family == FAMILY_IPV4)
        writer_be16(w, 0);  // no attributes
    else
        write_mp_unreach(w, family, NULL);
    bgp_message_end(w, begun);
}
