// SPDX-License-Identifier: ISC
// Two columns side by side: what the router's session tells, what its kernel has. Nearly all pairs
// of a next hop and a way out were met before in the same turn, and matched; the others are looked
// at one by one. Handles may name something else in a later turn, so a turn remembers for itself.
#include "rib/fib_inside.h"
#include "rib/table.h"

enum {
    SEGMENTS_PER_TURN = 48,  // about 5 ms
    PAIRS = 1024,
    WALK_REST_NS = 1000,  // after a walk, for each prefix: a fifth of the time at most
};

struct pair {
    uint32_t next_hop, way;  // numbers of the RIB's; way 0: the place is free
    uint32_t place;          // of the next hop among the followed ones
};

struct turn {
    struct fib *fib;
    struct mono now;
    enum family family;
    struct pair pairs[PAIRS];
};

void fib_walk_soon(struct fib *fib, struct mono now)
{
    if (!fib->walk_wanted && mono_reached(now, fib->walk_at))
        fib->walk_at = now;
    fib->walk_wanted = true;
}

static struct pair *place_of(struct turn *turn, uint32_t next_hop, uint32_t way)
{
    return &turn->pairs[(next_hop * 31 + way) % PAIRS];
}

static void count_next_hop(struct fib *fib, const struct fib_choice *choice, uint32_t *place)
{
    struct fib_next_hop *next_hop =
        choice->count > 0 ? fib_follow(fib, choice->ways[0].next_hop) : NULL;
    if (!next_hop)
        return;
    next_hop->counting++;
    *place = (uint32_t)((char *)next_hop - fib->next_hops.items) / sizeof *next_hop;
}

// One prefix the long way; what it teaches about its pair is kept in `pair`, unless that is NULL.
static void look_at(struct turn *turn, struct prefix prefix, const struct pair *like,
                    struct pair *pair)
{
    struct fib *fib = turn->fib;
    struct fib_view view;
    uint32_t place = UINT32_MAX;
    fib_compare(fib, prefix, &view);
    fib->counting.compared++;
    fib->counting.unknown += view.verdict == FIB_UNKNOWN;
    if (view.choice.is == FIB_CHOICE_MADE) {
        fib->counting.chosen++;
        count_next_hop(fib, &view.choice, &place);
    }
    fib_suspect_prefix(fib, turn->now, &view, &(struct fib_cause){.by_walk = true});
    bool teaches = pair && view.verdict == FIB_MATCH && view.choice.count == 1 &&
                   !view.choice.is_own && place != UINT32_MAX;
    if (teaches)
        *pair = (struct pair){like->next_hop, like->way, place};
}

// A prefix with a plain path and a plain route. Its text is read only where the pair is a new one.
static void look_at_pair(struct turn *turn, uint32_t id, const struct pair *like)
{
    struct fib *fib = turn->fib;
    struct pair *pair = place_of(turn, like->next_hop, like->way);
    bool is_known = pair->way == like->way && pair->next_hop == like->next_hop;
    if (!is_known || fib->suspects.count > 0) {
        look_at(turn, prefixes_at(&fib->rib->prefixes[turn->family], id), like, pair);
        return;
    }
    struct fib_next_hop *next_hop = keyed_at(&fib->next_hops, pair->place);
    next_hop->counting++;
    fib->counting.compared++;
    fib->counting.chosen++;
}

static void expand(const struct column *column, uint32_t segment, uint32_t *values, uint32_t *ids)
{
    const struct chunk *chunk = column_chunk(column, segment);
    if (chunk)
        chunk_expand(chunk, values, ids);
    for (uint32_t i = 0; !chunk && i < SEGMENT_SIZE; i++)
        values[i] = ids[i] = 0;
}

static void walk_segment(struct turn *turn, uint32_t segment)
{
    uint32_t paths[SEGMENT_SIZE], path_ids[SEGMENT_SIZE];
    uint32_t routes[SEGMENT_SIZE], metrics[SEGMENT_SIZE];
    struct fib *fib = turn->fib;
    const struct rib *rib = fib->rib;
    uint32_t said = fib->loc_rib != RIB_NO_PEER ? fib->loc_rib : fib->options.router;
    uint32_t kernel = fib->tables[turn->family].peer;
    expand(rib->live.peers[said].columns[turn->family], segment, paths, path_ids);
    expand(rib->live.peers[kernel].columns[turn->family], segment, routes, metrics);
    for (uint32_t slot = 0; slot < SEGMENT_SIZE; slot++) {
        if (paths[slot] == 0 && routes[slot] == 0)
            continue;
        uint32_t id = segment << SEGMENT_BITS | slot;
        bool is_plain = paths[slot] != 0 && routes[slot] != 0 && path_ids[slot] == 0 &&
                        !((paths[slot] | routes[slot]) & SLOT_GROUP);
        struct attributes_rank rank = {.marked = true};
        if (is_plain)
            rank = attributes_rank(&rib->attributes, paths[slot]);
        if (rank.marked || rank.next_hop == NEXT_HOP_NONE)
            look_at(turn, prefixes_at(&rib->prefixes[turn->family], id), NULL, NULL);
        else
            look_at_pair(turn, id, &(struct pair){rank.next_hop, routes[slot], 0});
    }
}

