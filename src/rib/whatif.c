// SPDX-License-Identifier: ISC
// Two passes over each segment of prefixes. The first goes through the peers' columns one after the
// other, as they lie in memory, and finds for every prefix which ways it has, and which of them
// have the best merit (LOCAL_PREF, length, ORIGIN). Only where a drained way is among those can
// anything move: removing a path that is not among the best changes neither the best merit nor what
// MED takes out of it. The second pass decides those few in full.
#include "rib/whatif.h"

#include "rib/table.h"

#include <stdio.h>
#include <stdlib.h>

enum { HOPS = NEXT_HOPS_MAX + 1, HOP_UNKNOWN = 0xff, HOP_BESIDE = 0xfe };

#define RANK_NONE UINT32_MAX         // no path
#define RANK_GROUP (UINT32_MAX - 1)  // several paths: they are looked up anew

struct rank {
    uint64_t merit;
    uint32_t neighbour, med;
    uint32_t originator;  // 0: none
    uint16_t clusters;
    uint8_t way;   // WHATIF_NO_WAY: does not count
    uint8_t home;  // the router to which it is external; UINT8_MAX: none
};

struct table {  // of one peer that counts
    uint32_t peer, router;
    bool session;
    uint32_t values[SEGMENT_SIZE], ids[SEGMENT_SIZE];
    uint32_t ranks[SEGMENT_SIZE];  // of values, in whatif.ranks
    bool any, has_ids;             // in this segment
};

struct candidate {
    const struct rank *rank;
    const struct table *table;
    uint32_t path_id;
};

struct lowest {  // MED of the paths from one neighbour AS
    uint32_t neighbour, med;
};

struct contest {  // room for all paths that the tables can have
    uint32_t count, group_ranks, left;
    struct candidate *candidates;
    struct rank *ranks;  // of paths in groups
    const struct candidate **survivors;
    struct lowest *lowest;
};

struct whatif {
    const struct rib_view *view;
    const struct net *net;
    struct whatif_tell tell;
    uint64_t drained;          // ways
    uint32_t drained_routers;  // those decide no more
    enum family family;
    uint32_t segment;
    struct whatif_counts counts[FAMILIES];
    uint8_t way_of_hop[HOPS];
    // Of the segment at hand.
    uint32_t rank_count;
    uint64_t best[SEGMENT_SIZE], ways[SEGMENT_SIZE], best_ways[SEGMENT_SIZE];
    uint64_t by_sessions[SEGMENT_SIZE];  // ways that sessions show: of these BMP says nothing new
    struct rank *ranks;
    struct contest contest;  // of the prefix at hand
    uint32_t table_count;
    struct table tables[];
};

// ---- what counts

static bool is_wanted(const struct whatif *w, uint32_t peer)
{
    enum rib_peer_kind kind = w->view->peers[peer].kind;
    return kind == RIB_PEER_BMP_IN || (kind == RIB_PEER_SESSION && peer < w->net->router_count);
}

static uint32_t count_tables(const struct rib_view *view)
{
    uint32_t count = 0;
    for (uint32_t peer = 0; peer < view->peer_end; peer++)
        count +=
            view->peers[peer].kind == RIB_PEER_SESSION || view->peers[peer].kind == RIB_PEER_BMP_IN;
    return count;
}

// Sessions have the lowest numbers, so they come first.
static void add_tables(struct whatif *w, const uint32_t *routers_of)
{
    for (uint32_t peer = 0; peer < w->view->peer_end; peer++) {
        if (!is_wanted(w, peer))
            continue;
        struct table *table = &w->tables[w->table_count++];
        table->peer = peer;
        table->router = routers_of[peer];
        table->session = w->view->peers[peer].kind == RIB_PEER_SESSION;
    }
}

static void set_drained(struct whatif *w, struct whatif_drain drain)
{
    w->drained = drain.upstreams;
    w->drained_routers = drain.routers;
    for (uint32_t u = 0; u < w->net->upstream_count; u++) {
        if (drain.routers >> w->net->upstreams[u].router & 1)
            w->drained |= UINT64_C(1) << u;
    }
    w->drained |= (uint64_t)drain.routers << WHATIF_BESIDE;
}

static bool contest_init(struct contest *c, size_t room)
{
    c->candidates = malloc(room * sizeof *c->candidates);
    c->ranks = malloc(room * sizeof *c->ranks);
    c->survivors = malloc(room * sizeof *c->survivors);
    c->lowest = malloc(room * sizeof *c->lowest);
    return c->candidates && c->ranks && c->survivors && c->lowest;
}

