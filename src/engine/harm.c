// SPDX-License-Identifier: ISC
#include "engine/harm.h"

#include "engine/state.h"

enum {
    LOOK_MS = 1000,      // a block: what hits both ways at once is known of both by then, mostly
    GONE_MS = 3 * 1000,  // not looked at for so long: what was counted then is no beginning
};

// The move that says where customers' packets to each target go; NULL: none does.
struct owners {
    const struct move *of[NET_TARGETS_MAX];
};

// One route moves all that leaves by its upstream.
static const struct move *exit_of(const struct engine *e, const struct route *route)
{
    for (uint32_t i = 0; i < e->moves.count; i++) {
        const struct move *move = &e->moves.items[i];
        uint32_t from = net_exit_of(e->net, move->prefix);
        if (move->wanted && from != NET_NOBODY && route_leaves_by(route, from) &&
            move->prefix.address.family == route->prefix.address.family)
            return move;
    }
    return NULL;
}

static void find_owners(const struct engine *e, enum family family, struct owners *owners)
{
    uint32_t routed = net_path_find(e->net, NET_NOBODY, family);
    *owners = (struct owners){{NULL}};
    for (uint32_t t = 0; t < e->net->target_count; t++) {
        const struct route *route =
            routes_longest_match(&e->routes, e->net->targets[t].address[family]);
        if (!route || routed == NET_NOBODY || !watch_hears(&e->watch, routed, t, e->now))
            continue;
        const struct move *move = moves_find(&e->moves, route->prefix);
        owners->of[t] = move ? move : exit_of(e, route);
    }
}

// Adds what was counted since the last look, or begins anew.
static void weigh(struct engine *e, uint32_t target, const struct move *move, bool begins)
{
    enum family family = move->prefix.address.family;
    struct harm_target *h = &e->harm.targets[target][family], before = *h;
    h->way = net_path_find(e->net, move->to, family);
    h->old = move->path;
    h->on_way = e->watch.paths[h->way].totals[target];
    h->on_old = e->watch.paths[h->old].totals[target];
    if (begins || h->way != before.way || h->old != before.old) {
        evalue_init(&h->evidence);
        return;
    }
    evalue_add(&h->evidence,
               &(struct evalue_block){.ok = h->on_way.ok - before.on_way.ok,
                                      .lost = h->on_way.lost - before.on_way.lost,
                                      .peers_ok = h->on_old.ok - before.on_old.ok,
                                      .peers_lost = h->on_old.lost - before.on_old.lost});
}

static void add_recent(const struct engine *e, uint32_t path, uint32_t target,
                       struct window_count *sum)
{
    struct watch_cell cell = watch_cell_recent(&e->watch, path, target, e->now);
    sum->ok += cell.ok;
    sum->lost += cell.lost;
}

// One of its targets is sure, and all of them together still lose more lately.
static bool is_harmed(const struct engine *e, const struct move *move, const struct owners *owners)
{
    enum family family = move->prefix.address.family;
    struct window_count way = {0}, old = {0};
    bool sure = false;
    for (uint32_t t = 0; t < e->net->target_count; t++) {
        const struct harm_target *h = &e->harm.targets[t][family];
        if (owners->of[t] != move)
            continue;
        sure |= evalue_nats(&h->evidence) * 1000 >= ENGINE_RELATIVE_MILLINATS;
        add_recent(e, h->way, t, &way);
        add_recent(e, h->old, t, &old);
    }
    return sure && old.ok + old.lost > 0 &&
           window_count_ppm(way) >= window_count_ppm(old) + ENGINE_GAIN_PPM;
}

// It is not moved again before a hold time is over.
static void take_back(struct engine *e, const struct move *move)
{
    bool part[MOVES_MAX] = {false};
    part[move - e->moves.items] = true;
    routes_refuse(&e->routes, move->prefix, mono_add_ns(e->now, e->stories[move->path].hold_ns));
    (void)story_fail_part(e, move, part,
                          "its targets lose more there by now than on the way that it left");
}

bool harm_look(struct engine *e, uint32_t path)
{
    struct owners owners;
    int64_t since_ns = mono_since_ns(e->now, e->harm.looked_at[path]);
    bool any = false;
    if (since_ns < LOOK_MS * (int64_t)NS_PER_MS)
        return false;
    e->harm.looked_at[path] = e->now;
    find_owners(e, e->paths[path].family, &owners);
    for (uint32_t t = 0; t < e->net->target_count; t++)
        if (owners.of[t] && owners.of[t]->path == path)
            weigh(e, t, owners.of[t], since_ns > GONE_MS * (int64_t)NS_PER_MS);
    if (e->frozen || !watch_is_fresh(&e->watch, path, e->now))
        return false;
    enum incident_state state = e->stories[path].state;
    for (uint32_t i = 0; i < e->moves.count && e->stories[path].state == state; i++) {
        const struct move *move = &e->moves.items[i];
        if (move->path != path || !move->wanted || !is_harmed(e, move, &owners))
            continue;
        take_back(e, move);
        any = true;
    }
    return any;
}
