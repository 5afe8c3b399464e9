// SPDX-License-Identifier: ISC
#include "engine/room.h"

#include "base/amount.h"
#include "engine/state.h"

#include <string.h>

enum {
    COUNTED_S = 10,     // counters are read at intervals: what came since then is not in them
    SETTLED_MS = 1000,  // a session changes many routes, and each is news by itself
};

static uint64_t kbps(int64_t bps)
{
    return bps > 0 ? ((uint64_t)bps + 999) / 1000 : 0;
}

static uint32_t demand_kbps(uint64_t kbps)
{
    return kbps < UINT32_MAX ? (uint32_t)kbps : UINT32_MAX;
}

// What goes to each of its prefixes of which nobody tells: of what the upstream carries, an even
// part of what is left. ALLOCATE_UNKNOWN: not known.
static uint64_t share_kbps(const struct engine *e, uint32_t upstream)
{
    struct use_seen seen = use_of(&e->use, upstream, e->now);
    if (!seen.known)
        return ALLOCATE_UNKNOWN;
    uint64_t use = kbps(seen.out_bps > seen.out_p95_bps ? seen.out_bps : seen.out_p95_bps);
    uint64_t told = 0, untold = 0;
    for (uint32_t i = 0; i < e->routes.count; i++) {
        const struct route *route = &e->routes.items[i];
        if (!route_leaves_by(route, upstream))
            continue;
        int64_t bps = demand_bps(&e->demand, route->prefix, e->now);
        told += bps < 0 ? 0 : kbps(bps);
        untold += bps < 0;
    }
    return untold == 0 || told >= use ? 0 : (use - told + untold - 1) / untold;
}

// What the routers themselves have turned to it since.
static uint64_t came_kbps(const struct engine *e, uint32_t upstream, int64_t since_ns)
{
    uint64_t came = 0, untold = 0;
    for (uint32_t i = 0; i < e->routes.count; i++) {
        const struct route *route = &e->routes.items[i];
        if (mono_since_ns(e->now, route->best_at) >= since_ns || !route_leaves_by(route, upstream))
            continue;
        int64_t bps = demand_bps(&e->demand, route->prefix, e->now);
        came += bps >= 0 ? kbps(bps) : 0;
        untold += bps < 0;
    }
    uint64_t share = untold > 0 ? share_kbps(e, upstream) : 0;
    return came + (share == ALLOCATE_UNKNOWN ? 0 : share * untold);
}

// What was moved there lately, and what routers brought since, on top of what it carried before.
// What is taken back is there until it stands on no router.
// Counters may hold all of that by now, a part or nothing: added to them, it would count twice.
static uint64_t reckoned_kbps(const struct engine *e, uint32_t upstream, int64_t since_ns)
{
    struct room_base base = e->bases[upstream];
    int64_t base_ns = mono_since_ns(e->now, base.at);
    bool holds = base.at.ns > 0 && base_ns < since_ns;
    uint64_t kbps = holds ? base.use_kbps + came_kbps(e, upstream, base_ns) : 0;
    for (uint32_t i = 0; i < e->moves.count && holds; i++) {
        const struct move *move = &e->moves.items[i];
        if (move->to == upstream && (move->wanted || !move_is_gone(move)) &&
            move->at.ns >= base.at.ns)
            kbps += move->demand_kbps;
    }
    return kbps;
}

static int64_t counted_ns(struct use_seen seen)
{
    return seen.age_ns + COUNTED_S * (int64_t)NS_PER_S;
}

// The larger of now and the 95th percentile (S10), and what routers brought since.
static uint64_t measured_kbps(const struct engine *e, uint32_t upstream)
{
    struct use_seen seen = use_of(&e->use, upstream, e->now);
    if (!seen.known)
        return ALLOCATE_UNKNOWN;
    return kbps(seen.out_bps > seen.out_p95_bps ? seen.out_bps : seen.out_p95_bps) +
           came_kbps(e, upstream, counted_ns(seen));
}

// Whether an exit has brought it what its counters do not hold yet: how much nobody can tell, as
// routers chose where that goes on.
static bool is_uncounted(const struct engine *e, uint32_t upstream, int64_t since_ns)
{
    for (uint32_t i = 0; i < e->moves.count; i++) {
        const struct move *move = &e->moves.items[i];
        if (net_exit_of(e->net, move->prefix) != NET_NOBODY && move->to != upstream &&
            mono_since_ns(e->now, move->at) < since_ns && exits_reach(e, move, upstream))
            return true;
    }
    return false;
}