struct whatif *whatif_new(const struct rib_view *view, const struct net *net,
                          const uint32_t *routers_of, struct whatif_drain drain,
                          struct whatif_tell tell)
{
    uint32_t count = count_tables(view);
    struct whatif *w = calloc(1, sizeof *w + count * sizeof w->tables[0]);
    if (!w)
        return NULL;
    *w = (struct whatif){.view = view, .net = net, .tell = tell, .family = FAMILY_IPV4};
    memset(w->way_of_hop, HOP_UNKNOWN, sizeof w->way_of_hop);
    add_tables(w, routers_of);
    set_drained(w, drain);
    w->ranks = malloc(((size_t)w->table_count * SEGMENT_SIZE + 1) * sizeof *w->ranks);
    if (w->ranks && contest_init(&w->contest, w->table_count * RIB_PATHS_MAX + 1))
        return w;
    whatif_free(w);
    return NULL;
}

void whatif_free(struct whatif *w)
{
    if (!w)
        return;
    free(w->contest.candidates);
    free(w->contest.ranks);
    free(w->contest.survivors);
    free(w->contest.lowest);
    free(w->ranks);
    free(w);
}

const struct whatif_counts *whatif_counts(const struct whatif *w, enum family family)
{
    return &w->counts[family];
}

const char *whatif_way_name(const struct net *net, uint32_t way, char *text)
{
    uint32_t router = way - WHATIF_BESIDE;
    if (way < net->upstream_count)
        snprintf(text, WHATIF_WAY_TEXT_MAX, "%s", net->upstreams[way].name);
    else if (way >= WHATIF_BESIDE && router < net->router_count)
        snprintf(text, WHATIF_WAY_TEXT_MAX, "beside %s", net->routers[router].name);
    else
        snprintf(text, WHATIF_WAY_TEXT_MAX, "beside");
    return text;
}

// ---- one path

static uint8_t way_of_address(const struct whatif *w, struct address next_hop)
{
    uint32_t upstream = net_upstream_by_next_hop(w->net, next_hop);
    return upstream == NET_NOBODY ? HOP_BESIDE : (uint8_t)upstream;
}

static uint8_t hop_of(struct whatif *w, uint32_t next_hop, uint32_t attributes)
{
    if (next_hop == NEXT_HOP_NONE)
        return way_of_address(w, rib_view_attributes(w->view, attributes).next_hop);
    uint8_t *way = &w->way_of_hop[next_hop];
    if (*way == HOP_UNKNOWN)
        *way =
            way_of_address(w, next_hops_at(&w->view->rib->attributes.next_hops, next_hop)->address);
    return *way;
}

static struct rank rank_of(struct whatif *w, const struct table *table, uint32_t attributes)
{
    enum { CLUSTER_ID_BYTES = 4 };
    struct attributes_rank a = rib_rank(w->view, attributes);
    struct rank rank = {a.merit, a.neighbour, a.med, 0, 0, WHATIF_NO_WAY, UINT8_MAX};
    if (a.marked)
        return rank;
    uint8_t hop = hop_of(w, a.next_hop, attributes);
    uint32_t router = hop == HOP_BESIDE ? table->router : w->net->upstreams[hop].router;
    rank.way = hop != HOP_BESIDE      ? hop
               : router == NET_NOBODY ? WHATIF_BESIDE_NOBODY
                                      : (uint8_t)(WHATIF_BESIDE + router);
    rank.home = router == NET_NOBODY ? UINT8_MAX : (uint8_t)router;
    if (a.has_extras) {
        struct rib_attributes all = rib_view_attributes(w->view, attributes);
        rank.originator = all.originator_id;
        rank.clusters = (uint16_t)(all.cluster_list.size / CLUSTER_ID_BYTES);
    }
    return rank;
}

// ---- first pass

static void note(struct whatif *w, uint32_t at, const struct rank *rank)
{
    uint64_t bit = UINT64_C(1) << rank->way;
    w->ways[at] |= bit;
    if (rank->merit < w->best[at]) {
        w->best[at] = rank->merit;
        w->best_ways[at] = bit;
    } else if (rank->merit == w->best[at]) {
        w->best_ways[at] |= bit;
    }
}

static bool says_nothing_new(const struct whatif *w, const struct table *table, uint32_t at,
                             const struct rank *rank)
{
    return rank->way == WHATIF_NO_WAY || (!table->session && w->by_sessions[at] >> rank->way & 1);
}

static void note_group(struct whatif *w, struct table *table, uint32_t at)
{
    const struct group *group = group_at(&w->view->rib->slabs, table->values[at]);
    table->ranks[at] = RANK_GROUP;
    for (uint32_t i = 0; i < group->count; i++) {
        struct rank rank = rank_of(w, table, group->paths[i].attributes);
        if (!says_nothing_new(w, table, at, &rank))
            note(w, at, &rank);
    }
}

