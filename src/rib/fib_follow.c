// SPDX-License-Identifier: ISC
#include "rib/fib_follow.h"

#include "rib/fib_inside.h"

#include <string.h>

static bool is_discard(uint8_t type)
{
    return type == KERNEL_BLACKHOLE || type == KERNEL_UNREACHABLE || type == KERNEL_PROHIBIT;
}

// A hop over a link that is down is none; `down` gets the link.
static void add_hop(const struct fib *fib, const struct kernel_hop *hop, struct fib_hops *hops,
                    uint32_t *down)
{
    bool is_dead =
        fib_link(&fib->state, hop->link) ? !fib_link_works(&fib->state, hop->link) : hop->is_dead;
    if (is_dead)
        *down = hop->link;
    else if (hops->count < KERNEL_HOPS_MAX)
        hops->hops[hops->count++] = *hop;
}

// What an object of this number adds; false: it is gone.
static bool add_object(const struct fib *fib, const struct fib_nexthop *object,
                       struct fib_hops *hops, uint32_t *down)
{
    if (!object || object->is_gone)
        return false;
    if (object->is.is_discard)
        hops->lead = FIB_DISCARDED;
    else
        add_hop(fib, &object->is.hop, hops, down);
    return true;
}

// Through an object, or a group of them, which has no groups in it.
static void follow_object(const struct fib *fib, const struct fib_route *route,
                          struct fib_hops *hops, uint32_t *down)
{
    const struct fib_nexthop *object = fib_nexthop(&fib->state, route->nexthop);
    hops->number = route->nexthop;
    if (!object || object->is.is_cut) {
        hops->lead = FIB_LEAD_UNKNOWN;
        return;
    }
    bool is_there = !object->is_gone && object->generation == route->generation;
    if (is_there && object->is.member_count == 0)
        is_there = add_object(fib, object, hops, down);
    bool has_member = object->is.member_count == 0;
    for (uint8_t i = 0; i < object->is.member_count; i++) {
        const struct fib_nexthop *member = fib_nexthop(&fib->state, object->is.members[i]);
        has_member |= add_object(fib, member, hops, down);
    }
    if (!is_there || !has_member) {
        hops->lead = FIB_OBJECT_GONE;
        hops->count = 0;
    }
}

bool fib_is_ghost(const struct fib *fib, const struct fib_route *route)
{
    if (route->nexthop == 0)
        return false;
    struct fib_hops hops;
    fib_follow_route(fib, route, &hops);
    return hops.lead == FIB_OBJECT_GONE;
}

void fib_follow_route(const struct fib *fib, const struct fib_route *route, struct fib_hops *hops)
{
    uint32_t down = 0;
    hops->lead = FIB_LEADS;
    hops->number = 0;
    hops->count = 0;
    if (route->is_cut)
        hops->lead = FIB_LEAD_UNKNOWN;
    else if (route->type == KERNEL_LOCAL)
        hops->lead = FIB_LEADS_HOME;
    else if (is_discard(route->type))
        hops->lead = FIB_DISCARDED;
    else if (route->nexthop != 0)
        follow_object(fib, route, hops, &down);
    else
        for (uint8_t i = 0; i < route->hop_count; i++)
            add_hop(fib, &route->hops[i], hops, &down);
    if (hops->lead != FIB_LEADS || hops->count > 0)
        return;
    hops->lead = down != 0 ? FIB_OVER_DOWN_LINK : FIB_LEADS_NOWHERE;
    hops->number = down;
}

// What leads to the address, by the longest prefix of the kernel's table.
static void follow_address(const struct fib *fib, struct address address,
                           struct fib_next_hop *entry)
{
    const struct fib_table *table = &fib->tables[address.family];
    struct rib_path path;
    struct fib_route route;
    struct fib_hops hops;
    entry->count = 0;
    entry->lead = FIB_LEADS_NOWHERE;
    entry->by = (struct prefix){0};
    if (fib_is_own_address(&fib->state, address)) {
        entry->lead = FIB_LEADS_HOME;
        return;
    }
    if (table->peer == RIB_NO_PEER ||
        !rib_longest_match(fib->rib, table->peer, address, &entry->by) ||
        !fib_route_first(fib->rib, table, entry->by, &path))
        return;
    fib_route_read(fib->rib, table, &path, &route);
    fib_follow_route(fib, &route, &hops);
    entry->lead = hops.count > FIB_NEXT_HOP_HOPS_MAX ? FIB_LEAD_UNKNOWN : hops.lead;
    entry->number = hops.number;
    for (uint8_t i = 0; entry->lead == FIB_LEADS && i < hops.count; i++) {
        entry->hops[i] = hops.hops[i];
        if (entry->hops[i].gateway.family == FAMILY_NONE)
            entry->hops[i].gateway = address;
        entry->count++;
    }
}

struct fib_next_hop *fib_follow(struct fib *fib, struct address address)
{
    struct fib_next_hop_key key = {.family = address.family};
    memcpy(key.bytes, address.bytes, sizeof key.bytes);
    struct fib_next_hop *entry = keyed_make(&fib->next_hops, &key);
    if (!entry || entry->epoch == fib->epoch)
        return entry;
    follow_address(fib, address, entry);
    entry->epoch = fib->epoch;
    return entry;
}

void fib_follow_all(struct fib *fib)
{
    for (uint32_t i = 0; fib->followed_at != fib->epoch && i < fib->next_hops.count; i++) {
        const struct fib_next_hop *entry = keyed_at(&fib->next_hops, i);
        fib_follow(fib, address_from_bytes((enum family)entry->key.family, entry->key.bytes));
    }
    fib->followed_at = fib->epoch;
}

static bool is_link_local(const struct address *address)
{
    return address->family == FAMILY_IPV6 && address->bytes[0] == 0xfe &&
           (address->bytes[1] & 0xc0) == 0x80;
}

// By their link-layer addresses, where both are known; otherwise they may be.
static bool may_be_one_box(const struct fib *fib, uint32_t link, struct address a, struct address b)
{
    const struct fib_neighbour *first = fib_neighbour(&fib->state, link, a);
    const struct fib_neighbour *second = fib_neighbour(&fib->state, link, b);
    if (!first || !second || first->is.mac_size == 0 || second->is.mac_size == 0)
        return true;
    return first->is.mac_size == second->is.mac_size &&
           memcmp(first->is.mac, second->is.mac, first->is.mac_size) == 0;
}

bool fib_is_same_hop(const struct fib *fib, const struct kernel_hop *found,
                     const struct kernel_hop *wanted)
{
    if (found->link != wanted->link || found->is_wrapped != wanted->is_wrapped)
        return false;
    if (address_equal(found->gateway, wanted->gateway))
        return true;
    bool is_comparable = found->gateway.family == wanted->gateway.family &&
                         is_link_local(&found->gateway) == is_link_local(&wanted->gateway);
    return !is_comparable && found->gateway.family != FAMILY_NONE &&
           may_be_one_box(fib, found->link, found->gateway, wanted->gateway);
}

bool fib_bears_next_hops(const struct fib *fib, struct prefix prefix)
{
    for (uint32_t i = 0; i < fib->next_hops.count; i++) {
        const struct fib_next_hop *entry = keyed_at(&fib->next_hops, i);
        if (entry->key.family != prefix.address.family)
            continue;
        bool is_longer = prefix.length >= entry->by.length;
        struct address address = address_from_bytes(prefix.address.family, entry->key.bytes);
        if (is_longer && prefix_contains_address(prefix, address))
            return true;
    }
    return false;
}