// The larger of what was measured and of what is reckoned.
static uint64_t use_kbps(const struct engine *e, uint32_t upstream)
{
    uint64_t measured = measured_kbps(e, upstream);
    if (measured == ALLOCATE_UNKNOWN)
        return measured;
    int64_t since_ns = counted_ns(use_now(&e->use, upstream, e->now));
    if (is_uncounted(e, upstream, since_ns))
        return ALLOCATE_UNKNOWN;
    uint64_t reckoned = reckoned_kbps(e, upstream, since_ns);
    return measured > reckoned ? measured : reckoned;
}

void room_taken(struct engine *e, uint32_t upstream)
{
    uint64_t use = e->room.upstreams[upstream].use_kbps;
    struct room_base *base = &e->bases[upstream];
    if (base->at.ns != e->now.ns)
        *base = (struct room_base){e->now, use == ALLOCATE_UNKNOWN ? 0 : use, base->eased_at};
}

// Demand may have grown since it left.
uint64_t room_demand_kbps(const struct engine *e, const struct move *move)
{
    int64_t bps = demand_bps(&e->demand, move->prefix, e->now);
    return bps < 0 ? move->demand_kbps : kbps(bps);
}

uint64_t room_moved_kbps(const struct engine *e, uint32_t path)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < e->moves.count; i++)
        if (e->moves.items[i].path == path)
            sum += room_demand_kbps(e, &e->moves.items[i]);
    return sum;
}

static uint64_t headroom_percent(const struct engine *e, uint32_t upstream)
{
    return lifts_hold(e, LIFT_S10, upstream) ? STEER_HEADROOM_PERCENT_MAX
                                             : e->net->steer.budget.headroom_percent;
}

static bool is_losing(const struct engine *e, uint32_t upstream)
{
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        uint32_t path = net_path_find(e->net, upstream, family);
        if (path != NET_NOBODY && e->watch.paths[path].state == WATCH_CONFIRMED)
            return true;
    }
    return false;
}

// Beyond which it is too full.
static uint64_t over_percent(const struct engine *e, uint32_t upstream)
{
    return is_losing(e, upstream) ? headroom_percent(e, upstream) : STEER_HEADROOM_PERCENT_MAX;
}

static void weigh_moves(const struct engine *e, uint32_t upstream, uint64_t use,
                        struct room_over *over)
{
    struct room_base base = e->bases[upstream];
    int64_t since_ns = mono_since_ns(e->now, base.at);
    if (base.at.ns == 0 || since_ns > STEER_MINUTE_S * (int64_t)NS_PER_S)
        return;
    over->brought_kbps = amount_less(use, base.use_kbps + came_kbps(e, upstream, since_ns));
    for (uint32_t i = 0; i < e->moves.count; i++) {
        const struct move *move = &e->moves.items[i];
        if (move->to == upstream && move->wanted && move->at.ns >= base.at.ns)
            over->reckoned_kbps += room_demand_kbps(e, move);
    }
}

struct room_over room_over(const struct engine *e, uint32_t upstream)
{
    struct room_over over = {0};
    struct use_seen seen = use_now(&e->use, upstream, e->now);
    uint64_t capacity = UINT64_C(1000) * e->net->upstreams[upstream].capacity_mbps;
    uint64_t use = kbps(seen.out_bps), limit = capacity * over_percent(e, upstream) / 100;
    if (e->net->steer.capacity == NET_CAPACITY_IGNORE || capacity == 0 || !seen.known ||
        use <= limit || mono_since_ns(e->now, e->bases[upstream].eased_at) < counted_ns(seen))
        return over;
    over.kbps = use - limit;
    weigh_moves(e, upstream, use, &over);
    return over;
}

int64_t room_inbound_bps(const struct engine *e, uint32_t upstream)
{
    int64_t capacity_mbps = e->net->upstreams[upstream].capacity_mbps;
    return capacity_mbps > 0 ? capacity_mbps * 10000 * (int64_t)headroom_percent(e, upstream) : -1;
}

