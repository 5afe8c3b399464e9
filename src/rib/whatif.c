// SPDX-License-Identifier: ISC
// Segments of prefixes, one after the other: the columns of all tables as they lie in memory,
// attributes looked at once a run of prefixes that share them. Prefixes that differ in no table
// from the one before are decided as that was.
#include "rib/whatif.h"

#include "rib/whatif_inside.h"

#include <stdio.h>
#include <stdlib.h>

enum { HOP_UNKNOWN = 0xff, HOP_BESIDE = 0xfe };

// ---- what counts

static bool is_wanted(const struct rib_view *view, const struct net *net, uint32_t peer)
{
    enum rib_peer_kind kind = view->peers[peer].kind;
    return kind == RIB_PEER_BMP_IN || (kind == RIB_PEER_SESSION && peer < net->router_count);
}

static uint32_t count_tables(const struct rib_view *view, const struct net *net)
{
    uint32_t count = 0;
    for (uint32_t peer = 0; peer < view->peer_end; peer++)
        count += is_wanted(view, net, peer);
    return count;
}

// Sessions have the lowest numbers, so they come first.
static void add_tables(struct whatif *w, const uint32_t *routers_of)
{
    for (uint32_t peer = 0; peer < w->view->peer_end; peer++) {
        if (!is_wanted(w->view, w->net, peer))
            continue;
        struct whatif_table *table = &w->tables[w->table_count++];
        table->peer = peer;
        table->router = routers_of[peer];
        table->session = w->view->peers[peer].kind == RIB_PEER_SESSION;
    }
}

static int compare_speakers(const struct rib_speaker *a, const struct rib_speaker *b)
{
    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    return memcmp(a->address.bytes, b->address.bytes, sizeof a->address.bytes);
}

