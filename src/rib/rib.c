// SPDX-License-Identifier: ISC
#include "rib/rib.h"

#include "rib/best.h"
#include "rib/trie.h"

#include <assert.h>
#include <stdlib.h>

// One router's path. Those of a prefix hang on its node, in no order.
struct route {
    uint32_t next;
    uint32_t path_id;
    const struct rib_attributes *attributes;
    uint16_t epoch;  // alive while it is the router's
    uint8_t router;
};

struct rib_router {
    uint16_t epoch;
    bool partial;
    uint32_t routes[FAMILIES];  // alive
};

struct rib {
    struct pool_budget budget;
    struct trie trie;
    struct pool routes;
    struct attributes attributes;
    struct rib_router routers[NET_ROUTERS_MAX];
    uint32_t sweep_left;  // nodes from here down to 1 may hold the dead; 0: none does
};

struct rib *rib_new(size_t bytes_max, struct siphash_key key)
{
    struct rib *rib = calloc(1, sizeof *rib);
    if (!rib)
        return NULL;
    rib->budget.max = bytes_max;
    trie_init(&rib->trie, &rib->budget);
    pool_init(&rib->routes, sizeof(struct route), &rib->budget);
    attributes_init(&rib->attributes, &rib->budget, key);
    return rib;
}

void rib_free(struct rib *rib)
{
    if (!rib)
        return;
    trie_done(&rib->trie);
    pool_done(&rib->routes);
    attributes_done(&rib->attributes);
    free(rib);
}

static struct route *route_at(const struct rib *rib, uint32_t route)
{
    return (struct route *)pool_at(&rib->routes, route);
}

static bool is_alive(const struct rib *rib, const struct route *route)
{
    return route->epoch == rib->routers[route->router].epoch;
}

// Takes the route that `link` names off its node and frees it.
static void unlink_route(struct rib *rib, uint32_t *link, enum family family)
{
    uint32_t route = *link;
    struct route *r = route_at(rib, route);
    if (is_alive(rib, r))
        rib->routers[r->router].routes[family]--;
    *link = r->next;
    attributes_give(&rib->attributes, r->attributes);
    pool_give(&rib->routes, route);
}

static void drop_if_empty(struct rib *rib, const struct trie_node *node)
{
    if (node->value == 0)
        trie_drop(&rib->trie, trie_prefix(node));
}

// The link to the router's route with this identifier, or to the end of the list. `alive` gets how
// many living ones of the router were passed. The dead met on the way go.
static uint32_t *find_link(struct rib *rib, struct trie_node *node, const struct route *like,
                           uint32_t *alive)
{
    uint32_t *link = &node->value;
    *alive = 0;
    while (*link != 0) {
        struct route *route = route_at(rib, *link);
        if (!is_alive(rib, route)) {
            unlink_route(rib, link, (enum family)node->family);
            continue;
        }
        if (route->router == like->router && route->path_id == like->path_id)
            return link;
        *alive += route->router == like->router;
        link = &route->next;
    }
    return link;
}

static enum rib_change replace(struct rib *rib, struct route *route,
                               const struct rib_attributes *kept)
{
    const struct rib_attributes *before = route->attributes;
    route->attributes = kept;
    attributes_give(&rib->attributes, before);  // the same set: one user too many
    return kept == before ? RIB_SAME : RIB_CHANGED;
}

static bool add(struct rib *rib, uint32_t *link, struct route route, enum family family)
{
    uint32_t made = pool_take(&rib->routes);
    if (made == 0)
        return false;
    *route_at(rib, made) = route;
    *link = made;
    rib->routers[route.router].routes[family]++;
    return true;
}

// What does not fit leaves nothing behind, and what it was to replace is no longer true.
static enum rib_change refuse(struct rib *rib, const struct route *like, struct prefix prefix)
{
    rib->routers[like->router].partial = true;
    rib_withdraw(rib, like->router, prefix, like->path_id);
    return RIB_FULL;
}

enum rib_change rib_learn(struct rib *rib, uint32_t router, struct prefix prefix, uint32_t path_id,
                          const struct rib_attributes *attributes)
{
    assert(router < NET_ROUTERS_MAX && prefix.address.family != FAMILY_NONE);
    struct route route = {
        .router = (uint8_t)router,
        .path_id = path_id,
        .epoch = rib->routers[router].epoch,
    };
    route.attributes = attributes_take(&rib->attributes, attributes);
    if (!route.attributes)
        return refuse(rib, &route, prefix);
    uint32_t at = trie_make(&rib->trie, prefix);
    if (at == 0) {
        attributes_give(&rib->attributes, route.attributes);
        return refuse(rib, &route, prefix);
    }
    struct trie_node *node = trie_at(&rib->trie, at);
    uint32_t alive;
    uint32_t *link = find_link(rib, node, &route, &alive);
    if (*link != 0)
        return replace(rib, route_at(rib, *link), route.attributes);
    if (alive < RIB_PATHS_MAX && add(rib, link, route, prefix.address.family))
        return RIB_CHANGED;
    attributes_give(&rib->attributes, route.attributes);
    drop_if_empty(rib, node);
    return refuse(rib, &route, prefix);
}