bool room_inbound_is_over(const struct engine *e, uint32_t upstream)
{
    struct use_seen seen = use_now(&e->use, upstream, e->now);
    int64_t capacity_mbps = e->net->upstreams[upstream].capacity_mbps;
    return e->net->steer.capacity == NET_CAPACITY_PROVE && capacity_mbps > 0 && seen.known &&
           seen.in_bps > capacity_mbps * 10000 * (int64_t)over_percent(e, upstream);
}

// What the other family of the upstream brings back, or has brought since it was counted.
static uint64_t returning_kbps(const struct engine *e, uint32_t path, int64_t since_ns)
{
    uint64_t sum = 0;
    for (uint32_t other = 0; other < e->path_count; other++) {
        const struct memory *memory = &e->memories[other];
        if (other == path || e->paths[other].upstream != e->paths[path].upstream)
            continue;
        if (e->stories[other].state == INCIDENT_TRIAL)
            sum += room_moved_kbps(e, other);
        else if (memory->returned_kbps > 0 && mono_since_ns(e->now, memory->returned_at) < since_ns)
            sum += memory->returned_kbps;
    }
    return sum;
}

// By the use of now: the percentile still counts what it carried before all that left.
bool room_takes_back(const struct engine *e, uint32_t path)
{
    uint32_t upstream = e->paths[path].upstream;
    struct use_seen seen = use_now(&e->use, upstream, e->now);
    uint64_t capacity = UINT64_C(1000) * e->net->upstreams[upstream].capacity_mbps;
    int64_t since_ns = counted_ns(seen);
    if (e->net->steer.capacity == NET_CAPACITY_IGNORE || capacity == 0 || !seen.known)
        return true;
    return kbps(seen.out_bps) + came_kbps(e, upstream, since_ns) +
               returning_kbps(e, path, since_ns) + room_moved_kbps(e, path) <=
           capacity;
}

uint64_t room_traffic_kbps(const struct engine *e)
{
    uint64_t all = 0;
    for (uint32_t u = 0; u < e->net->upstream_count; u++) {
        struct use_seen seen = use_now(&e->use, u, e->now);
        all += seen.known ? kbps(seen.out_bps) : 0;
    }
    return all;
}

// Equal texts get equal numbers; 0: none.
static uint16_t number_of(const struct net *net, uint32_t upstream, bool country)
{
    const struct net_upstream *u = &net->upstreams[upstream];
    for (uint32_t other = 0; other <= upstream; other++) {
        const struct net_upstream *o = &net->upstreams[other];
        const char *text = country ? u->country : u->region;
        if (text[0] && strcmp(text, country ? o->country : o->region) == 0)
            return (uint16_t)(other + 1);
    }
    return 0;
}

// By counters or by flows, whichever say more; 0: some upstream is not known.
static uint64_t all_kbps(const struct engine *e)
{
    int64_t all_bps = use_all_bps(&e->use, e->net->upstream_count, e->now);
    uint64_t measured = kbps(all_bps), told = 0;
    if (all_bps < 0)
        return 0;
    for (uint32_t i = 0; i < e->routes.count; i++) {
        int64_t bps = demand_bps(&e->demand, e->routes.items[i].prefix, e->now);
        told += bps > 0 ? kbps(bps) : 0;
    }
    return measured > told ? measured : told;
}

struct allocate_upstream room_upstream(const struct engine *e, uint32_t upstream)
{
    uint64_t capacity = e->net->upstreams[upstream].capacity_mbps;
    return (struct allocate_upstream){
        .capacity_kbps = capacity ? 1000 * capacity : ALLOCATE_UNKNOWN,
        .use_kbps = use_kbps(e, upstream),
        .country = number_of(e->net, upstream, true),
        .region = number_of(e->net, upstream, false),
        .headroom_ppm = (uint32_t)(10000 * headroom_percent(e, upstream)),
    };
}

static void measure_upstreams(struct engine *e)
{
    uint64_t all = all_kbps(e);
    for (uint32_t u = 0; u < e->net->upstream_count; u++) {
        e->room.upstreams[u] = room_upstream(e, u);
        e->room.upstreams[u].all_kbps = all;
    }
}

static bool is_movable(const struct engine *e, const struct route *route, uint32_t path)
{
    return route->prefix.address.family == e->paths[path].family && !route->barred &&
           mono_reached(e->now, route->refused_until) &&
           mono_since_ns(e->now, route->best_at) >= SETTLED_MS * (int64_t)NS_PER_MS &&
           route_leaves_by(route, e->paths[path].upstream);
}

