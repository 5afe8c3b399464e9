// SPDX-License-Identifier: ISC
#include "rib/fib_route.h"

#include "base/cursor.h"
#include "base/writer.h"

#include <assert.h>
#include <string.h>

enum { ROUTE_BYTES_MAX = 12 + KERNEL_HOPS_MAX * 22 };
enum { IS_CUT = 1, IS_DEAD = 1, IS_WRAPPED = 2 };

static int compare_hops(const struct kernel_hop *a, const struct kernel_hop *b)
{
    if (a->link != b->link)
        return a->link < b->link ? -1 : 1;
    if (a->gateway.family != b->gateway.family)
        return a->gateway.family < b->gateway.family ? -1 : 1;
    return memcmp(a->gateway.bytes, b->gateway.bytes, sizeof a->gateway.bytes);
}

// The kernel does not always tell them in the same order.
static void add_hop(struct fib_route *route, struct kernel_hop hop)
{
    uint8_t place = route->hop_count;
    while (place > 0 && compare_hops(&route->hops[place - 1], &hop) > 0) {
        route->hops[place] = route->hops[place - 1];
        place--;
    }
    route->hops[place] = hop;
    route->hop_count++;
}

struct fib_route fib_route_of(const struct kernel_route *from, const struct fib_state *state)
{
    const struct fib_nexthop *object =
        from->nexthop != 0 ? fib_nexthop(state, from->nexthop) : NULL;
    struct fib_route route;
    route.metric = from->metric;
    route.nexthop = from->nexthop;
    route.generation = object ? object->generation : 0;
    route.type = from->type;
    route.protocol = from->protocol;
    route.is_cut = from->is_cut;
    route.hop_count = 0;
    // Where an object says where packets go, what stands beside it is a copy that may grow old.
    for (uint8_t i = 0; from->nexthop == 0 && i < from->hop_count; i++)
        add_hop(&route, from->hops[i]);
    return route;
}

static void write_route(struct writer *w, const struct fib_route *route)
{
    writer_u8(w, route->type);
    writer_u8(w, route->protocol);
    writer_u8(w, route->is_cut ? IS_CUT : 0);
    writer_be32(w, route->nexthop);
    writer_be32(w, route->generation);
    writer_u8(w, route->hop_count);
    for (uint8_t i = 0; i < route->hop_count; i++) {
        const struct kernel_hop *hop = &route->hops[i];
        writer_u8(w, (uint8_t)hop->gateway.family);
        writer_bytes(w, hop->gateway.bytes, family_bits(hop->gateway.family) / 8);
        writer_be32(w, hop->link);
        writer_u8(w, (uint8_t)(hop->is_dead * IS_DEAD | hop->is_wrapped * IS_WRAPPED));
    }
    assert(writer_ok(w));
}

void fib_route_read(const struct rib *rib, const struct fib_table *table,
                    const struct rib_path *path, struct fib_route *route)
{
    struct bgp_bytes bytes = rib_attributes(rib, path->attributes).others;
    struct cursor c = cursor_over(bytes.bytes, bytes.size);
    route->metric = path->path_id ^ table->usual;
    route->type = cursor_u8(&c);
    route->protocol = cursor_u8(&c);
    route->is_cut = cursor_u8(&c) & IS_CUT;
    route->nexthop = cursor_be32(&c);
    route->generation = cursor_be32(&c);
    route->hop_count = cursor_u8(&c);
    for (uint8_t i = 0; i < route->hop_count; i++) {
        struct kernel_hop *hop = &route->hops[i];
        enum family family = (enum family)cursor_u8(&c);
        hop->gateway = (struct address){.family = family};
        size_t size = family_bits(family) / 8;
        const uint8_t *at = cursor_bytes(&c, size);
        memcpy(hop->gateway.bytes, at ? at : hop->gateway.bytes, at ? size : 0);
        hop->link = cursor_be32(&c);
        uint8_t flags = cursor_u8(&c);
        hop->is_dead = flags & IS_DEAD;
        hop->is_wrapped = flags & IS_WRAPPED;
    }
    assert(cursor_ok(&c));  // these are our own octets
}

static uint32_t take(struct rib *rib, const uint8_t *bytes, size_t size)
{
    struct rib_attributes attributes = {.others = {bytes, size}};
    return rib_attributes_take(rib, &attributes);
}

void fib_route_learn(struct rib *rib, const struct fib_table *table, struct prefix prefix,
                     const struct fib_route *route)
{
    uint8_t bytes[ROUTE_BYTES_MAX];
    struct writer w = writer_over(bytes, sizeof bytes);
    write_route(&w, route);
    uint32_t taken = take(rib, bytes, w.size);
    uint32_t path_id = fib_path_id(table, route->metric);
    (void)rib_learn(rib, table->peer, prefix, path_id, taken);  // what does not fit is partial
    rib_attributes_give(rib, taken);
}

