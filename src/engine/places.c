// SPDX-License-Identifier: ISC
#include "engine/places.h"

#include "engine/state.h"
#include "steer/gate_never.h"

enum {
    APART_MS = 200,  // one exchange and the next: routers' ways of the first are told by then
    IDLE_MS = 1000,  // where there was none to make
    ANSWERED_MS = 2000,
    AGAIN_S = 600,    // what got none: no router has a way there, or it was taken for another
    HEAVIER_DIV = 4,  // by a quarter, or two that weigh the same would come and go
};

static bool is_within(const struct engine *e, struct mono at, int64_t ms)
{
    return at.ns != 0 && mono_since_ns(e->now, at) < ms * NS_PER_MS;
}

static bool is_full(const struct engine *e, enum family family)
{
    return prefix_count(e->routes.items, e->routes.count, sizeof e->routes.items[0], family) ==
           ROUTES_PER_FAMILY_MAX;
}

// Told lately, and without a place.
static bool is_out(struct engine *e, struct demand_item *item)
{
    if (routes_find(&e->routes, item->prefix) == NET_NOBODY)
        return demand_bps(&e->demand, item->prefix, e->now) > 0 &&
               !is_within(e, item->asked_at, AGAIN_S * 1000);
    if (!is_within(e, item->asked_at, ANSWERED_MS))
        item->asked_at = (struct mono){0};  // should it lose its place, it is asked for again
    return false;
}

static struct demand_item *heaviest_out(struct engine *e, enum family family)
{
    struct demand_item *heaviest = NULL;
    for (uint32_t i = 0; i < e->demand.count; i++) {
        struct demand_item *item = &e->demand.items[i];
        if (item->prefix.address.family == family && (!heaviest || item->bps > heaviest->bps) &&
            is_out(e, item) && !gate_never(e->net, item->prefix))
            heaviest = item;
    }
    return heaviest;
}

// What is moved, or was not to be for a while, must be known; and what targets can tell of.
static bool must_stay(const struct engine *e, const struct route *route)
{
    if (moves_find(&e->moves, route->prefix) || !mono_reached(e->now, route->refused_until))
        return true;
    for (uint32_t t = 0; t < e->net->target_count; t++)
        if (prefix_contains_address(route->prefix,
                                    e->net->targets[t].address[route->prefix.address.family]))
            return true;
    return false;
}

// Below 0: nothing is told of it. What is never moved weighs least.
static const struct route *lightest_in(const struct engine *e, enum family family, int64_t *bps)
{
    const struct route *lightest = NULL;
    *bps = INT64_MAX;
    for (uint32_t i = 0; i < e->routes.count; i++) {
        const struct route *route = &e->routes.items[i];
        if (route->prefix.address.family != family)
            continue;
        int64_t its = route->barred ? INT64_MIN : demand_bps(&e->demand, route->prefix, e->now);
        if (its < *bps && !must_stay(e, route)) {
            lightest = route;
            *bps = its;
        }
    }
    return lightest;
}

static bool exchange(struct engine *e, enum family family)
{
    int64_t least_bps;
    struct demand_item *item = is_full(e, family) ? heaviest_out(e, family) : NULL;
    const struct route *out = item ? lightest_in(e, family, &least_bps) : NULL;
    if (!out || (least_bps > 0 && item->bps <= least_bps + least_bps / HEAVIER_DIV))
        return false;
    item->asked_at = e->now;
    engine_tell(e, EFFECT_PLACE)->place = (struct effect_place){item->prefix, out->prefix};
    return true;
}

void places_look(struct engine *e)
{
    bool any = false;
    if (!mono_reached(e->now, e->demand.places_at))
        return;
    for (enum family family = FAMILY_IPV4; family < FAMILIES && e->open == 0; family++)
        any |= exchange(e, family);
    e->demand.places_at = mono_add_ms(e->now, any ? APART_MS : IDLE_MS);
}

bool places_are_told(struct engine *e, struct prefix prefix)
{
    const struct demand_item *item = demand_find(&e->demand, prefix);
    return item && is_within(e, item->asked_at, ANSWERED_MS);
}
