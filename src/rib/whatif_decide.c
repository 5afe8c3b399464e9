// SPDX-License-Identifier: ISC
// One prefix, whatever its paths: which way each router uses now, and which then. Only where a
// drained way is among those with the best merit can anything move: taking out a path that is not
// among the best changes neither the best merit nor what MED takes out of it.
#include "rib/whatif_inside.h"

#include <stdlib.h>

bool whatif_contest_init(struct whatif_contest *c, size_t room)
{
    c->candidates = malloc(room * sizeof *c->candidates);
    c->ranks = malloc(room * sizeof *c->ranks);
    c->survivors = malloc(room * sizeof *c->survivors);
    c->lowest = malloc(room * sizeof *c->lowest);
    return c->candidates && c->ranks && c->survivors && c->lowest;
}

void whatif_contest_done(struct whatif_contest *c)
{
    free(c->candidates);
    free(c->ranks);
    free(c->survivors);
    free(c->lowest);
}

// ---- who takes part

enum { KEY_WAY_BITS = 6, KEY_PEER_BITS = 9, KEY_ID_BITS = 32, KEY_WAY = (1 << KEY_WAY_BITS) - 1 };
static_assert(WHATIF_WAYS <= 1 << KEY_WAY_BITS && RIB_PEERS_MAX <= 1 << KEY_PEER_BITS,
              "the parts of a key");

// The speaker's identifier and address, the path identifier, the peer: in the order of the steps.
static uint64_t key_of(const struct whatif_table *table, uint32_t path_id, uint8_t way)
{
    uint64_t key = (uint64_t)table->order << KEY_ID_BITS | path_id;
    return (key << KEY_PEER_BITS | table->peer) << KEY_WAY_BITS | way;
}

static void add(struct whatif_contest *c, const struct whatif_table *table,
                const struct whatif_rank *rank, uint32_t path_id)
{
    c->candidates[c->count++] = (struct whatif_candidate){
        .rank = rank, .table = table, .path_id = path_id, .key = key_of(table, path_id, rank->way)};
    c->ways |= UINT64_C(1) << rank->way;
    c->odd |= rank->originator != 0 || rank->clusters != 0;
}

// Echoes do not count; BMP says nothing new of ways that sessions show.
static bool is_in(const struct whatif_table *table, const struct whatif_rank *rank,
                  uint64_t by_sessions)
{
    return rank->way != WHATIF_NO_WAY && (table->session || !(by_sessions >> rank->way & 1));
}

static void add_path(struct whatif *w, const struct whatif_table *table, struct group_path path,
                     uint64_t by_sessions)
{
    struct whatif_contest *c = &w->contest;
    struct whatif_rank *rank = &c->ranks[c->count];
    *rank = whatif_rank(w, table, path.attributes);
    if (is_in(table, rank, by_sessions))
        add(c, table, rank, path.path_id);
}

static void empty(struct whatif_contest *c)
{
    c->count = 0;
    c->ways = 0;
    c->odd = false;
}

static void gather(struct whatif *w, uint32_t at)
{
    struct whatif_contest *c = &w->contest;
    uint64_t by_sessions = 0;
    empty(c);
    for (uint32_t i = 0; i < w->table_count; i++) {
        const struct whatif_table *table = &w->tables[i];
        uint32_t value = table->any ? table->values[at] : 0;
        const struct group *group =
            value & SLOT_GROUP ? group_at(&w->view->rib->slabs, value) : NULL;
        for (uint32_t path = 0; group && path < group->count; path++)
            add_path(w, table, group->paths[path], by_sessions);
        if (value != 0 && !group)
            add_path(w, table, (struct group_path){table->has_ids ? table->ids[at] : 0, value},
                     by_sessions);
        by_sessions = table->session ? c->ways : by_sessions;
    }
}

// Of a prefix wherever its columns lie.
static void gather_paths(struct whatif *w, struct prefix prefix)
{
    struct whatif_contest *c = &w->contest;
    struct rib_paths paths = rib_view_paths(w->view, 0, RIB_PEERS_MAX, prefix);
    uint64_t by_sessions = 0;
    uint32_t i = 0;
    empty(c);
    for (struct rib_path path; rib_paths_next(&paths, &path);) {
        while (i < w->table_count && w->tables[i].peer < path.peer)
            i++;
        if (i == w->table_count || w->tables[i].peer != path.peer)
            continue;
        add_path(w, &w->tables[i], (struct group_path){path.path_id, path.attributes}, by_sessions);
        by_sessions = w->tables[i].session ? c->ways : by_sessions;
    }
}

// ---- the steps

// True when a drained way is among those that stay.
static bool keep_best_merit(struct whatif_contest *c, uint64_t without, uint64_t drained)
{
    uint64_t best = UINT64_MAX, ways = 0;
    c->left = 0;
    for (uint32_t i = 0; i < c->count; i++) {
        const struct whatif_rank *rank = c->candidates[i].rank;
        if (rank->merit > best || without >> rank->way & 1)
            continue;
        if (rank->merit < best)
            c->left = 0, ways = 0;
        best = rank->merit;
        ways |= UINT64_C(1) << rank->way;
        c->survivors[c->left++] = &c->candidates[i];
    }
    return ways & drained;
}

static struct whatif_lowest *lowest_of(struct whatif_contest *c, uint32_t *count,
                                       const struct whatif_rank *rank)
{
    for (uint32_t i = 0; i < *count; i++) {
        if (c->lowest[i].neighbour == rank->neighbour)
            return &c->lowest[i];
    }
    c->lowest[*count] = (struct whatif_lowest){rank->neighbour, rank->med};
    return &c->lowest[(*count)++];
}