static void flush(struct rib *rib, struct fib_route_way *way, uint32_t peer)
{
    if (way->waiting > 0)
        (void)rib_learn_batch(rib, peer, way->routes, way->waiting, way->attributes);
    way->waiting = 0;
}

static bool is_way(const struct fib_route_way *way, const struct kernel_route *route)
{
    bool has_hop = route->nexthop == 0 && route->hop_count > 0;
    if (way->nexthop != route->nexthop || way->type != route->type ||
        way->protocol != route->protocol || way->has_hop != has_hop)
        return false;
    return !has_hop || (compare_hops(&way->hop, &route->hops[0]) == 0 &&
                        way->hop.is_dead == route->hops[0].is_dead &&
                        way->hop.is_wrapped == route->hops[0].is_wrapped);
}

// The place of the way, of a free one near it, or of one that must leave.
static struct fib_route_way *place_of(struct fib_route_ways *ways, const struct kernel_route *route)
{
    enum { NEAR = 8 };
    uint32_t sum = route->nexthop * 31 + route->protocol;
    if (route->nexthop == 0 && route->hop_count > 0) {
        uint32_t words[4];
        memcpy(words, route->hops[0].gateway.bytes, sizeof words);
        sum = (words[0] ^ words[1] ^ words[2] ^ words[3]) * 0x9e3779b1 >> 16 ^ route->hops[0].link;
    }
    for (uint32_t i = 0; i < NEAR; i++) {
        struct fib_route_way *way = &ways->places[(sum + i) % FIB_ROUTE_WAYS];
        if (way->attributes == 0 || is_way(way, route))
            return way;
    }
    return &ways->places[sum % FIB_ROUTE_WAYS];
}

static void take_place(struct rib *rib, struct fib_route_way *way, const struct kernel_route *route,
                       const struct fib_state *state)
{
    uint8_t bytes[ROUTE_BYTES_MAX];
    struct writer w = writer_over(bytes, sizeof bytes);
    struct fib_route kept = fib_route_of(route, state);
    write_route(&w, &kept);
    rib_attributes_give(rib, way->attributes);
    way->attributes = take(rib, bytes, w.size);
    way->nexthop = route->nexthop;
    way->type = route->type;
    way->protocol = route->protocol;
    way->has_hop = kept.hop_count > 0;
    if (way->has_hop)
        way->hop = kept.hops[0];
}

static void count_metric(struct fib_route_ways *ways, uint32_t metric)
{
    if (ways->lead == 0)
        ways->common = metric;
    ways->lead = metric == ways->common ? ways->lead + 1 : ways->lead - 1;
}

void fib_route_gather(struct rib *rib, struct fib_route_ways *ways, const struct fib_table *table,
                      const struct kernel_route *route, const struct fib_state *state)
{
    if (route->is_cut || (route->nexthop == 0 && route->hop_count > 1)) {
        struct fib_route kept = fib_route_of(route, state);
        fib_route_learn(rib, table, route->prefix, &kept);
        return;
    }
    count_metric(ways, route->metric);
    struct fib_route_way *way = place_of(ways, route);
    if (way->attributes == 0 || !is_way(way, route)) {
        flush(rib, way, table->peer);
        take_place(rib, way, route, state);
    }
    way->routes[way->waiting++] =
        (struct bgp_route){route->prefix, fib_path_id(table, route->metric)};
    if (way->waiting == RIB_BATCH_MAX)
        flush(rib, way, table->peer);
}

void fib_route_flush(struct rib *rib, struct fib_route_ways *ways, const struct fib_table *table)
{
    for (uint32_t i = 0; i < FIB_ROUTE_WAYS; i++)
        flush(rib, &ways->places[i], table->peer);
}

void fib_route_forget(struct rib *rib, struct fib_route_ways *ways)
{
    for (uint32_t i = 0; i < FIB_ROUTE_WAYS; i++) {
        rib_attributes_give(rib, ways->places[i].attributes);
        ways->places[i].attributes = 0;
        ways->places[i].waiting = 0;
    }
}

bool fib_route_first(const struct rib *rib, const struct fib_table *table, struct prefix prefix,
                     struct rib_path *first)
{
    struct rib_paths paths = rib_peer_paths(rib, table->peer, prefix);
    if (!rib_paths_next(&paths, first))
        return false;
    for (struct rib_path path; rib_paths_next(&paths, &path);) {
        if ((path.path_id ^ table->usual) < (first->path_id ^ table->usual))
            *first = path;
    }
    return true;
}

void fib_route_lose_hops(struct fib_route *route, const struct fib_route *gone)
{
    uint8_t kept = 0;
    for (uint8_t i = 0; i < route->hop_count; i++) {
        bool goes = false;
        for (uint8_t j = 0; j < gone->hop_count; j++)
            goes |= compare_hops(&route->hops[i], &gone->hops[j]) == 0;
        if (!goes)
            route->hops[kept++] = route->hops[i];
    }
    route->hop_count = kept;
}
