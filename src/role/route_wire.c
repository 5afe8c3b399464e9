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

size_t route_wire_announce(struct writer *w, const struct bgp_context *context,
                           const struct permit *const *permits, size_t count)
{
    static const uint32_t no_export = 0xffffff01;  // RFC 1997: 65535:65281
    const struct permit *permit = permits[0];
    struct bgp_route routes[ROUTES_MAX];
    size_t shown = routes_of(permits, count, routes);
    uint8_t community[4], large[12];
    struct writer communities = writer_over(community, sizeof community);
    struct writer marker = writer_over(large, sizeof large);
    writer_be32(&communities, no_export);
    writer_be32(&marker, permit->marker.global);
    writer_be32(&marker, permit->marker.local1);
    writer_be32(&marker, permit->marker.local2);
    struct bgp_attributes attributes = {
        .origin = permit->origin,
        .as_path = {permit->as_path, permit->as_path_size},
        .as_size = 4,
        .local_pref = permit->local_pref,
        .communities = {community, sizeof community},
        .large_communities = {large, sizeof large},
    };
    if (permit->next_hop.family == FAMILY_IPV4)
        attributes.next_hop = permit->next_hop;
    else
        attributes.mp_next_hop = permit->next_hop;
    bgp_attribute_add(&attributes, ATTR_LOCAL_PREF);
    bgp_attribute_add(&attributes, ATTR_LARGE_COMMUNITIES);
    if (permit->no_export)
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