// Neighbours mostly have equal attributes: they are looked at once a run.
static uint32_t note_run(struct whatif *w, struct table *table, uint32_t at)
{
    uint32_t value = table->values[at], index = w->rank_count++;
    const struct rank rank = rank_of(w, table, value);
    w->ranks[index] = rank;
    for (; at < SEGMENT_SIZE && table->values[at] == value; at++) {
        bool skip = says_nothing_new(w, table, at, &rank);
        table->ranks[at] = skip ? RANK_NONE : index;
        if (!skip)
            note(w, at, &rank);
    }
    return at;
}

static void look_at_table(struct whatif *w, struct table *table)
{
    const struct column *column = w->view->peers[table->peer].columns[w->family];
    const struct chunk *chunk = column_chunk(column, w->segment);
    table->any = chunk != NULL;
    if (!chunk)
        return;
    table->has_ids = chunk->has_ids;
    chunk_expand(chunk, table->values, chunk->has_ids ? table->ids : NULL);
    for (uint32_t at = 0; at < SEGMENT_SIZE;) {
        if (table->values[at] != 0 && !(table->values[at] & SLOT_GROUP)) {
            at = note_run(w, table, at);
            continue;
        }
        table->ranks[at] = RANK_NONE;
        if (table->values[at] != 0)
            note_group(w, table, at);
        at++;
    }
}

static void look_at_segment(struct whatif *w)
{
    memset(w->ways, 0, sizeof w->ways);
    memset(w->best_ways, 0, sizeof w->best_ways);
    memset(w->by_sessions, 0, sizeof w->by_sessions);
    memset(w->best, 0xff, sizeof w->best);
    w->rank_count = 0;
    bool sessions = true;
    for (uint32_t i = 0; i < w->table_count; i++) {
        if (sessions && !w->tables[i].session)
            memcpy(w->by_sessions, w->ways, sizeof w->by_sessions);
        sessions = w->tables[i].session;
        look_at_table(w, &w->tables[i]);
    }
}

// ---- second pass

static void add_group(struct whatif *w, const struct table *table, uint32_t at)
{
    const struct group *group = group_at(&w->view->rib->slabs, table->values[at]);
    struct contest *c = &w->contest;
    for (uint32_t i = 0; i < group->count; i++) {
        struct rank *rank = &c->ranks[c->group_ranks];
        *rank = rank_of(w, table, group->paths[i].attributes);
        if (says_nothing_new(w, table, at, rank))
            continue;
        c->group_ranks++;
        c->candidates[c->count++] = (struct candidate){rank, table, group->paths[i].path_id};
    }
}

static void gather(struct whatif *w, uint32_t at)
{
    struct contest *c = &w->contest;
    c->count = c->group_ranks = 0;
    for (uint32_t i = 0; i < w->table_count; i++) {
        const struct table *table = &w->tables[i];
        uint32_t rank = table->any ? table->ranks[at] : RANK_NONE;
        if (rank == RANK_GROUP)
            add_group(w, table, at);
        else if (rank != RANK_NONE)
            c->candidates[c->count++] =
                (struct candidate){&w->ranks[rank], table, table->has_ids ? table->ids[at] : 0};
    }
}

static const struct rib_speaker *speaker_of(const struct whatif *w, const struct candidate *c)
{
    return &w->view->peers[c->table->peer].speaker;
}

static uint32_t id_of(const struct whatif *w, const struct candidate *c)
{
    return c->rank->originator ? c->rank->originator : speaker_of(w, c)->id;
}

// By the steps after eBGP and iBGP.
static bool comes_before(const struct whatif *w, const struct candidate *a,
                         const struct candidate *b)
{
    uint32_t id_a = id_of(w, a), id_b = id_of(w, b);
    if (id_a != id_b)
        return id_a < id_b;
    if (a->rank->clusters != b->rank->clusters)
        return a->rank->clusters < b->rank->clusters;
    int order = memcmp(speaker_of(w, a)->address.bytes, speaker_of(w, b)->address.bytes,
                       sizeof speaker_of(w, a)->address.bytes);
    if (order != 0)
        return order < 0;
    if (a->path_id != b->path_id)
        return a->path_id < b->path_id;
    return a->table->peer < b->table->peer;
}

static void keep_best_merit(struct contest *c, uint64_t without)
{
    uint64_t best = UINT64_MAX;
    c->left = 0;
    for (uint32_t i = 0; i < c->count; i++) {
        const struct rank *rank = c->candidates[i].rank;
        if (without >> rank->way & 1 || rank->merit > best)
            continue;
        if (rank->merit < best)
            c->left = 0;
        best = rank->merit;
        c->survivors[c->left++] = &c->candidates[i];
    }
}

