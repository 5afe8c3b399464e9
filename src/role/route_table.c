// SPDX-License-Identifier: ISC
// UPDATEs into the RIB, and to the engine what changed among the routes that may be steered.
#include "role/route.h"

#include "rib/best.h"
#include "rib/received.h"

#include <assert.h>

static bool is_steerable(const struct route_role *r, struct prefix prefix)
{
    const struct net_prefixes *list = &r->net->steer.prefixes;
    for (uint32_t i = 0; i < list->count; i++) {
        if (prefix_contains(list->items[i], prefix))
            return true;
    }
    return false;
}

// What the engine knows of a router's routes to a prefix: bit n is upstream n.
struct view {
    uint32_t present, best;
};

static_assert(NET_UPSTREAMS_MAX <= 32, "a view has a bit for each");

// One router's path can change what the others use: all are looked at before and after.
struct views {
    struct view of[NET_ROUTERS_MAX];
};

// The paths of all sessions to a prefix, those of a router together, without echoes of ours.
struct paths {
    const struct rib_view *rib;
    uint32_t count;
    struct rib_path of[RIB_CANDIDATES_MAX];
    uint32_t upstreams[RIB_CANDIDATES_MAX];  // bit of each
};

static_assert(RIB_CANDIDATES_MAX >= NET_ROUTERS_MAX * RIB_PATHS_MAX, "all that there can be");

static void gather(const struct route_role *r, struct prefix prefix, uint32_t gone,
                   struct paths *paths)
{
    struct rib_path path;
    paths->rib = rib_live(r->rib);
    paths->count = 0;
    for (struct rib_paths walk = rib_session_paths(r->rib, prefix); rib_paths_next(&walk, &path);) {
        struct rib_attributes a = rib_attributes(r->rib, path.attributes);
        uint32_t upstream = net_upstream_by_next_hop(r->net, a.next_hop);
        if (path.peer == gone || path.peer >= r->net->router_count || a.marked)
            continue;
        paths->upstreams[paths->count] = upstream == NET_NOBODY ? 0 : UINT32_C(1) << upstream;
        paths->of[paths->count++] = path;
    }
}

// Whether another router told of a path that this one's router prefers too: it then uses that one,
// but does not send on to us what it learned over iBGP.
static bool is_outdone(const struct paths *paths, const struct rib_path *best)
{
    for (uint32_t i = 0; i < paths->count; i++) {
        if (paths->of[i].peer != best->peer && rib_path_beats(paths->rib, &paths->of[i], best))
            return true;
    }
    return false;
}

// Of the router whose paths are those from `first` to before `end`.
static struct view view_of(const struct paths *paths, uint32_t first, uint32_t end)
{
    struct view view = {0};
    struct rib_path best = rib_best_of(paths->rib, &paths->of[first], end - first).path;
    bool is_used = !is_outdone(paths, &best);
    for (uint32_t i = first; i < end; i++) {
        view.present |= paths->upstreams[i];
        if (is_used && paths->of[i].path_id == best.path_id)
            view.best = paths->upstreams[i];
    }
    return view;
}

// Paths of `gone` do not count.
static struct views views_of(const struct route_role *r, struct prefix prefix, uint32_t gone)
{
    struct views views = {0};
    struct paths paths;
    gather(r, prefix, gone, &paths);
    for (uint32_t first = 0, end; first < paths.count; first = end) {
        uint32_t router = paths.of[first].peer;
        for (end = first + 1; end < paths.count && paths.of[end].peer == router;)
            end++;
        views.of[router] = view_of(&paths, first, end);
    }
    return views;
}

static void tell_changes(struct route_role *r, uint32_t router, struct prefix prefix,
                         struct view before, struct view after)
{
    uint32_t changed = (before.present ^ after.present) | (before.best ^ after.best);
    for (uint32_t upstream = 0; upstream < r->net->upstream_count; upstream++) {
        uint32_t bit = UINT32_C(1) << upstream;
        if (!(changed & bit))
            continue;
        route_tell(r,
                   &(struct event){
                       .kind = EVENT_ROUTE,
                       .at = r->now,
                       .route = {router, upstream, prefix, after.present & bit, after.best & bit},
                   });
    }
}

static bool has_ways(const struct route_role *r, const struct views *views)
{
    for (uint32_t router = 0; router < r->net->router_count; router++)
        if (views->of[router].present)
            return true;
    return false;
}

