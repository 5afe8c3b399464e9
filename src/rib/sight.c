// SPDX-License-Identifier: ISC
#include "rib/sight.h"

#include "bgp/as_path.h"
#include "rib/best.h"

uint32_t rib_path_origin(const struct rib *rib, const struct net *net, const struct rib_path *path)
{
    struct bgp_bytes as_path = rib_attributes(rib, path->attributes).as_path;
    return bgp_as_path_length(as_path) == 0 ? net->asn : bgp_as_path_origin(as_path);
}

bool rib_origin_may(const struct net *net, const struct net_own *own, uint32_t origin)
{
    bool may = own->origins.count == 0 && origin == net->asn;
    for (uint32_t i = 0; i < own->origins.count; i++)
        may |= own->origins.items[i] == origin;
    return may;
}

bool rib_path_is_internal(const struct rib *rib, const struct rib_path *path)
{
    return bgp_as_path_length(rib_attributes(rib, path->attributes).as_path) == 0;
}

uint32_t rib_path_neighbour(const struct rib *rib, const struct rib_path *path)
{
    return bgp_as_path_neighbour(rib_attributes(rib, path->attributes).as_path);
}

static void look_for_foreign(struct rib_sight *sight, const struct net_own *own,
                             const struct rib *rib, const struct net *net,
                             const struct rib_path *path)
{
    uint32_t origin = rib_path_origin(rib, net, path);
    if (sight->foreign || rib_origin_may(net, own, origin))
        return;
    sight->foreign = true;
    sight->foreign_origin = origin;
    sight->foreign_neighbour = rib_path_neighbour(rib, path);
}

// What Fairlead announces of our own, as it comes back through another AS: others have it.
static bool find_far_echo(const struct rib *rib, uint32_t peer, struct prefix prefix,
                          struct rib_path *path)
{
    for (struct rib_paths paths = rib_peer_paths(rib, peer, prefix); rib_paths_next(&paths, path);)
        if (rib_attributes(rib, path->attributes).marked && !rib_path_is_internal(rib, path))
            return true;
    return false;
}

struct rib_sight rib_sight(const struct rib *rib, const struct net *net, uint32_t peer,
                           struct prefix prefix, const struct net_own *own)
{
    struct rib_sight sight = {0};
    struct rib_choice best;
    struct rib_path path;
    if (rib_best(rib, peer, prefix, &best))
        path = best.path;
    else if (!find_far_echo(rib, peer, prefix, &path))
        return sight;
    sight.present = true;
    sight.next_hop = rib_attributes(rib, path.attributes).next_hop;
    sight.neighbour = rib_path_neighbour(rib, &path);
    sight.origin = rib_path_origin(rib, net, &path);
    look_for_foreign(&sight, own, rib, net, &path);
    for (struct rib_paths paths = rib_peer_paths(rib, peer, prefix);
         rib_paths_next(&paths, &path);) {
        if (rib_attributes(rib, path.attributes).marked)
            continue;
        sight.paths++;
        look_for_foreign(&sight, own, rib, net, &path);
    }
    return sight;
}

bool rib_sight_equal(const struct rib_sight *a, const struct rib_sight *b)
{
    return a->present == b->present && address_equal(a->next_hop, b->next_hop) &&
           a->neighbour == b->neighbour && a->origin == b->origin && a->foreign == b->foreign &&
           a->foreign_origin == b->foreign_origin && a->foreign_neighbour == b->foreign_neighbour;
}
