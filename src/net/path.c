// SPDX-License-Identifier: ISC
#include "net/net.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

// As routed is served in a family when any upstream is.
static bool is_served(const struct net *net, struct net_path path)
{
    if (path.upstream != NET_NOBODY)
        return net->upstreams[path.upstream].next_hop[path.family].family != FAMILY_NONE;
    for (uint32_t u = 0; u < net->upstream_count; u++)
        if (net->upstreams[u].next_hop[path.family].family != FAMILY_NONE)
            return true;
    return false;
}

// Every path that could be, in the order of their numbers: true while there is a next one.
static bool next_possible(const struct net *net, uint32_t *at, struct net_path *path)
{
    uint32_t place = (*at)++;
    *path = (struct net_path){place / 2 < net->upstream_count ? place / 2 : NET_NOBODY,
                              place % 2 ? FAMILY_IPV6 : FAMILY_IPV4};
    return place < (net->upstream_count + 1) * 2;
}

uint32_t net_path_count(const struct net *net)
{
    struct net_path path;
    uint32_t count = 0, at = 0;
    while (next_possible(net, &at, &path))
        count += is_served(net, path);
    return count;
}

struct net_path net_path(const struct net *net, uint32_t path)
{
    struct net_path found;
    uint32_t at = 0, left = path + 1;
    while (left > 0 && next_possible(net, &at, &found))
        left -= is_served(net, found);
    assert(left == 0);
    return found;
}

uint32_t net_path_find(const struct net *net, uint32_t upstream, enum family family)
{
    struct net_path path;
    uint32_t number = 0, at = 0;
    while (next_possible(net, &at, &path)) {
        if (!is_served(net, path))
            continue;
        if (path.upstream == upstream && path.family == family)
            return number;
        number++;
    }
    return NET_NOBODY;
}

const char *net_path_name(const struct net *net, uint32_t path, char *text)
{
    struct net_path p = net_path(net, path);
    const char *upstream = p.upstream == NET_NOBODY ? "as-routed" : net->upstreams[p.upstream].name;
    snprintf(text, NET_NAME_MAX + 8, "%s %s", upstream, family_name(p.family));
    return text;
}

uint32_t net_router_by_name(const struct net *net, const char *name)
{
    for (uint32_t i = 0; i < net->router_count; i++)
        if (strcmp(net->routers[i].name, name) == 0)
            return i;
    return NET_NOBODY;
}

uint32_t net_upstream_by_next_hop(const struct net *net, struct address next_hop)
{
    for (uint32_t u = 0; u < net->upstream_count; u++)
        if (next_hop.family != FAMILY_NONE &&
            address_equal(net->upstreams[u].next_hop[next_hop.family], next_hop))
            return u;
    return NET_NOBODY;
}

const struct net_selection *net_path_selection(const struct net *net, uint32_t path)
{
    uint32_t upstream = net_path(net, path).upstream;
    return upstream == NET_NOBODY ? &net->probe.as_routed : &net->upstreams[upstream].select;
}

static bool carries(const struct net *net, const struct net_link *link, uint32_t upstream)
{
    const struct net_upstream *u = &net->upstreams[upstream];
    const struct net_router *router = &net->routers[u->router];
    return strcmp(u->select.device, link->device) == 0 ||
           (router->address.family != FAMILY_NONE &&
            address_equal(router->address, link->neighbour[router->address.family]));
}

bool net_link_carries(const struct net *net, const struct net_link *link, uint32_t upstream)
{
    const char *device = net->upstreams[upstream].select.device;
    return carries(net, link, upstream) && (!device[0] || strcmp(device, link->device) == 0);
}

uint32_t net_link_path(const struct net *net, const struct net_link *link, enum family family)
{
    uint32_t path = NET_NOBODY;
    for (uint32_t u = 0; path == NET_NOBODY && u < net->upstream_count; u++)
        if (carries(net, link, u))
            path = net_path_find(net, u, family);
    return path;
}

const char *const net_stance_names[NET_STANCES] = {"normal", "prepend", "graceful", "withheld"};

uint32_t net_exit_of(const struct net *net, struct prefix prefix)
{
    enum family family = prefix.address.family;
    for (uint32_t i = 0; i < net->upstream_count; i++)
        if (family != FAMILY_NONE && prefix.length == family_bits(family) &&
            address_equal(net->upstreams[i].exit[family], prefix.address))
            return i;
    return NET_NOBODY;
}

uint32_t net_own_of(const struct net *net, struct prefix prefix)
{
    for (uint32_t i = 0; i < net->own_count; i++)
        if (prefix_equal(net->own[i].prefix, prefix))
            return i;
    return NET_NOBODY;
}

uint32_t net_own_around(const struct net *net, struct prefix prefix)
{
    uint32_t best = NET_NOBODY;
    for (uint32_t i = 0; i < net->own_count; i++)
        if (prefix_contains(net->own[i].prefix, prefix) &&
            (best == NET_NOBODY || net->own[i].prefix.length > net->own[best].prefix.length))
            best = i;
    return best;
}

uint32_t net_announce_of(const struct net *net, struct prefix prefix)
{
    for (uint32_t i = 0; i < net->announce_count; i++)
        if (prefix_equal(net->announce[i].prefix, prefix))
            return i;
    return NET_NOBODY;
}

bool net_announces_to(const struct net_announce *announce, uint32_t router)
{
    return announce->routers == 0 || announce->routers >> router & 1;
}
