// SPDX-License-Identifier: ISC
// Attributes go out in the order of their types, but MP_REACH_NLRI and MP_UNREACH_NLRI first:
// RFC 7606 §5.1. As the former takes the room that the others leave, it is written after them, and
// they make way.
#include "bgp/update_encode.h"

#include "bgp/as_path.h"
#include "bgp/attr_rules.h"
#include "bgp/family.h"
#include "bgp/header.h"
#include "bgp/nlri.h"

#include <assert.h>
#include <string.h>

enum { AS_TRANS = 23456 };    // RFC 6793 §9
enum { HEAD_MAX = 4 };        // octets: flags, type, length
enum { MP_REACH_FIXED = 5 };  // octets of its value: AFI, SAFI, next hop's length, reserved
enum { MP_UNREACH_FIXED = 3 };

// What is written of an attribute's head before its value. `size_max` is what the value may take.
static size_t attr_begin(struct writer *w, uint8_t flags, uint8_t type, size_t size_max)
{
    bool extended = size_max > UINT8_MAX;
    writer_u8(w, extended ? flags | ATTR_EXTENDED : flags & ~ATTR_EXTENDED & UINT8_MAX);
    writer_u8(w, type);
    return extended ? writer_be16_reserve(w) : writer_u8_reserve(w);
}

static void attr_end(struct writer *w, size_t begun, size_t size_max)
{
    if (size_max > UINT8_MAX)
        writer_be16_set_count(w, begun);
    else
        writer_u8_set_count(w, begun);
}

static void write_bytes(struct writer *w, enum bgp_attribute type, struct bgp_bytes value)
{
    size_t begun = attr_begin(w, attr_rules[type].flags, (uint8_t)type, value.size);
    writer_bytes(w, value.bytes, value.size);
    attr_end(w, begun, value.size);
}

static void write_be32(struct writer *w, enum bgp_attribute type, uint32_t number)
{
    size_t begun = attr_begin(w, attr_rules[type].flags, (uint8_t)type, sizeof number);
    writer_be32(w, number);
    attr_end(w, begun, sizeof number);
}

static void write_as_path(struct writer *w, const struct bgp_attributes *a, bool as4)
{
    size_t size_max = a->as_path.size;
    if (as4 && a->as_size == 2)
        size_max = a->as_path.size * 2 + a->as4_path.size;
    size_t begun = attr_begin(w, attr_rules[ATTR_AS_PATH].flags, ATTR_AS_PATH, size_max);
    if (as4 && a->as_size == 2)
        bgp_as_path_write(w, a);
    else if (as4 || a->as_size == 2)
        writer_bytes(w, a->as_path.bytes, a->as_path.size);
    else
        bgp_as_path_write_short(w, a->as_path);
    attr_end(w, begun, size_max);
}

// For a 2-octet peer what its AS_PATH cannot hold.
static void write_as4_path(struct writer *w, const struct bgp_attributes *a, bool as4)
{
    if (as4)
        return;
    if (a->as_size == 2) {
        if (bgp_attribute_present(a, ATTR_AS4_PATH))
            write_bytes(w, ATTR_AS4_PATH, a->as4_path);
        return;
    }
    if (!bgp_as_path_needs_as4(a->as_path))
        return;
    size_t size_max = a->as_path.size;
    size_t begun = attr_begin(w, attr_rules[ATTR_AS4_PATH].flags, ATTR_AS4_PATH, size_max);
    bgp_as4_path_write(w, a->as_path);
    attr_end(w, begun, size_max);
}

static void write_aggregator(struct writer *w, const struct bgp_attributes *a, bool as4)
{
    size_t begun = attr_begin(w, attr_rules[ATTR_AGGREGATOR].flags, ATTR_AGGREGATOR, 8);
    if (as4)
        writer_be32(w, a->aggregator_as);
    else
        writer_be16(w, a->aggregator_as > UINT16_MAX ? AS_TRANS : (uint16_t)a->aggregator_as);
    writer_bytes(w, a->aggregator.bytes, 4);
    attr_end(w, begun, 8);
}

static void write_as4_aggregator(struct writer *w, const struct bgp_attributes *a, bool as4)
{
    if (as4 || a->aggregator_as <= UINT16_MAX)
        return;
    size_t begun = attr_begin(w, attr_rules[ATTR_AS4_AGGREGATOR].flags, ATTR_AS4_AGGREGATOR, 8);
    writer_be32(w, a->aggregator_as);
    writer_bytes(w, a->aggregator.bytes, 4);
    attr_end(w, begun, 8);
}

// RFC 7311 §3: one TLV, type 1, length 11 with its own head.
static void write_aigp(struct writer *w, uint64_t metric)
{
    size_t begun = attr_begin(w, attr_rules[ATTR_AIGP].flags, ATTR_AIGP, 11);
    writer_u8(w, 1);
    writer_be16(w, 11);
    writer_be64(w, metric);
    attr_end(w, begun, 11);
}

