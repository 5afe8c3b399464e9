// SPDX-License-Identifier: ISC
#include "role/route_wire.h"

#include "bgp/update_encode.h"

enum { ROUTES_MAX = 256 };  // of one message; more go into the next

static size_t routes_of(const struct permit *const *permits, size_t count, struct bgp_route *routes)
{
    size_t i = 0;
    for (; i < count && i < ROUTES_MAX; i++)
        routes[i] = (struct bgp_route){.prefix = permits[i]->prefix};
    return i;
}

// Communities of both sorts, as they stand in their attributes.
struct communities {
    uint8_t standard[4 * (1 + PERMIT_TAGS_MAX)], large[12 * (1 + PERMIT_TAGS_MAX)];
    struct writer standards, larges;
};

static void put_large(struct writer *w, const struct net_community *community)
{
    writer_be32(w, community->global);
    writer_be32(w, community->local1);
    writer_be32(w, community->local2);
}

static void put_communities(struct communities *c, const struct net *net,
                            const struct permit *permit)
{
    struct net_tag tags[PERMIT_TAGS_MAX];
    uint32_t count = permit_tags(permit, net, tags);
    static const uint32_t no_export = 0xffffff01;  // RFC 1997: 65535:65281
    c->standards = writer_over(c->standard, sizeof c->standard);
    c->larges = writer_over(c->large, sizeof c->large);
    if (permit->no_export)
        writer_be32(&c->standards, no_export);
    put_large(&c->larges, &permit->marker);
    for (uint32_t i = 0; i < count; i++) {
        const struct net_community *value = &tags[i].value;
        if (tags[i].kind == NET_TAG_LARGE)
            put_large(&c->larges, value);
        else
            writer_be32(&c->standards, value->global << 16 | value->local1);
    }
}

size_t route_wire_announce(struct writer *w, const struct bgp_context *context,
                           const struct net *net, const struct permit *const *permits, size_t count)
{
    const struct permit *permit = permits[0];
    struct bgp_route routes[ROUTES_MAX];
    size_t shown = routes_of(permits, count, routes);
    struct communities communities;
    put_communities(&communities, net, permit);
    struct bgp_attributes attributes = {
        .origin = permit->origin,
        .as_path = {permit->as_path, permit->as_path_size},
        .as_size = 4,
        .local_pref = permit->local_pref,
        .communities = {communities.standard, communities.standards.size},
        .large_communities = {communities.large, communities.larges.size},
    };
    if (permit->next_hop.family == FAMILY_IPV4)
        attributes.next_hop = permit->next_hop;
    else
        attributes.mp_next_hop = permit->next_hop;
    bgp_attribute_add(&attributes, ATTR_LOCAL_PREF);
    bgp_attribute_add(&attributes, ATTR_LARGE_COMMUNITIES);
    if (communities.standards.size > 0)
        bgp_attribute_add(&attributes, ATTR_COMMUNITIES);
    return bgp_update_encode(w, context, &attributes, routes, shown);
}

size_t route_wire_withdraw(struct writer *w, const struct bgp_context *context,
                           const struct prefix *prefixes, size_t count)
{
    struct bgp_route routes[ROUTES_MAX];
    size_t shown = 0;
    for (; shown < count && shown < ROUTES_MAX; shown++)
        routes[shown] = (struct bgp_route){.prefix = prefixes[shown]};
    return bgp_withdraw_encode(w, context, routes, shown);
}
