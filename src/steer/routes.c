// SPDX-License-Identifier: ISC
#include "steer/routes.h"

#include <assert.h>
#include <string.h>

static_assert(NET_UPSTREAMS_MAX <= 32 && NET_ROUTERS_MAX <= 16, "bit sets of 32 and 16");

static uint32_t bit(uint32_t index)
{
    return 1u << index;
}

// Where the prefix stands, or would.
static uint32_t place_of(const struct routes *routes, struct prefix prefix)
{
    return prefix_place(routes->items, routes->count, sizeof routes->items[0], prefix);
}

uint32_t routes_find(const struct routes *routes, struct prefix prefix)
{
    uint32_t place = place_of(routes, prefix);
    bool known = place < routes->count && prefix_equal(routes->items[place].prefix, prefix);
    return known ? place : NET_NOBODY;
}

const struct route *routes_longest_match(const struct routes *routes, struct address address)
{
    const struct route *best = NULL;
    for (uint32_t i = 0; i < routes->count; i++) {
        const struct route *route = &routes->items[i];
        if (prefix_contains_address(route->prefix, address) &&
            (!best || route->prefix.length > best->prefix.length))
            best = route;
    }
    return best;
}

static struct route *find(struct routes *routes, struct prefix prefix)
{
    uint32_t place = routes_find(routes, prefix);
    return place == NET_NOBODY ? NULL : &routes->items[place];
}

static void remove_at(struct routes *routes, uint32_t place)
{
    struct route *item = &routes->items[place];
    memmove(item, item + 1, (--routes->count - place) * sizeof *item);
}

static bool is_full(const struct routes *routes, enum family family)
{
    return prefix_count(routes->items, routes->count, sizeof routes->items[0], family) ==
           ROUTES_PER_FAMILY_MAX;
}

// NULL when there is no room.
static struct route *insert_at(struct routes *routes, uint32_t place, struct prefix prefix)
{
    struct route *item = &routes->items[place];
    if (is_full(routes, prefix.address.family)) {
        routes->refused++;
        return NULL;
    }
    memmove(item + 1, item, (routes->count++ - place) * sizeof *item);
    *item =
        (struct route){.prefix = prefix, .best_at = {INT64_MIN / 2}, .refused_until = {INT64_MIN}};
    return item;
}

static bool is_empty(const struct route *route)
{
    for (uint32_t r = 0; r < NET_ROUTERS_MAX; r++)
        if (route->via[r])
            return false;
    return true;
}

struct route *routes_learn(struct routes *routes, const struct route_news *news)
{
    uint32_t r = news->router;
    uint32_t upstream = bit(news->upstream);
    struct route *route = find(routes, news->prefix);
    bool is_new = !route && news->present;
    if (is_new)
        route = insert_at(routes, place_of(routes, news->prefix), news->prefix);
    if (!route)
        return NULL;
    uint32_t others = route->best[r] & ~upstream, before = route->best[r];
    uint32_t had = route->via[r] & upstream;
    route->via[r] = news->present ? route->via[r] | upstream : route->via[r] & ~upstream;
    route->best[r] = news->present && news->best ? upstream : others;
    if (route->best[r] != before)
        route->best_at = news->at;
    bool came = route->via[r] & ~had & upstream || route->best[r] & ~before;
    if (came && news->at.ns > routes->came_at[news->upstream].ns)
        routes->came_at[news->upstream] = news->at;
    if (is_empty(route))
        remove_at(routes, (uint32_t)(route - routes->items));
    return is_new ? route : NULL;
}

void routes_refuse(struct routes *routes, struct prefix prefix, struct mono until)
{
    struct route *route = find(routes, prefix);
    if (route)
        route->refused_until = until;
}

void routes_forget(struct routes *routes, uint32_t router)
{
    for (uint32_t place = routes->count; place-- > 0;) {
        struct route *route = &routes->items[place];
        route->via[router] = route->best[router] = 0;
        if (is_empty(route))
            remove_at(routes, place);
    }
}

bool route_leaves_by(const struct route *route, uint32_t upstream)
{
    for (uint32_t r = 0; r < NET_ROUTERS_MAX; r++)
        if (route->best[r] & bit(upstream))
            return true;
    return false;
}

bool route_may_go(const struct route *route, uint32_t upstream, uint16_t routers)
{
    bool somewhere = false;
    for (uint32_t r = 0; r < NET_ROUTERS_MAX; r++) {
        somewhere = somewhere || (route->via[r] & bit(upstream));
        if ((routers & bit(r)) && !route->via[r])
            return false;
    }
    return somewhere;
}