static void tell_all_changes(struct route_role *r, struct prefix prefix, const struct views *before,
                             const struct views *after)
{
    static const struct views nothing;
    enum route_known_news news =
        route_known_change(&r->known, prefix, has_ways(r, before), has_ways(r, after));
    if (news == KNOWN_NOT)
        return;
    if (news == KNOWN_NEWLY)
        before = &nothing;
    for (uint32_t router = 0; router < r->net->router_count; router++)
        tell_changes(r, router, prefix, before->of[router], after->of[router]);
}

// Routes of an UPDATE, which come or go.
struct table_change {
    uint32_t router;  // or another peer of the RIB
    bool comes;
    uint32_t attributes;  // 0 although they come: those did not fit
};

// Other peers of the RIB are looked after by those who opened them.
static struct route_router *session_of(struct route_role *r, uint32_t peer)
{
    return peer < r->net->router_count ? &r->routers[peer] : NULL;
}

static void note_full(struct route_role *r, uint32_t router)
{
    if (!session_of(r, router) || r->routers[router].was_partial)
        return;
    r->routers[router].was_partial = true;
    route_log("table_partial", "router=%s bytes=%zu does=\"learns no more, steers no more\"",
              r->net->routers[router].name, rib_bytes(r->rib));
}

// A route that somebody watches: what it does to the routes that may be steered is told.
static void apply(struct route_role *r, const struct table_change *change,
                  const struct bgp_route *route)
{
    struct prefix prefix = route->prefix;
    bool steerable = session_of(r, change->router) && is_steerable(r, prefix);
    struct views before = {0};
    if (steerable)
        before = views_of(r, prefix, NET_NOBODY);
    struct route_fib_before fib = {.goes = !change->comes};
    route_fib_before(r, change->router, route, 1, &fib);
    enum rib_change changed =
        change->comes
            ? rib_learn(r->rib, change->router, prefix, route->path_id, change->attributes)
            : rib_withdraw(r->rib, change->router, prefix, route->path_id);
    if (changed == RIB_FULL)
        note_full(r, change->router);
    if (changed == RIB_SAME)
        return;
    route_watch_change(r, change->router, prefix);
    route_fib_after(r, change->router, route, 1, &fib);
    if (!steerable)
        return;
    struct views after = views_of(r, prefix, NET_NOBODY);
    tell_all_changes(r, prefix, &before, &after);
    route_steer_recheck(r, prefix);
}

static void apply_batch(struct route_role *r, const struct table_change *change,
                        const struct bgp_route *routes, size_t count)
{
    struct route_fib_before fib = {.goes = !change->comes};
    route_fib_before(r, change->router, routes, count, &fib);
    struct rib_batch batch =
        change->comes ? rib_learn_batch(r->rib, change->router, routes, count, change->attributes)
                      : rib_withdraw_batch(r->rib, change->router, routes, count);
    if (batch.full)
        note_full(r, change->router);
    if (batch.changed > 0)
        route_fib_after(r, change->router, routes, count, &fib);
}

static bool is_refreshing(const struct route_role *r, uint32_t router, enum family family)
{
    if (router >= r->net->router_count)
        return false;  // another peer of the RIB
    const struct route_refresh *refresh = &r->routers[router].refreshes[family];
    return refresh->hearing || refresh->sweeping;
}

// Nearly all routes of a table are of no interest but to be there: they go in batches.
static void apply_all(struct route_role *r, const struct table_change *change, struct bgp_nlri nlri)
{
    struct bgp_route routes[RIB_BATCH_MAX];
    uint32_t count = 0, waiting = 0;
    if (nlri.family == FAMILY_NONE || cursor_left(&nlri.bytes) == 0)
        return;
    if (session_of(r, change->router))
        r->routers[change->router].heard_at[nlri.family] = r->now;
    bool refreshes = change->comes && is_refreshing(r, change->router, nlri.family);
    for (; bgp_nlri_next(&nlri, &routes[waiting]); count++) {
        if (refreshes)
            route_refresh_heard(r, change->router, &routes[waiting]);
        if (sieve_may_hold(&r->of_interest, &routes[waiting].prefix))
            apply(r, change, &routes[waiting]);
        else
            waiting++;
        if (waiting < RIB_BATCH_MAX)
            continue;
        apply_batch(r, change, routes, waiting);
        waiting = 0;
    }
    apply_batch(r, change, routes, waiting);
    route_watch_count(r, change->router, change->comes ? CHURN_ANNOUNCED : CHURN_WITHDRAWN, count);
}

void route_table_withdraw(struct route_role *r, uint32_t router, const struct bgp_route *route)
{
    apply(r, &(struct table_change){.router = router}, route);
}