static uint32_t ways_of(const struct engine *e, const struct route *route, uint16_t routers)
{
    uint32_t ways = 0;
    for (uint32_t u = 0; u < e->net->upstream_count; u++)
        ways |= (uint32_t)route_may_go(route, u, routers) << u;
    return ways;
}

static void add_group(struct engine *e, uint32_t path, uint32_t place, uint64_t share)
{
    struct room *room = &e->room;
    const struct route *route = &e->routes.items[place];
    int64_t bps = demand_bps(&e->demand, route->prefix, e->now);
    if (bps < 0 && share == ALLOCATE_UNKNOWN && e->net->steer.capacity == NET_CAPACITY_PROVE) {
        room->unweighed++;
        return;
    }
    uint64_t demand = bps >= 0 ? kbps(bps) : share == ALLOCATE_UNKNOWN ? 0 : share;
    room->routes[room->group_count] = place;
    room->groups[room->group_count++] = (struct allocate_group){
        .demand_kbps = demand_kbps(demand),
        .may = ways_of(e, route, moves_routers(e->net, e->paths[path].family)),
        .from = (uint8_t)e->paths[path].upstream,
    };
}

void room_measure(struct engine *e, uint32_t path, bool verifiable)
{
    struct room *room = &e->room;
    bool moved[ROUTES_MAX] = {false};
    uint64_t share = share_kbps(e, e->paths[path].upstream);
    room->group_count = room->unweighed = 0;
    measure_upstreams(e);
    for (uint32_t i = 0; i < e->moves.count; i++) {
        uint32_t place = routes_find(&e->routes, e->moves.items[i].prefix);
        if (place != NET_NOBODY)
            moved[place] = true;
    }
    // Of those that weigh the same the ones that can be verified come first, in case not all fit.
    for (int pass = 0; pass < (verifiable ? 1 : 2); pass++)
        for (uint32_t place = 0; place < e->routes.count; place++) {
            const struct route *route = &e->routes.items[place];
            if (!moved[place] && is_movable(e, route, path) &&
                (verdict_targets(e, route->prefix) != 0) == (pass == 0))
                add_group(e, path, place, share);
        }
}

bool room_is_settled(const struct engine *e, uint32_t upstream)
{
    return e->net->steer.capacity == NET_CAPACITY_IGNORE ||
           mono_since_ns(e->now, e->routes.came_at[upstream]) >= SETTLED_MS * (int64_t)NS_PER_MS;
}

bool room_has_more(const struct engine *e, uint32_t path)
{
    uint16_t routers = moves_routers(e->net, e->paths[path].family);
    for (uint32_t i = 0; i < e->moves.count; i++)
        if (e->moves.items[i].path == path &&
            net_exit_of(e->net, e->moves.items[i].prefix) != NET_NOBODY)
            return false;
    for (uint32_t place = 0; place < e->routes.count; place++) {
        const struct route *route = &e->routes.items[place];
        if (is_movable(e, route, path) && !moves_find(&e->moves, route->prefix) &&
            (ways_of(e, route, routers) & ~(UINT32_C(1) << e->paths[path].upstream)) != 0)
            return true;
    }
    return false;
}

void room_open(struct engine *e, const struct room_way *way)
{
    e->room.upstreams[way->upstream].open = true;
    e->room.upstreams[way->upstream].loss_high_ppm = way->loss_high_ppm;
}

void room_ask(struct engine *e, uint32_t path, uint32_t loss_low_ppm,
              const struct allocate_limits *limits)
{
    struct room *room = &e->room;
    room->upstreams[e->paths[path].upstream].loss_low_ppm = loss_low_ppm;
    allocate(&(struct allocate_question){room->upstreams, e->net->upstream_count, room->groups,
                                         room->group_count, *limits},
             &(struct allocate_space){room->items, room->spare, room->moves}, &room->answer);
}

uint32_t room_targets(const struct engine *e)
{
    uint32_t targets = 0;
    for (uint32_t m = 0; m < e->room.answer.count; m++) {
        uint32_t place = e->room.routes[e->room.moves[m].group];
        targets |= verdict_targets(e, e->routes.items[place].prefix);
    }
    return targets;
}
