// SPDX-License-Identifier: ISC
// From the words of a set back to its values.
#include "bgp/as_path.h"
#include "rib/attributes.h"
#include "rib/attributes_words.h"

#include <endian.h>

// A set with its optional words told apart.
struct reading {
    uint16_t bits;
    uint32_t local_pref, med, communities, extras;
    uint32_t next_hop;
    struct bgp_bytes path;
    uint32_t path_length;
};

static inline struct reading read_set(const struct interned *item)
{
    enum { SEGMENT_HEAD = 2, AS_BYTES = 4 };
    const uint32_t *next = item->content;
    struct reading r = {.bits = item->bits, .local_pref = RIB_LOCAL_PREF_DEFAULT};
    if (r.bits & SET_LOCAL_PREF)
        r.local_pref = *next++;
    if (r.bits & SET_MED)
        r.med = *next++;
    if (r.bits & SET_COMMUNITIES)
        r.communities = *next++;
    if (r.bits & SET_EXTRAS)
        r.extras = *next++;
    if (r.bits & SET_ODD_PATH) {
        r.path.size = *next++;
        r.path_length = *next++;
    }
    uint16_t next_hop;
    memcpy(&next_hop, next, sizeof next_hop);
    r.next_hop = next_hop;
    r.path.bytes = (const uint8_t *)next + SET_NEXT_HOP_BYTES;
    if (!(r.bits & SET_ODD_PATH)) {
        r.path_length = r.path.bytes[1];
        r.path.size = SEGMENT_HEAD + r.path_length * AS_BYTES;
    }
    return r;
}

static void read_number(struct bgp_bytes field, void *number, size_t size)
{
    if (field.size == size)
        memcpy(number, field.bytes, size);
}

static void read_extra(uint32_t kind, struct bgp_bytes field, struct rib_attributes *a)
{
    struct bgp_bytes *const lists[] = {
        [EXTRA_EXTENDED] = &a->extended, [EXTRA_IPV6_EXTENDED] = &a->ipv6_extended,
        [EXTRA_LARGE] = &a->large,       [EXTRA_CLUSTERS] = &a->cluster_list,
        [EXTRA_OTHERS] = &a->others,
    };
    const struct {
        void *to;
        size_t size;
    } numbers[EXTRA_KINDS] = {
        [EXTRA_ORIGINATOR] = {&a->originator_id, sizeof a->originator_id},
        [EXTRA_AGGREGATOR_AS] = {&a->aggregator_as, sizeof a->aggregator_as},
        [EXTRA_AGGREGATOR] = {&a->aggregator, sizeof a->aggregator},
        [EXTRA_ONLY_TO_CUSTOMER] = {&a->only_to_customer, sizeof a->only_to_customer},
        [EXTRA_AIGP] = {&a->aigp, sizeof a->aigp},
    };
    struct next_hop next_hop;
    if (kind < EXTRA_ORIGINATOR) {
        *lists[kind] = field;
    } else if (kind == EXTRA_NEXT_HOP) {
        read_number(field, &next_hop, sizeof next_hop);
        a->next_hop = next_hop.address;
        a->link_local = next_hop.link_local;
    } else {
        read_number(field, numbers[kind].to, numbers[kind].size);
    }
    a->has_only_to_customer |= kind == EXTRA_ONLY_TO_CUSTOMER;
    a->has_aigp |= kind == EXTRA_AIGP;
}

static void read_extras(const struct interned *item, struct rib_attributes *a)
{
    for (uint32_t at = 0; at < item->words;) {
        uint32_t kind = item->content[at] >> EXTRA_KIND_SHIFT;
        uint32_t size = item->content[at] & EXTRA_SIZE_MASK;
        read_extra(kind, (struct bgp_bytes){(const uint8_t *)&item->content[at + 1], size}, a);
        at += 1 + (size + 3) / 4;
    }
}

struct rib_attributes attributes_read(const struct attributes *all, uint32_t set)
{
    struct reading r = read_set(interner_at(&all->sets, set));
    struct rib_attributes a = {
        .as_path = r.path,
        .local_pref = r.local_pref,
        .med = r.med,
        .origin = r.bits & SET_ORIGIN,
        .has_local_pref = r.bits & SET_LOCAL_PREF,
        .has_med = r.bits & SET_MED,
        .atomic = r.bits & SET_ATOMIC,
        .marked = r.bits & SET_MARKED,
    };
    if (r.next_hop != NEXT_HOP_NONE) {
        a.next_hop = next_hops_at(&all->next_hops, r.next_hop)->address;
        a.link_local = next_hops_at(&all->next_hops, r.next_hop)->link_local;
    }
    if (r.communities != 0) {
        const struct interned *list = interner_at(&all->lists, r.communities);
        a.communities = (struct bgp_bytes){(const uint8_t *)list->content, list->words * 4u};
    }
    if (r.extras != 0)
        read_extras(interner_at(&all->extras, r.extras), &a);
    return a;
}

// A next hop that has no number is among what few paths have.
struct rib_way attributes_way(const struct attributes *all, uint32_t set)
{
    struct reading r = read_set(interner_at(&all->sets, set));
    struct rib_way way = {
        .as_path = r.path,
        .origin = r.bits & SET_ORIGIN,
        .marked = r.bits & SET_MARKED,
    };
    if (r.next_hop != NEXT_HOP_NONE)
        way.next_hop = next_hops_at(&all->next_hops, r.next_hop)->address;
    else
        way.next_hop = attributes_read(all, set).next_hop;
    return way;
}

static uint32_t neighbour_of(const struct reading *r)
{
    enum { SEGMENT_HEAD = 2 };
    uint32_t first;
    if (r->bits & SET_ODD_PATH || r->path_length == 0)
        return bgp_as_path_neighbour(r->path);
    memcpy(&first, r->path.bytes + SEGMENT_HEAD, sizeof first);
    return be32toh(first);
}

struct attributes_rank attributes_rank(const struct attributes *all, uint32_t set)
{
    enum { LENGTH_SHIFT = 8, LOCAL_PREF_SHIFT = 32 };
    struct reading r = read_set(interner_at(&all->sets, set));
    return (struct attributes_rank){
        .merit = (uint64_t)(UINT32_MAX - r.local_pref) << LOCAL_PREF_SHIFT |
                 r.path_length << LENGTH_SHIFT | (r.bits & SET_ORIGIN),
        .neighbour = neighbour_of(&r),
        .med = r.med,
        .next_hop = r.next_hop,
        .marked = r.bits & SET_MARKED,
        .reflected = r.bits & SET_REFLECTED,
    };
}