static void withdraw_all_of(struct route_role *r, uint32_t router, struct bgp_nlri nlri)
{
    apply_all(r, &(struct table_change){.router = router}, nlri);
}

static bool is_known(const struct route_role *r, uint32_t router, const struct bgp_route *route)
{
    struct rib_path path;
    for (struct rib_paths paths = rib_peer_paths(r->rib, router, route->prefix);
         rib_paths_next(&paths, &path);)
        if (path.path_id == route->path_id)
            return true;
    return false;
}

// Near the limit each route is looked at by itself: those that are known may change, new ones come
// while there is room.
static void learn_within_limit(struct route_role *r, const struct table_change *change,
                               struct bgp_nlri nlri)
{
    struct table_change refused = {.router = change->router, .comes = true};
    struct bgp_route route;
    r->routers[change->router].heard_at[nlri.family] = r->now;
    bool refreshes = is_refreshing(r, change->router, nlri.family);
    while (bgp_nlri_next(&nlri, &route)) {
        if (refreshes)
            route_refresh_heard(r, change->router, &route);
        bool room = route_limit_room(r, change->router, nlri.family) > 0 ||
                    is_known(r, change->router, &route);
        if (!room)
            route_limit_reached(r, change->router, nlri.family);
        apply(r, room ? change : &refused, &route);
        route_watch_count(r, change->router, CHURN_ANNOUNCED, 1);
    }
}

static void learn_all(struct route_role *r, uint32_t router, struct bgp_nlri nlri,
                      const struct rib_attributes *attributes)
{
    if (nlri.family == FAMILY_NONE || cursor_left(&nlri.bytes) == 0)
        return;
    struct table_change change = {.router = router, .comes = true};
    change.attributes = rib_attributes_take(r->rib, attributes);
    if (route_limit_room(r, router, nlri.family) >= cursor_left(&nlri.bytes))
        apply_all(r, &change, nlri);
    else
        learn_within_limit(r, &change, nlri);
    rib_attributes_give(r->rib, change.attributes);
}

void route_table_update(struct route_role *r, uint32_t router, const struct bgp_update *update,
                        bool withdraw_all)
{
    withdraw_all_of(r, router, update->withdrawn);
    withdraw_all_of(r, router, update->mp_withdrawn);
    if (withdraw_all) {
        withdraw_all_of(r, router, update->announced);
        withdraw_all_of(r, router, update->mp_announced);
        return;
    }
    const struct bgp_attributes *a = &update->attributes;
    uint8_t scratch[RIB_RECEIVED_SCRATCH];
    struct rib_attributes attributes = rib_received(a, r->net->steer.marker, scratch);
    attributes.next_hop = a->next_hop;
    learn_all(r, router, update->announced, &attributes);
    attributes.next_hop = a->mp_next_hop;
    attributes.link_local = a->mp_link_local;
    learn_all(r, router, update->mp_announced, &attributes);
}

static void tell_whole(struct route_role *r, struct prefix prefix, const struct views *views,
                       bool is_there)
{
    for (uint32_t router = 0; router < r->net->router_count; router++) {
        struct view view = views->of[router], nothing = {0};
        tell_changes(r, router, prefix, is_there ? nothing : view, is_there ? view : nothing);
    }
}

void route_table_place(struct route_role *r, const struct effect_place *place)
{
    struct views views = views_of(r, place->prefix, NET_NOBODY),
                 out = views_of(r, place->instead, NET_NOBODY);
    if (!is_steerable(r, place->prefix) || !has_ways(r, &views) ||
        !route_known_exchange(&r->known, place->prefix, place->instead))
        return;
    tell_whole(r, place->instead, &out, false);
    tell_whole(r, place->prefix, &views, true);
}

struct forget {
    struct route_role *role;
    uint32_t router;
};

static void tell_lost(void *context, struct prefix prefix)
{
    const struct forget *forget = context;
    if (!sieve_may_hold(&forget->role->of_interest, &prefix) || !is_steerable(forget->role, prefix))
        return;
    struct views before = views_of(forget->role, prefix, NET_NOBODY);
    struct views after = views_of(forget->role, prefix, forget->router);
    tell_all_changes(forget->role, prefix, &before, &after);
}

void route_table_forget(struct route_role *r, uint32_t router)
{
    struct forget forget = {r, router};
    rib_each(rib_live(r->rib), router, tell_lost, &forget);
    rib_forget(r->rib, router);
    route_fib_tables_changed(r);
    route_watch_down(r, router);
    route_sweep(r);
    r->routers[router].was_partial = false;
    route_limit_forget(r, router);
    route_refresh_forget(r, router);
}