static struct lowest *lowest_of(struct contest *c, uint32_t *count, const struct rank *rank)
{
    for (uint32_t i = 0; i < *count; i++) {
        if (c->lowest[i].neighbour == rank->neighbour)
            return &c->lowest[i];
    }
    c->lowest[*count] = (struct lowest){rank->neighbour, rank->med};
    return &c->lowest[(*count)++];
}

// MED compares only paths from one neighbour AS: of these the lowest stay.
static void keep_lowest_med(struct contest *c)
{
    uint32_t count = 0, kept = 0;
    for (uint32_t i = 0; i < c->left; i++) {
        const struct rank *rank = c->survivors[i]->rank;
        struct lowest *lowest = lowest_of(c, &count, rank);
        lowest->med = rank->med < lowest->med ? rank->med : lowest->med;
    }
    for (uint32_t i = 0; i < c->left && count < c->left; i++) {
        const struct rank *rank = c->survivors[i]->rank;
        if (rank->med == lowest_of(c, &count, rank)->med)
            c->survivors[kept++] = c->survivors[i];
    }
    c->left = count < c->left ? kept : c->left;  // each from another AS: all stay
}

// What each router uses; `without` are drained ways.
static void decide(struct whatif *w, uint64_t without, uint8_t *ways)
{
    struct contest *c = &w->contest;
    const struct candidate *own[NET_ROUTERS_MAX] = {NULL}, *first = NULL;
    keep_best_merit(c, without);
    keep_lowest_med(c);
    for (uint32_t i = 0; i < c->left; i++) {
        const struct candidate *candidate = c->survivors[i];
        uint8_t home = candidate->rank->home;
        if (!first || comes_before(w, candidate, first))
            first = candidate;
        if (home != UINT8_MAX && (!own[home] || comes_before(w, candidate, own[home])))
            own[home] = candidate;
    }
    for (uint32_t router = 0; router < w->net->router_count; router++) {
        const struct candidate *chosen = own[router] ? own[router] : first;
        ways[router] = chosen ? chosen->rank->way : WHATIF_NO_WAY;
    }
}

static void count_move(struct whatif *w, const struct whatif_move *move)
{
    struct whatif_counts *counts = &w->counts[w->family];
    uint64_t gained = 0;
    for (uint32_t router = 0; router < w->net->router_count; router++) {
        if (move->moved >> router & 1 && move->to[router] != WHATIF_NO_WAY)
            gained |= UINT64_C(1) << move->to[router];
    }
    counts->moved += gained != 0;
    for (; gained != 0; gained &= gained - 1)
        counts->gained[__builtin_ctzll(gained)]++;
}

static void decide_both(struct whatif *w, uint32_t at, struct whatif_move *move)
{
    gather(w, at);
    decide(w, 0, move->from);
    decide(w, w->drained, move->to);
    for (uint32_t router = 0; router < w->net->router_count; router++) {
        bool decides = !(w->drained_routers >> router & 1);
        move->moved |= (uint32_t)(decides && move->from[router] != move->to[router]) << router;
    }
}

static void look_at_prefix(struct whatif *w, uint32_t at)
{
    struct whatif_counts *counts = &w->counts[w->family];
    uint64_t before = w->ways[at], after = before & ~w->drained;
    bool one_way = after != 0 && (after & (after - 1)) == 0 && after != before;
    bool may_move = w->best_ways[at] & w->drained;
    counts->prefixes += before != 0;
    counts->lost += before != 0 && after == 0;
    counts->one_way += one_way;
    if (!may_move && !(w->tell.tell && one_way))
        return;
    struct whatif_move move = {.ways_before = before, .ways_after = after};
    if (may_move)
        decide_both(w, at, &move);
    if (move.moved)
        count_move(w, &move);
    if (!w->tell.tell || (move.moved == 0 && !one_way && after != 0))
        return;
    move.prefix = prefixes_at(&w->view->rib->prefixes[w->family], w->segment << SEGMENT_BITS | at);
    w->tell.tell(w->tell.context, &move);
}

bool whatif_step(struct whatif *w)
{
    while (w->family < FAMILIES && w->segment >= w->view->rib->prefixes[w->family].segment_count) {
        w->family++;
        w->segment = 0;
    }
    if (w->family == FAMILIES)
        return false;
    look_at_segment(w);
    for (uint32_t at = 0; at < SEGMENT_SIZE; at++) {
        if (w->ways[at] & w->drained)
            look_at_prefix(w, at);
        else
            w->counts[w->family].prefixes += w->ways[at] != 0;
    }
    w->segment++;
    return true;
}
