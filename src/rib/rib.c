// SPDX-License-Identifier: ISC
#include "rib/rib.h"

#include "rib/best.h"
#include "rib/trie.h"

#include <assert.h>
#include <stdlib.h>

// One peer's path. Those of a prefix hang on its node, in no order.
struct route {
    uint32_t next;
    uint32_t path_id;
    uint32_t attributes;
    uint16_t epoch;  // alive while it is the peer's
    uint16_t peer;
};

struct rib_peer {
    enum rib_peer_kind kind;
    uint16_t epoch;
    bool partial, complete[FAMILIES];
    uint32_t routes[FAMILIES];  // alive
};

struct rib {
    struct pool_budget budget;
    struct trie trie;
    struct pool routes;
    struct attributes attributes;
    struct rib_peer peers[RIB_PEERS_MAX];
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
    for (uint32_t peer = 0; peer < NET_ROUTERS_MAX; peer++)
        rib->peers[peer].kind = RIB_PEER_SESSION;
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
    return route->epoch == rib->peers[route->peer].epoch;
}

// Takes the route that `link` names off its node and frees it.
static void unlink_route(struct rib *rib, uint32_t *link, enum family family)
{
    uint32_t route = *link;
    struct route *r = route_at(rib, route);
    if (is_alive(rib, r))
        rib->peers[r->peer].routes[family]--;
    *link = r->next;
    attributes_give(&rib->attributes, r->attributes);
    pool_give(&rib->routes, route);
}

static void drop_if_empty(struct rib *rib, const struct trie_node *node)
{
    if (node->value == 0)
        trie_drop(&rib->trie, trie_prefix(node));
}

// The link to the peer's route with this identifier, or to the end of the list. `alive` gets how
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
        if (route->peer == like->peer && route->path_id == like->path_id)
            return link;
        *alive += route->peer == like->peer;
        link = &route->next;
    }
    return link;
}

static enum rib_change replace(struct rib *rib, struct route *route, uint32_t attributes)
{
    uint32_t before = route->attributes;
    if (before == attributes)
        return RIB_SAME;
    attributes_hold(&rib->attributes, attributes);
    route->attributes = attributes;
    attributes_give(&rib->attributes, before);
    return RIB_CHANGED;
}

static bool add(struct rib *rib, uint32_t *link, struct route route, enum family family)
{
    uint32_t made = pool_take(&rib->routes);
    if (made == 0)
        return false;
    *route_at(rib, made) = route;
    *link = made;
    attributes_hold(&rib->attributes, route.attributes);
    rib->peers[route.peer].routes[family]++;
    return true;
}

// What does not fit leaves nothing behind, and what it was to replace is no longer true.
static enum rib_change refuse(struct rib *rib, const struct route *like, struct prefix prefix)
{
    rib->peers[like->peer].partial = true;
    rib_withdraw(rib, like->peer, prefix, like->path_id);
    return RIB_FULL;
}

enum rib_change rib_learn(struct rib *rib, uint32_t peer, struct prefix prefix, uint32_t path_id,
                          uint32_t attributes)
{
    assert(rib->peers[peer].kind != RIB_PEER_NONE && prefix.address.family != FAMILY_NONE);
    struct route route = {
        .peer = (uint16_t)peer,
        .path_id = path_id,
        .epoch = rib->peers[peer].epoch,
        .attributes = attributes,
    };
    uint32_t at = attributes == 0 ? 0 : trie_make(&rib->trie, prefix);
    if (at == 0)
        return refuse(rib, &route, prefix);
    struct trie_node *node = trie_at(&rib->trie, at);
    uint32_t alive;
    uint32_t *link = find_link(rib, node, &route, &alive);
    if (*link != 0)
        return replace(rib, route_at(rib, *link), attributes);
    if (alive < RIB_PATHS_MAX && add(rib, link, route, prefix.address.family))
        return RIB_CHANGED;
    drop_if_empty(rib, node);
    return refuse(rib, &route, prefix);
}

enum rib_change rib_withdraw(struct rib *rib, uint32_t peer, struct prefix prefix, uint32_t path_id)
{
    uint32_t at = trie_find(&rib->trie, prefix);
    if (at == 0)
        return RIB_SAME;
    struct trie_node *node = trie_at(&rib->trie, at);
    struct route like = {.peer = (uint16_t)peer, .path_id = path_id};
    uint32_t alive;
    uint32_t *link = find_link(rib, node, &like, &alive);
    bool found = *link != 0;
    if (found)
        unlink_route(rib, link, prefix.address.family);
    drop_if_empty(rib, node);
    return found ? RIB_CHANGED : RIB_SAME;
}

void rib_forget(struct rib *rib, uint32_t peer)
{
    struct rib_peer *p = &rib->peers[peer];
    bool again = p->epoch == UINT16_MAX;  // an old epoch is about to come round
    while (again && rib_sweep(rib))
        ;
    *p = (struct rib_peer){.kind = p->kind, .epoch = (uint16_t)(p->epoch + 1)};
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
        find_link(rib, node, &(struct route){.peer = UINT16_MAX}, &alive);
        drop_if_empty(rib, node);
        if (rib->trie.nodes.reached == 0)
            rib->sweep_left = 0;
    }
    return rib->sweep_left > 0;
}