static void write_others(struct writer *w, const struct bgp_attributes *a)
{
    struct bgp_other other;
    for (struct bgp_others others = bgp_others(a); bgp_others_next(&others, &other);) {
        size_t begun = attr_begin(w, other.flags, other.type, other.value.size);
        writer_bytes(w, other.value.bytes, other.value.size);
        attr_end(w, begun, other.value.size);
    }
}

// Those up to CLUSTER_LIST.
static void write_early(struct writer *w, const struct bgp_attributes *a, bool internal, bool as4)
{
    if (bgp_attribute_present(a, ATTR_MED))
        write_be32(w, ATTR_MED, a->med);
    if (internal && bgp_attribute_present(a, ATTR_LOCAL_PREF))
        write_be32(w, ATTR_LOCAL_PREF, a->local_pref);
    if (bgp_attribute_present(a, ATTR_ATOMIC_AGGREGATE))
        write_bytes(w, ATTR_ATOMIC_AGGREGATE, (struct bgp_bytes){0});
    if (bgp_attribute_present(a, ATTR_AGGREGATOR))
        write_aggregator(w, a, as4);
    if (bgp_attribute_present(a, ATTR_COMMUNITIES))
        write_bytes(w, ATTR_COMMUNITIES, a->communities);
    if (internal && bgp_attribute_present(a, ATTR_ORIGINATOR_ID))
        write_be32(w, ATTR_ORIGINATOR_ID, a->originator_id);
    if (internal && bgp_attribute_present(a, ATTR_CLUSTER_LIST))
        write_bytes(w, ATTR_CLUSTER_LIST, a->cluster_list);
}

static void write_late(struct writer *w, const struct bgp_attributes *a, bool as4)
{
    if (bgp_attribute_present(a, ATTR_EXTENDED_COMMUNITIES))
        write_bytes(w, ATTR_EXTENDED_COMMUNITIES, a->extended_communities);
    write_as4_path(w, a, as4);
    if (bgp_attribute_present(a, ATTR_AGGREGATOR))
        write_as4_aggregator(w, a, as4);
    if (bgp_attribute_present(a, ATTR_IPV6_EXTENDED_COMMUNITIES))
        write_bytes(w, ATTR_IPV6_EXTENDED_COMMUNITIES, a->ipv6_extended_communities);
    if (bgp_attribute_present(a, ATTR_AIGP))
        write_aigp(w, a->accumulated_igp);
    if (bgp_attribute_present(a, ATTR_LARGE_COMMUNITIES))
        write_bytes(w, ATTR_LARGE_COMMUNITIES, a->large_communities);
    if (bgp_attribute_present(a, ATTR_OTC))
        write_be32(w, ATTR_OTC, a->only_to_customer);
    write_others(w, a);
}

void bgp_attributes_encode(struct writer *w, const struct bgp_context *context,
                           const struct bgp_attributes *a, bool classic)
{
    write_bytes(w, ATTR_ORIGIN, (struct bgp_bytes){&a->origin, 1});
    write_as_path(w, a, context->as4);
    if (classic)
        write_bytes(w, ATTR_NEXT_HOP, (struct bgp_bytes){a->next_hop.bytes, 4});
    write_early(w, a, context->peer == BGP_INTERNAL, context->as4);
    write_late(w, a, context->as4);
}

static size_t size_max(const struct bgp_context *context)
{
    return context->extended_message ? BGP_EXTENDED_MESSAGE_MAX : BGP_MESSAGE_MAX;
}

// How many octets a message may still grow by.
static size_t room_of(const struct writer *w, size_t begun, const struct bgp_context *context)
{
    size_t most = size_max(context);
    if (w->failed || w->size - begun > most)
        return 0;
    size_t room = w->capacity - w->size, left = most - (w->size - begun);
    return room < left ? room : left;
}

struct portion {  // of the routes, what goes into this message
    const struct bgp_route *routes;
    size_t count, size;  // size in octets
    bool add_path;
};

static struct portion portion_of(const struct bgp_route *routes, size_t count, bool add_path,
                                 size_t room)
{
    struct portion portion = {.routes = routes, .add_path = add_path};
    for (; portion.count < count; portion.count++) {
        size_t size = bgp_nlri_size(&routes[portion.count], add_path);
        if (size > room - portion.size)
            break;
        portion.size += size;
    }
    return portion;
}

static void write_portion(struct writer *w, const struct portion *portion)
{
    for (size_t i = 0; i < portion->count; i++)
        bgp_nlri_write(w, &portion->routes[i], portion->add_path);
}

static size_t next_hop_size(const struct bgp_attributes *a)
{
    if (a->mp_link_local.family == FAMILY_IPV6)
        return 32;
    return a->mp_next_hop.family == FAMILY_IPV6 ? 16 : 4;
}