static bool all_have_one_med(const struct whatif_contest *c)
{
    for (uint32_t i = 1; i < c->left; i++) {
        if (c->survivors[i]->rank->med != c->survivors[0]->rank->med)
            return false;
    }
    return true;
}

// MED compares only paths from one neighbour AS: of these the lowest stay.
static void keep_lowest_med(struct whatif_contest *c)
{
    uint32_t count = 0, kept = 0;
    if (all_have_one_med(c))
        return;
    for (uint32_t i = 0; i < c->left; i++) {
        const struct whatif_rank *rank = c->survivors[i]->rank;
        struct whatif_lowest *lowest = lowest_of(c, &count, rank);
        lowest->med = rank->med < lowest->med ? rank->med : lowest->med;
    }
    for (uint32_t i = 0; i < c->left; i++) {
        const struct whatif_rank *rank = c->survivors[i]->rank;
        if (rank->med == lowest_of(c, &count, rank)->med)
            c->survivors[kept++] = c->survivors[i];
    }
    c->left = kept;
}

static const struct rib_speaker *speaker_of(const struct whatif *w,
                                            const struct whatif_candidate *c)
{
    return &w->view->peers[c->table->peer].speaker;
}

static uint32_t id_of(const struct whatif *w, const struct whatif_candidate *c)
{
    return c->rank->originator ? c->rank->originator : speaker_of(w, c)->id;
}

// By the steps after eBGP and iBGP.
static bool comes_before(const struct whatif *w, const struct whatif_candidate *a,
                         const struct whatif_candidate *b)
{
    if (!w->contest.odd)
        return a->key < b->key;
    uint32_t id_a = id_of(w, a), id_b = id_of(w, b);
    if (id_a != id_b)
        return id_a < id_b;
    if (a->rank->clusters != b->rank->clusters)
        return a->rank->clusters < b->rank->clusters;
    const struct address *of_a = &speaker_of(w, a)->address, *of_b = &speaker_of(w, b)->address;
    int order = memcmp(of_a->bytes, of_b->bytes, sizeof of_a->bytes);
    if (order != 0)
        return order < 0;
    if (a->path_id != b->path_id)
        return a->path_id < b->path_id;
    return a->table->peer < b->table->peer;
}

// The first of all, and of each router's own.
static void choose_ways(const struct whatif *w, uint8_t *ways)
{
    const struct whatif_contest *c = &w->contest;
    const struct whatif_candidate *own[NET_ROUTERS_MAX + 1] = {NULL}, *first = NULL;
    for (uint32_t i = 0; i < c->left; i++) {
        const struct whatif_candidate *candidate = c->survivors[i];
        uint8_t home = candidate->rank->home;
        if (!own[home] || comes_before(w, candidate, own[home]))
            own[home] = candidate;
        if (!first || comes_before(w, candidate, first))
            first = candidate;
    }
    for (uint32_t router = 0; router < w->net->router_count; router++) {
        const struct whatif_candidate *chosen = own[router] ? own[router] : first;
        ways[router] = chosen ? chosen->rank->way : WHATIF_NO_WAY;
    }
}

static void conclude(struct whatif *w)
{
    uint64_t before = w->contest.ways, after = before & ~w->drained;
    bool fewer = after != before;
    w->move = (struct whatif_move){.ways_before = before, .ways_after = after};
    w->outcome = (struct whatif_outcome){
        .any = before != 0,
        .lost = fewer && after == 0,
        .one_way = fewer && after != 0 && (after & (after - 1)) == 0,
    };
}

// Of what has the best merit.
static void decide(struct whatif *w, uint8_t *ways)
{
    keep_lowest_med(&w->contest);
    choose_ways(w, ways);
}

void whatif_decide(struct whatif *w, uint32_t at)
{
    struct whatif_move *move = &w->move;
    gather(w, at);
    conclude(w);
    if (move->ways_after == move->ways_before || !keep_best_merit(&w->contest, 0, w->drained))
        return;
    decide(w, move->from);
    (void)keep_best_merit(&w->contest, w->drained, 0);
    decide(w, move->to);
    for (uint32_t router = 0; router < w->net->router_count; router++)
        move->moved |= (uint32_t)(move->from[router] != move->to[router]) << router;
    move->moved &= w->deciding_routers;
}

static bool is_drained(const struct whatif *w, uint8_t way)
{
    return way != WHATIF_NO_WAY && w->drained >> way & 1;
}

bool whatif_fate(struct whatif *w, struct prefix prefix, struct whatif_fate *fate)
{
    uint8_t before[NET_ROUTERS_MAX], after[NET_ROUTERS_MAX];
    bool comes_in_elsewhere = false;
    gather_paths(w, prefix);
    if (w->contest.count == 0)
        return false;
    (void)keep_best_merit(&w->contest, 0, 0);
    decide(w, before);
    (void)keep_best_merit(&w->contest, w->drained, 0);
    decide(w, after);
    *fate = (struct whatif_fate){0};
    for (uint32_t r = 0; r < w->net->router_count; r++) {
        fate->before |= UINT64_C(1) << before[r];
        comes_in_elsewhere |= is_drained(w, before[r]) && !(w->deciding_routers >> r & 1);
    }
    fate->drained = fate->before & w->drained;
    for (uint32_t r = 0; r < w->net->router_count; r++)
        if (w->deciding_routers >> r & 1 && after[r] != WHATIF_NO_WAY &&
            (comes_in_elsewhere || is_drained(w, before[r])))
            fate->after |= UINT64_C(1) << after[r];
    return true;
}
