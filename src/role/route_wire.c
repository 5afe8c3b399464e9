// SPDX-License-Identifier: ISC
#include "role/route_wire.h"

#include "bgp/update.h"

void route_wire_announce(struct writer *w, const struct permit *permit, uint8_t as_size)
{
    static const uint32_t no_export = 0xffffff01;  // RFC 1997: 65535:65281
    const struct net_community *marker = &permit->marker;
    struct bgp_announcement announcement = {
        .prefix = permit->prefix,
        .origin = permit->origin,
        .as_path = {permit->as_path, permit->as_path_size},
        .next_hop = permit->next_hop,
        .local_pref = permit->local_pref,
        .communities = {no_export},
        .community_count = permit->no_export,
        .large_communities = {{marker->global, marker->local1, marker->local2}},
        .large_community_count = 1,
    };
    bgp_announce_encode(w, &announcement, as_size);
}

void route_wire_withdraw(struct writer *w, const struct permit *permit)
{
    bgp_withdraw_encode(w, permit->prefix);
}
