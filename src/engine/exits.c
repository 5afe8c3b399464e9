// SPDX-License-Identifier: ISC
#include "engine/exits.h"

#include "base/amount.h"
#include "engine/state.h"

static bool has_exit(const struct engine *e, uint32_t path)
{
    return e->net->upstreams[e->paths[path].upstream].exit[e->paths[path].family].family !=
           FAMILY_NONE;
}

// Neither does another upstream go by its exit, nor leans the way there on this one.
static bool is_alone(const struct engine *e, uint32_t path, uint32_t to)
{
    for (uint32_t i = 0; i < e->moves.count; i++) {
        uint32_t from = net_exit_of(e->net, e->moves.items[i].prefix);
        if (from != NET_NOBODY && (from != e->paths[path].upstream || e->moves.items[i].to != to))
            return false;
    }
    return true;
}

// Overrides may be too few for all of them (S4), or room for what is told of each; but where the
// minute lets fewer prefixes go than may stand (S8), an exit is no way around that.
static bool could_all_go(const struct engine *e, uint32_t path, uint32_t to,
                         const struct allocate_limits *limits)
{
    const struct room *room = &e->room;
    if (limits->moves_max < moves_room(&e->moves, e->paths[path].family))
        return false;
    for (uint32_t g = 0; g < room->group_count; g++)
        if (!(room->groups[g].may >> to & 1))
            return false;
    return true;
}

// The one way that everything goes, or what may go of it while all could; NET_NOBODY: several, or
// not everything could.
static uint32_t only_way(const struct engine *e, uint32_t path,
                         const struct allocate_limits *limits)
{
    const struct room *room = &e->room;
    uint32_t to = NET_NOBODY;
    for (uint32_t u = 0; u < e->net->upstream_count; u++)
        if (room->answer.moves_to[u] > 0) {
            if (to != NET_NOBODY)
                return NET_NOBODY;
            to = u;
        }
    bool all = room->answer.count == room->group_count;
    return to != NET_NOBODY && (all || could_all_go(e, path, to, limits)) ? to : NET_NOBODY;
}

// Where packets to it may go out once the exit leads to `to` (bit set): the router of that upstream
// sends them by its own choice, which need not be the upstream that they came for.
static uint32_t lands_by(const struct engine *e, const struct route *route, uint32_t from,
                         uint32_t to)
{
    uint32_t own = route->best[e->net->upstreams[to].router], others = 0;
    for (uint32_t r = 0; r < e->net->router_count; r++)
        others |= route->best[r];
    uint32_t choice = own ? own : others, left = UINT32_C(1) << from;
    return choice & left ? (choice & ~left) | UINT32_C(1) << to : choice;
}

struct exit_load {                      // kbit/s that leave by an exit in its family
    uint64_t all;                       // at most; ALLOCATE_UNKNOWN: not known
    uint64_t likely;                    // where what is told of each prefix is all here
    uint64_t lands[NET_UPSTREAMS_MAX];  // at most, at each upstream where some of it lands
};

// Every router that has a way sends it by that upstream: none of it leaves elsewhere.
static bool leaves_only_by(const struct route *route, uint32_t upstream)
{
    for (uint32_t r = 0; r < NET_ROUTERS_MAX; r++)
        if (route->best[r] & ~(UINT32_C(1) << upstream))
            return false;
    return true;
}

// Also to prefixes of which nobody tells here. Counters know no families: what they say beyond all
// that surely is something else may be of this one, and may land wherever anything does. What is
// told of a prefix that some routers send elsewhere is not all here, but may be.
static struct exit_load load_of(const struct engine *e, uint32_t path, uint32_t to)
{
    struct net_path from = e->paths[path];
    uint64_t use = e->room.upstreams[from.upstream].use_kbps;
    uint64_t told = 0, told_here = 0, sure_here = 0, sure_beside = 0;
    struct exit_load load = {.all = use, .likely = use};
    uint32_t landings = UINT32_C(1) << to;
    if (use == ALLOCATE_UNKNOWN)
        return load;
    for (uint32_t i = 0; i < e->routes.count; i++) {
        const struct route *route = &e->routes.items[i];
        int64_t bps = demand_bps(&e->demand, route->prefix, e->now);
        uint64_t kbps = bps > 0 ? (uint64_t)bps / 1000 : 0;
        if (!route_leaves_by(route, from.upstream))
            continue;
        bool is_sure = leaves_only_by(route, from.upstream);
        told += kbps;
        if (route->prefix.address.family != from.family) {
            sure_beside += is_sure ? kbps : 0;
            continue;
        }
        uint32_t here = lands_by(e, route, from.upstream, to);
        told_here += kbps;
        sure_here += is_sure ? kbps : 0;
        landings |= here;
        for (uint32_t u = 0; u < e->net->upstream_count; u++)
            load.lands[u] += here >> u & 1 ? kbps : 0;
    }
    load.all = amount_most(told_here, amount_less(use, sure_beside));
    load.likely = told_here + amount_less(use, told);
    uint64_t untold = amount_less(amount_less(use, sure_beside), sure_here);
    for (uint32_t u = 0; u < e->net->upstream_count; u++)
        load.lands[u] = amount_least(load.all, load.lands[u] + (landings >> u & 1 ? untold : 0));
    return load;
}

