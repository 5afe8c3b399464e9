// SPDX-License-Identifier: ISC
#include "detect/components_inside.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static void name_member(const struct components *c, const struct component *item,
                        struct fault_part *part)
{
    const struct net_group *group = &c->net->groups[item->a];
    static_assert(sizeof part->group == sizeof group->name, "names of the configuration");
    memcpy(part->group, group->name, sizeof part->group);
    if (item->b != NOBODY16)
        memcpy(part->member, group->members[item->b].name, sizeof part->member);
}

// What `a` numbers, and what `b`.
static const struct {
    bool upstream, router, target, target_b, place, protocol, dscp, size;
} named_by[KINDS] = {
    [KIND_UPSTREAM] = {.upstream = true},
    [KIND_PATH] = {.upstream = true},
    [KIND_ROUTER] = {.router = true},
    [KIND_ROUTER_FAMILY] = {.router = true},
    [KIND_TARGET] = {.target = true},
    [KIND_TARGET_FAMILY] = {.target = true},
    [KIND_UPSTREAM_TARGET] = {.upstream = true, .target_b = true},
    [KIND_PATH_TARGET] = {.upstream = true, .target_b = true},
    [KIND_PLACE] = {.place = true},
    [KIND_PLACE_FAMILY] = {.place = true},
    [KIND_PLACE_UPSTREAM] = {.upstream = true, .place = true},
    [KIND_PLACE_PATH] = {.upstream = true, .place = true},
    [KIND_PROTOCOL] = {.protocol = true},
    [KIND_PROTOCOL_UPSTREAM] = {.upstream = true, .protocol = true},
    [KIND_PROTOCOL_PATH] = {.upstream = true, .protocol = true},
    [KIND_DSCP] = {.dscp = true},
    [KIND_DSCP_UPSTREAM] = {.upstream = true, .dscp = true},
    [KIND_DSCP_PATH] = {.upstream = true, .dscp = true},
    [KIND_SIZE] = {.size = true},
    [KIND_SIZE_UPSTREAM] = {.upstream = true, .size = true},
    [KIND_SIZE_PATH] = {.upstream = true, .size = true},
};

static void name_hop(const struct components *c, const struct component *item,
                     struct fault_part *part)
{
    part->hop = c->hops.all[item->a];
    if (item->upstream != NOBODY16)
        part->upstream = item->upstream;
    part->bucket = item->bucket;
    part->bucket_count = item->bucket < 0 ? FAULT_ANY : item->bucket_count;
}

// And the member of a group that is the same.
static void name_link(const struct components *c, uint32_t component, struct fault_part *part)
{
    const struct net_link *link = &c->net->links[c->items[component].a];
    static_assert(sizeof part->link == sizeof link->name, "names of the configuration");
    memcpy(part->link, link->name, sizeof part->link);
    for (uint32_t i = 0; i < c->count && !part->group[0]; i++)
        if (c->items[i].kind == KIND_MEMBER && c->same_as[i] == component)
            name_member(c, &c->items[i], part);
}

static void name_place(const struct components *c, const struct component *item,
                       struct fault_part *part)
{
    static_assert(sizeof part->place == NET_NAME_MAX, "names of the configuration");
    snprintf(part->place, sizeof part->place, "%s", components_place_name(c, item->b));
}

// And the place that is the same: all targets there, and no others, are asked by that protocol.
static void name_protocol(const struct components *c, uint32_t component, struct fault_part *part)
{
    part->protocol = c->items[component].b;
    for (uint32_t i = 0; i < c->count && !part->place[0]; i++)
        if (named_by[c->items[i].kind].place && c->same_as[i] == component)
            name_place(c, &c->items[i], part);
}

static bool is_link(enum kind kind)
{
    return kind == KIND_LINK || kind == KIND_LINK_FAMILY || kind == KIND_HAIRPIN ||
           kind == KIND_HAIRPIN_FAMILY;
}

struct fault_part components_part(const struct components *c, uint32_t component)
{
    const struct component *item = &c->items[component];
    struct fault_part part = fault_part_any();
    part.family = item->family;
    if (named_by[item->kind].router)
        part.router = item->a;
    if (named_by[item->kind].upstream)
        part.upstream = item->a;
    if (named_by[item->kind].target || named_by[item->kind].target_b)
        part.target = named_by[item->kind].target ? item->a : item->b;
    if (named_by[item->kind].place)
        name_place(c, item, &part);
    if (named_by[item->kind].protocol)
        name_protocol(c, component, &part);
    if (named_by[item->kind].dscp)
        part.dscp = item->b;
    if (named_by[item->kind].size)
        part.size_bytes = item->b;
    if (item->kind == KIND_HOP)
        name_hop(c, item, &part);
    if (is_link(item->kind))
        name_link(c, component, &part);
    if (item->kind == KIND_MEMBER)
        name_member(c, item, &part);
    return part;
}

static bool is_same_part(const struct fault_part *a, const struct fault_part *b)
{
    if (a->hop.family != FAMILY_NONE)  // all else is derived
        return address_equal(a->hop, b->hop);
    return a->family == b->family && a->router == b->router && a->upstream == b->upstream &&
           a->target == b->target && strcmp(a->place, b->place) == 0 &&
           strcmp(a->group, b->group) == 0 && strcmp(a->member, b->member) == 0 &&
           strcmp(a->link, b->link) == 0 && address_equal(a->hop, b->hop) && a->dscp == b->dscp &&
           a->size_bytes == b->size_bytes && a->protocol == b->protocol;
}

uint32_t components_find(const struct components *c, const struct fault_part *part, uint32_t flows)
{
    uint32_t found = LOCALISE_NOBODY;
    for (uint32_t i = 0; i < c->count; i++) {
        struct fault_part candidate = components_part(c, i);
        if (c->same_as[i] == i && is_same_part(&candidate, part) &&
            (found == LOCALISE_NOBODY || c->items[i].flows == flows))
            found = i;
    }
    return found;
}