enum rib_change rib_withdraw(struct rib *rib, uint32_t router, struct prefix prefix,
                             uint32_t path_id)
{
    uint32_t at = trie_find(&rib->trie, prefix);
    if (at == 0)
        return RIB_SAME;
    struct trie_node *node = trie_at(&rib->trie, at);
    struct route like = {.router = (uint8_t)router, .path_id = path_id};
    uint32_t alive;
    uint32_t *link = find_link(rib, node, &like, &alive);
    bool found = *link != 0;
    if (found)
        unlink_route(rib, link, prefix.address.family);
    drop_if_empty(rib, node);
    return found ? RIB_CHANGED : RIB_SAME;
}

void rib_forget(struct rib *rib, uint32_t router)
{
    struct rib_router *r = &rib->routers[router];
    bool again = r->epoch == UINT16_MAX;  // an old epoch is about to come round
    while (again && rib_sweep(rib))
        ;
    *r = (struct rib_router){.epoch = (uint16_t)(r->epoch + 1)};
    rib->sweep_left = rib->trie.nodes.reached;
    while (again && rib_sweep(rib))
        ;
}

bool rib_sweep(struct rib *rib)
{
    uint32_t reached = rib->trie.nodes.reached;
    if (rib->sweep_left > reached)
        rib->sweep_left = reached;
    for (uint32_t step = 0; step < RIB_SWEEP_STEP && rib->sweep_left > 0; step++) {
        struct trie_node *node = trie_at(&rib->trie, rib->sweep_left--);
        if (node->family == FAMILY_NONE || node->value == 0)
            continue;
        uint32_t alive;
        find_link(rib, node, &(struct route){.router = UINT8_MAX}, &alive);
        drop_if_empty(rib, node);
        if (rib->trie.nodes.reached == 0)
            rib->sweep_left = 0;
    }
    return rib->sweep_left > 0;
}

bool rib_is_partial(const struct rib *rib, uint32_t router)
{
    return rib->routers[router].partial;
}

uint32_t rib_route_count(const struct rib *rib, uint32_t router, enum family family)
{
    return rib->routers[router].routes[family];
}

size_t rib_bytes(const struct rib *rib)
{
    return rib->budget.used;
}

struct rib_paths rib_paths(const struct rib *rib, struct prefix prefix)
{
    uint32_t at = trie_find(&rib->trie, prefix);
    return (struct rib_paths){rib, at ? trie_at(&rib->trie, at)->value : 0};
}

bool rib_paths_next(struct rib_paths *paths, struct rib_path *path)
{
    while (paths->next != 0) {
        const struct route *route = route_at(paths->rib, paths->next);
        paths->next = route->next;
        if (!is_alive(paths->rib, route))
            continue;
        *path = (struct rib_path){route->router, route->path_id, route->attributes};
        return true;
    }
    return false;
}

bool rib_best(const struct rib *rib, uint32_t router, struct prefix prefix, struct rib_path *best)
{
    struct rib_path candidates[RIB_PATHS_MAX], path;
    size_t count = 0;
    for (struct rib_paths paths = rib_paths(rib, prefix); rib_paths_next(&paths, &path);) {
        if (path.router == router && !path.attributes->marked)
            candidates[count++] = path;
    }
    if (count == 0)
        return false;
    *best = candidates[rib_best_of(candidates, count)];
    return true;
}

static bool node_is_alive(const struct rib *rib, const struct trie_node *node)
{
    struct rib_paths paths = {rib, node->value};
    struct rib_path path;
    return rib_paths_next(&paths, &path);
}

struct match {
    const struct rib *rib;
    struct prefix longest;
};

static void take_longer(void *context, const struct trie_node *node)
{
    struct match *match = context;
    if (node_is_alive(match->rib, node))
        match->longest = trie_prefix(node);
}

bool rib_longest_match(const struct rib *rib, struct address address, struct prefix *longest)
{
    struct match match = {.rib = rib};
    trie_matches(&rib->trie, address, take_longer, &match);
    if (match.longest.address.family == FAMILY_NONE)
        return false;
    *longest = match.longest;
    return true;
}

struct visit {
    const struct rib *rib;
    void (*visit)(void *context, struct prefix prefix);
    void *context;
};

static void visit_alive(void *context, const struct trie_node *node)
{
    const struct visit *v = context;
    if (node_is_alive(v->rib, node))
        v->visit(v->context, trie_prefix(node));
}

void rib_each_inside(const struct rib *rib, struct prefix outer,
                     void (*visit)(void *context, struct prefix prefix), void *context)
{
    struct visit v = {rib, visit, context};
    trie_inside(&rib->trie, outer, visit_alive, &v);
}