static bool has_room(const struct engine *e, uint32_t path, uint32_t to,
                     const struct allocate_limits *limits)
{
    if (limits->ignores_capacity)
        return true;
    struct exit_load load = load_of(e, path, to);
    if (load.all == ALLOCATE_UNKNOWN || load.all > limits->moved_kbps_max)
        return false;
    for (uint32_t u = 0; u < e->net->upstream_count; u++)
        if (load.lands[u] > allocate_room_kbps(&e->room.upstreams[u], limits))
            return false;
    return true;
}

bool exits_reach(const struct engine *e, const struct move *move, uint32_t upstream)
{
    for (uint32_t i = 0; i < e->routes.count; i++) {
        const struct route *route = &e->routes.items[i];
        if (route->prefix.address.family == move->prefix.address.family &&
            route_leaves_by(route, move->from) &&
            lands_by(e, route, move->from, move->to) >> upstream & 1)
            return true;
    }
    return false;
}

static bool may(const struct engine *e, uint32_t path, uint32_t to,
                const struct allocate_limits *limits)
{
    enum net_mode mode = net_lever_mode(e->net, NET_LEVER_OVERRIDE);
    return to != NET_NOBODY && has_exit(e, path) && !budget_wants_canary(e) &&
           e->stories[path].state != INCIDENT_HELD &&
           net_lever_mode(e->net, NET_LEVER_EXIT) >= mode &&
           mono_reached(e->now, e->memories[path].exit_refused_until) && is_alone(e, path, to) &&
           has_room(e, path, to, limits);
}

uint32_t exits_for_drain(const struct engine *e, uint32_t path, uint32_t best,
                         const struct allocate_limits *limits)
{
    return may(e, path, best, limits) ? best : NET_NOBODY;
}

uint32_t exits_for_all(const struct engine *e, uint32_t path, const struct allocate_limits *limits)
{
    uint32_t to = only_way(e, path, limits);
    return e->room.group_count > 1 && may(e, path, to, limits) ? to : NET_NOBODY;
}

struct move exits_move(const struct engine *e, uint32_t path, uint32_t to)
{
    struct net_path from = e->paths[path];
    uint64_t likely = load_of(e, path, to).likely;  // the rest is counted when it moves itself
    return (struct move){
        .prefix =
            prefix_of(e->net->upstreams[from.upstream].exit[from.family], family_bits(from.family)),
        .path = path,
        .from = from.upstream,
        .to = to,
        .demand_kbps = likely < UINT32_MAX ? (uint32_t)likely : 0,
        .at = e->now,
    };
}

void exits_refused(struct engine *e, uint32_t path, struct prefix prefix)
{
    if (net_exit_of(e->net, prefix) != NET_NOBODY)
        e->memories[path].exit_refused_until = mono_add_ns(e->now, e->net->steer.hold_min_ns);
}

uint32_t exits_targets(const struct engine *e, struct prefix exit)
{
    enum family family = exit.address.family;
    uint32_t from = net_exit_of(e->net, exit), targets = 0;
    uint32_t path = net_path_find(e->net, NET_NOBODY, family);
    for (uint32_t t = 0; path != NET_NOBODY && t < e->net->target_count; t++) {
        const struct route *route =
            routes_longest_match(&e->routes, e->net->targets[t].address[family]);
        if (route && route_leaves_by(route, from) && watch_hears(&e->watch, path, t, e->now))
            targets |= UINT32_C(1) << t;
    }
    return targets;
}