// Puts MP_REACH_NLRI before what stands from `at` on.
static void insert_mp_reach(struct writer *w, size_t at, const struct bgp_attributes *a,
                            const struct portion *portion)
{
    size_t hop = next_hop_size(a);
    size_t value = MP_REACH_FIXED + hop + portion->size;
    size_t size = (value > UINT8_MAX ? HEAD_MAX : HEAD_MAX - 1) + value;
    assert(size <= w->capacity - w->size);
    memmove(w->bytes + at + size, w->bytes + at, w->size - at);
    struct writer gap = writer_over(w->bytes + at, size);
    size_t begun = attr_begin(&gap, ATTR_OPTIONAL, ATTR_MP_REACH, value);
    writer_be16(&gap, bgp_afi(portion->routes[0].prefix.address.family));
    writer_u8(&gap, SAFI_UNICAST);
    writer_u8(&gap, (uint8_t)hop);
    writer_bytes(&gap, a->mp_next_hop.bytes, hop < 16 ? hop : 16);
    if (hop == 32)
        writer_bytes(&gap, a->mp_link_local.bytes, 16);
    writer_u8(&gap, 0);  // reserved
    write_portion(&gap, portion);
    attr_end(&gap, begun, value);
    assert(writer_ok(&gap) && gap.size == size);
    w->size += size;
}

size_t bgp_update_encode(struct writer *w, const struct bgp_context *context,
                         const struct bgp_attributes *a, const struct bgp_route *routes,
                         size_t count)
{
    assert(count > 0 && a->origin <= 2);
    enum family family = routes[0].prefix.address.family;
    bool classic = family == FAMILY_IPV4 && a->next_hop.family == FAMILY_IPV4;
    assert(classic || a->mp_next_hop.family == FAMILY_IPV6 ||
           (family == FAMILY_IPV4 && a->mp_next_hop.family == FAMILY_IPV4));
    size_t begun = bgp_message_begin(w, BGP_UPDATE);
    writer_be16(w, 0);  // no withdrawn routes
    size_t attributes = writer_be16_reserve(w), at = w->size;
    bgp_attributes_encode(w, context, a, classic);
    size_t room = room_of(w, begun, context);
    size_t around = classic ? 0 : HEAD_MAX + MP_REACH_FIXED + next_hop_size(a);
    struct portion portion = {0};
    if (room >= around)
        portion = portion_of(routes, count, context->add_path_send[family], room - around);
    w->failed |= portion.count == 0;
    if (!writer_ok(w))
        return 0;
    if (!classic)
        insert_mp_reach(w, at, a, &portion);
    writer_be16_set_count(w, attributes);
    if (classic)
        write_portion(w, &portion);
    bgp_message_end_within(w, begun, size_max(context));
    return writer_ok(w) ? portion.count : 0;
}

static void write_mp_unreach(struct writer *w, enum family family, const struct portion *portion)
{
    size_t value = MP_UNREACH_FIXED + portion->size, attributes = writer_be16_reserve(w);
    size_t begun = attr_begin(w, ATTR_OPTIONAL, ATTR_MP_UNREACH, value);
    writer_be16(w, bgp_afi(family));
    writer_u8(w, SAFI_UNICAST);
    write_portion(w, portion);
    attr_end(w, begun, value);
    writer_be16_set_count(w, attributes);
}

size_t bgp_withdraw_encode(struct writer *w, const struct bgp_context *context,
                           const struct bgp_route *routes, size_t count)
{
    enum { ATTRIBUTES_LENGTH = 2 };
    assert(count > 0);
    enum family family = routes[0].prefix.address.family;
    bool classic = family == FAMILY_IPV4;
    size_t begun = bgp_message_begin(w, BGP_UPDATE);
    size_t withdrawn = writer_be16_reserve(w);
    size_t room = room_of(w, begun, context);
    size_t around = ATTRIBUTES_LENGTH + (classic ? 0 : HEAD_MAX + MP_UNREACH_FIXED);
    struct portion portion = {0};
    if (room >= around)
        portion = portion_of(routes, count, context->add_path_send[family], room - around);
    w->failed |= portion.count == 0;
    if (classic) {
        write_portion(w, &portion);
        writer_be16_set_count(w, withdrawn);
        writer_be16(w, 0);  // no attributes
    } else {
        write_mp_unreach(w, family, &portion);
    }
    bgp_message_end_within(w, begun, size_max(context));
    return writer_ok(w) ? portion.count : 0;
}

void bgp_end_of_rib_encode(struct writer *w, enum family family)
{
    size_t begun = bgp_message_begin(w, BGP_UPDATE);
    writer_be16(w, 0);  // no withdrawn routes
    if (family == FAMILY_IPV4)
        writer_be16(w, 0);  // no attributes
    else
        write_mp_unreach(w, family, &(struct portion){0});
    bgp_message_end(w, begun);
}