static void order_tables(struct whatif *w)
{
    for (uint32_t i = 0; i < w->table_count; i++) {
        const struct rib_speaker *speaker = &w->view->peers[w->tables[i].peer].speaker;
        for (uint32_t j = 0; j < w->table_count; j++) {
            const struct rib_speaker *other = &w->view->peers[w->tables[j].peer].speaker;
            w->tables[i].order += compare_speakers(other, speaker) < 0;
        }
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

struct whatif *whatif_new(const struct rib_view *view, const struct net *net,
                          const uint32_t *routers_of, struct whatif_drain drain,
                          struct whatif_tell tell)
{
    uint32_t count = count_tables(view, net);
    struct whatif *w = calloc(1, sizeof *w + count * sizeof w->tables[0]);
    if (!w)
        return NULL;
    *w = (struct whatif){.view = view, .net = net, .tell = tell, .family = FAMILY_IPV4};
    memset(w->way_of_hop, HOP_UNKNOWN, sizeof w->way_of_hop);
    add_tables(w, routers_of);
    order_tables(w);
    set_drained(w, drain);
    w->ranks = malloc(((size_t)count * SEGMENT_SIZE + 1) * sizeof *w->ranks);
    if (w->ranks && whatif_contest_init(&w->contest, (size_t)count * RIB_PATHS_MAX + 1))
        return w;
    whatif_free(w);
    return NULL;
}

void whatif_free(struct whatif *w)
{
    if (!w)
        return;
    whatif_contest_done(&w->contest);
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

// ---- a set of attributes

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
    const struct next_hops *all = &w->view->rib->attributes.next_hops;
    if (*way == HOP_UNKNOWN)
        *way = way_of_address(w, next_hops_at(all, next_hop)->address);
    return *way;
}

struct whatif_rank whatif_rank(struct whatif *w, const struct whatif_table *table,
                               uint32_t attributes)
{
    enum { CLUSTER_ID_BYTES = 4 };
    struct attributes_rank a = rib_rank(w->view, attributes);
    struct whatif_rank rank = {a.merit, a.neighbour, a.med, 0, 0, WHATIF_NO_WAY, NET_ROUTERS_MAX};
    if (a.marked)
        return rank;
    uint8_t hop = hop_of(w, a.next_hop, attributes);
    uint32_t router = hop == HOP_BESIDE ? table->router : w->net->upstreams[hop].router;
    bool known = router != NET_NOBODY;
    rank.home = known ? (uint8_t)router : NET_ROUTERS_MAX;
    rank.way = hop != HOP_BESIDE ? hop
               : known           ? (uint8_t)(WHATIF_BESIDE + router)
                                 : WHATIF_BESIDE_NOBODY;
    if (a.reflected) {
        struct rib_attributes all = rib_view_attributes(w->view, attributes);
        rank.originator = all.originator_id;
        rank.clusters = (uint16_t)(all.cluster_list.size / CLUSTER_ID_BYTES);
    }
    return rank;
}

// ---- a segment

// Prefixes in a row that share their attributes in one table.
struct runs {
    uint32_t count;
    uint16_t starts[SEGMENT_SIZE + 1];  // and where the last one ends
};

static void find_runs(const struct whatif_table *table, struct runs *runs)
{
    uint32_t count = 0, before = table->values[0];
    runs->starts[count++] = 0;
    for (uint32_t at = 1; at < SEGMENT_SIZE; at++) {
        uint32_t value = table->values[at];
        runs->starts[count] = (uint16_t)at;
        count += value != before;
        before = value;
    }
    runs->count = count;
    runs->starts[count] = SEGMENT_SIZE;
}

static bool is_single(uint32_t value)
{
    return value != 0 && !(value & SLOT_GROUP);
}

// Where the attributes of a run lie, or nowhere. To be fetched some runs ahead, for they lie
// anywhere in memory; in look_at_column(), for gcc drops calls of a function that only fetches.
static const char *place_of_run(const struct whatif *w, const struct whatif_table *table,
                                const struct runs *runs, uint32_t run)
{
    uint32_t value = run < runs->count ? table->values[runs->starts[run]] : 0;
    return is_single(value) ? slabs_at(&w->view->rib->slabs, value) : (const char *)table;
}

static uint32_t rank_of_run(struct whatif *w, const struct whatif_table *table, uint32_t value)
{
    if (!is_single(value))
        return value ? WHATIF_RANK_GROUP : WHATIF_RANK_NONE;
    w->ranks[w->rank_count] = whatif_rank(w, table, value);
    return w->rank_count++;
}

static void look_at_column(struct whatif *w, struct whatif_table *table)
{
    enum { AHEAD = 16, SET_BYTES = 48 };  // a set is mostly shorter, and begins anywhere in a line
    struct runs runs;
    find_runs(table, &runs);
    for (uint32_t run = 0; run < AHEAD; run++)
        __builtin_prefetch(place_of_run(w, table, &runs, run));
    for (uint32_t run = 0; run < runs.count; run++) {
        const char *place = place_of_run(w, table, &runs, run + AHEAD);
        __builtin_prefetch(place);
        __builtin_prefetch(place + SET_BYTES);
        uint32_t from = runs.starts[run], to = runs.starts[run + 1];
        uint32_t rank = rank_of_run(w, table, table->values[from]);
        w->fresh[from] = true;
        for (uint32_t at = from; at < to; at++)
            table->ranks[at] = rank;
    }
    for (uint32_t at = 1; table->has_ids && at < SEGMENT_SIZE; at++)
        w->fresh[at] |= table->ids[at] != table->ids[at - 1];
}

static void look_at_segment(struct whatif *w)
{
    memset(w->fresh, 0, sizeof w->fresh);
    w->fresh[0] = true;
    w->rank_count = 0;
    for (uint32_t i = 0; i < w->table_count; i++) {
        struct whatif_table *table = &w->tables[i];
        const struct column *column = w->view->peers[table->peer].columns[w->family];
        const struct chunk *chunk = column_chunk(column, w->segment);
        table->any = chunk != NULL;
        if (!chunk)
            continue;
        table->has_ids = chunk->has_ids;
        chunk_expand(chunk, table->values, chunk->has_ids ? table->ids : NULL);
        look_at_column(w, table);
    }
}

// ---- what comes of it

static void count_gains(struct whatif *w, const struct whatif_move *move)
{
    struct whatif_counts *counts = &w->counts[w->family];
    uint64_t gained = 0;
    for (uint32_t moved = move->moved; moved != 0; moved &= moved - 1) {
        uint8_t to = move->to[__builtin_ctz(moved)];
        gained |= to == WHATIF_NO_WAY ? 0 : UINT64_C(1) << to;
    }
    counts->moved += gained != 0;
    for (; gained != 0; gained &= gained - 1)
        counts->gained[__builtin_ctzll(gained)]++;
}

static void count(struct whatif *w, uint32_t at)
{
    struct whatif_counts *counts = &w->counts[w->family];
    struct whatif_move *move = &w->move;
    uint64_t before = move->ways_before, after = move->ways_after;
    bool one_way = after != before && after != 0 && (after & (after - 1)) == 0;
    bool lost = after != before && after == 0;
    counts->prefixes += before != 0;
    counts->lost += lost;
    counts->one_way += one_way;
    if (move->moved)
        count_gains(w, move);
    if (!w->tell.tell || (move->moved == 0 && !one_way && !lost))
        return;
    move->prefix = prefixes_at(&w->view->rib->prefixes[w->family], w->segment << SEGMENT_BITS | at);
    w->tell.tell(w->tell.context, move);
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
        if (w->fresh[at])
            whatif_decide(w, at);
        count(w, at);
    }
    w->segment++;
    return true;
}