uint32_t rib_peer_open(struct rib *rib, enum rib_peer_kind kind)
{
    assert(kind != RIB_PEER_NONE && kind != RIB_PEER_SESSION);
    for (uint32_t peer = NET_ROUTERS_MAX; peer < RIB_PEERS_MAX; peer++) {
        if (rib->peers[peer].kind != RIB_PEER_NONE)
            continue;
        rib->peers[peer].kind = kind;
        return peer;
    }
    return RIB_NO_PEER;
}

void rib_peer_close(struct rib *rib, uint32_t peer)
{
    assert(peer >= NET_ROUTERS_MAX);
    rib_forget(rib, peer);
    rib->peers[peer].kind = RIB_PEER_NONE;
}

enum rib_peer_kind rib_peer_kind(const struct rib *rib, uint32_t peer)
{
    return rib->peers[peer].kind;
}

void rib_peer_complete(struct rib *rib, uint32_t peer, enum family family)
{
    rib->peers[peer].complete[family] = true;
}

bool rib_peer_is_complete(const struct rib *rib, uint32_t peer, enum family family)
{
    return rib->peers[peer].complete[family];
}

bool rib_peer_is_partial(const struct rib *rib, uint32_t peer)
{
    return rib->peers[peer].partial;
}

uint32_t rib_attributes_take(struct rib *rib, const struct rib_attributes *attributes)
{
    return attributes_take(&rib->attributes, attributes);
}

void rib_attributes_give(struct rib *rib, uint32_t attributes)
{
    if (attributes != 0)
        attributes_give(&rib->attributes, attributes);
}

struct rib_attributes rib_attributes(const struct rib *rib, uint32_t attributes)
{
    return *attributes_at(&rib->attributes, attributes);
}

uint32_t rib_route_count(const struct rib *rib, uint32_t peer, enum family family)
{
    return rib->peers[peer].routes[family];
}

size_t rib_bytes(const struct rib *rib)
{
    return rib->budget.used;
}

static struct rib_paths paths_of(const struct rib *rib, struct prefix prefix, uint32_t from,
                                 uint32_t to)
{
    uint32_t at = trie_find(&rib->trie, prefix);
    return (struct rib_paths){rib, at ? trie_at(&rib->trie, at)->value : 0, from, to};
}

struct rib_paths rib_paths(const struct rib *rib, struct prefix prefix)
{
    return paths_of(rib, prefix, 0, RIB_PEERS_MAX);
}

struct rib_paths rib_session_paths(const struct rib *rib, struct prefix prefix)
{
    return paths_of(rib, prefix, 0, NET_ROUTERS_MAX);
}

struct rib_paths rib_peer_paths(const struct rib *rib, uint32_t peer, struct prefix prefix)
{
    return paths_of(rib, prefix, peer, peer + 1);
}

bool rib_paths_next(struct rib_paths *paths, struct rib_path *path)
{
    while (paths->next != 0) {
        const struct route *route = route_at(paths->rib, paths->next);
        paths->next = route->next;
        if (!is_alive(paths->rib, route) || route->peer < paths->peers_from ||
            route->peer >= paths->peers_to)
            continue;
        *path = (struct rib_path){route->peer, route->path_id, route->attributes};
        return true;
    }
    return false;
}

bool rib_best(const struct rib *rib, uint32_t peer, struct prefix prefix, struct rib_path *best)
{
    struct rib_path candidates[RIB_PATHS_MAX], path;
    size_t count = 0;
    for (struct rib_paths paths = rib_peer_paths(rib, peer, prefix);
         rib_paths_next(&paths, &path);) {
        if (!attributes_at(&rib->attributes, path.attributes)->marked)
            candidates[count++] = path;
    }
    if (count == 0)
        return false;
    *best = candidates[rib_best_of(rib, candidates, count)];
    return true;
}

static bool node_is_alive(const struct rib *rib, const struct trie_node *node, uint32_t peer)
{
    struct rib_paths paths = {rib, node->value, 0, RIB_PEERS_MAX};
    if (peer != RIB_NO_PEER)
        paths = (struct rib_paths){rib, node->value, peer, peer + 1};
    struct rib_path path;
    return rib_paths_next(&paths, &path);
}

struct match {
    const struct rib *rib;
    uint32_t peer;
    struct prefix longest;
};

static void take_longer(void *context, const struct trie_node *node)
{
    struct match *match = context;
    if (node_is_alive(match->rib, node, match->peer))
        match->longest = trie_prefix(node);
}

bool rib_longest_match(const struct rib *rib, uint32_t peer, struct address address,
                       struct prefix *longest)
{
    struct match match = {.rib = rib, .peer = peer};
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
    if (node_is_alive(v->rib, node, RIB_NO_PEER))
        v->visit(v->context, trie_prefix(node));
}

void rib_each_inside(const struct rib *rib, struct prefix outer,
                     void (*visit)(void *context, struct prefix prefix), void *context)
{
    struct visit v = {rib, visit, context};
    trie_inside(&rib->trie, outer, visit_alive, &v);
}