static void begin(struct fib *fib)
{
    const struct net *net = fib->options.net;
    fib->walk_wanted = false;
    fib->walks++;
    fib->walk_family = FAMILY_IPV4;
    fib->walk_segment = 0;
    fib->counting = (struct fib_counts){0};
    for (uint32_t i = 0; i < net->upstream_count; i++) {
        const struct net_upstream *upstream = &net->upstreams[i];
        for (enum family f = FAMILY_IPV4; f < FAMILIES && upstream->router == fib->options.router;
             f++) {
            if (upstream->next_hop[f].family != FAMILY_NONE)
                fib_follow(fib, upstream->next_hop[f]);
        }
    }
}

static void end(struct fib *fib, struct mono now)
{
    fib->walk_family = FAMILY_NONE;
    fib->walks_done = fib->walks;
    fib->counts = fib->counting;
    fib->compared_at = now;
    fib->walk_at =
        mono_add_ns(now, fib->options.settle_ns + (int64_t)fib->counts.compared * WALK_REST_NS);
    for (uint32_t place = 0; place < fib->next_hops.count; place++) {
        struct fib_next_hop *next_hop = keyed_at(&fib->next_hops, place);
        next_hop->uses = next_hop->counting;
        next_hop->counting = 0;
    }
    fib_suspects_walked(fib, now);
    fib_check_neighbours(fib, now);
    fib->rules_wanted = true;
}

bool fib_walk(struct fib *fib, struct mono now)
{
    if (mono_since_ns(now, fib->compared_at) >= (int64_t)FIB_WALK_S * NS_PER_S)
        fib_walk_soon(fib, now);
    if (fib->walk_family == FAMILY_NONE && fib->walk_wanted && mono_reached(now, fib->walk_at))
        begin(fib);
    if (fib->walk_family == FAMILY_NONE)
        return false;
    struct turn turn = {.fib = fib, .now = now, .family = fib->walk_family};
    for (int i = 0; i < SEGMENTS_PER_TURN; i++) {
        const struct prefixes *all = &fib->rib->prefixes[turn.family];
        if (fib->walk_segment < all->segment_count) {
            if (prefixes_records(all, fib->walk_segment))
                walk_segment(&turn, fib->walk_segment);
            fib->walk_segment++;
            continue;
        }
        fib->walk_segment = 0;
        fib->walk_family = turn.family = turn.family + 1;
        if (turn.family == FAMILIES) {
            end(fib, now);
            return false;
        }
    }
    return true;
}

// As the handle of a route's attributes says; the last answer is kept, as most routes share theirs.
struct haunting {
    const struct fib *fib;
    uint32_t attributes;
    bool is_ghost;
    struct fib_route route;
};

static bool is_ghost(struct haunting *haunting, const struct fib_table *table, uint32_t attributes)
{
    if (attributes == haunting->attributes)
        return haunting->is_ghost;
    struct rib_path path = {table->peer, 0, attributes};
    haunting->attributes = attributes;
    fib_route_read(haunting->fib->rib, table, &path, &haunting->route);
    haunting->is_ghost = fib_is_ghost(haunting->fib, &haunting->route);
    return haunting->is_ghost;
}

static void carry(struct fib *fib, enum family family, struct prefix prefix)
{
    struct rib_path path, there;
    struct fib_route route;
    if (!fib_route_first(fib->rib, &fib->tables[family], prefix, &path) ||
        fib_route_first(fib->rib, &fib->filling[family], prefix, &there))
        return;
    fib_route_read(fib->rib, &fib->tables[family], &path, &route);
    struct fib_key key = fib_key_of(FIB_OBJECT, route.nexthop, (struct address){0});
    if (keyed_find(&fib->suspects, &key))
        fib_route_learn(fib->rib, &fib->filling[family], prefix, &route);
}

void fib_carry_ghosts(struct fib *fib, enum family family)
{
    uint32_t routes[SEGMENT_SIZE], metrics[SEGMENT_SIZE];
    const struct fib_table *table = &fib->tables[family];
    const struct prefixes *all = &fib->rib->prefixes[family];
    struct haunting haunting = {.fib = fib};
    for (uint32_t segment = 0; segment < all->segment_count; segment++) {
        expand(fib->rib->live.peers[table->peer].columns[family], segment, routes, metrics);
        for (uint32_t slot = 0; slot < SEGMENT_SIZE; slot++) {
            bool is_single = routes[slot] != 0 && !(routes[slot] & SLOT_GROUP);
            if (is_single && is_ghost(&haunting, table, routes[slot]))
                carry(fib, family, prefixes_at(all, segment << SEGMENT_BITS | slot));
        }
    }
}
