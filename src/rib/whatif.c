// SPDX-License-Identifier: ISC
// What is asked, of which tables; then all sets of attributes, and all segments of prefixes, one
// after the other.
#include "rib/whatif.h"

#include "rib/whatif_inside.h"

#include <stdio.h>
#include <stdlib.h>

enum { HOP_UNKNOWN = 0xff };

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

static uint8_t own_way_of(uint32_t router)
{
    return router == NET_NOBODY ? WHATIF_BESIDE_NOBODY : (uint8_t)(WHATIF_BESIDE + router);
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
        table->own_way = own_way_of(table->router);
        w->any_bmp |= !table->session;
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
        struct whatif_table *table = &w->tables[i];
        const struct rib_speaker *speaker = &w->view->peers[table->peer].speaker;
        for (uint32_t j = 0; j < w->table_count; j++) {
            const struct rib_speaker *other = &w->view->peers[w->tables[j].peer].speaker;
            int order = compare_speakers(other, speaker);
            table->order += order < 0;
            table->row += order < 0 || (order == 0 && j < i);
            w->shared_order |= order == 0 && j != i;
        }
    }
}

static void set_homes(struct whatif *w)
{
    memset(w->home_of_way, NET_ROUTERS_MAX, sizeof w->home_of_way);
    for (uint32_t u = 0; u < w->net->upstream_count; u++)
        w->home_of_way[u] = (uint8_t)w->net->upstreams[u].router;
    for (uint32_t router = 0; router < w->net->router_count; router++)
        w->home_of_way[WHATIF_BESIDE + router] = (uint8_t)router;
}

static void set_drained(struct whatif *w, struct whatif_drain drain)
{
    w->drained = drain.upstreams;
    w->deciding_routers = ~drain.routers & ((1u << w->net->router_count) - 1);
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
    set_drained(w, drain);
    set_homes(w);
    add_tables(w, routers_of);
    order_tables(w);
    w->words = calloc(count + 1, sizeof w->words[0]);
    w->block_count = count / WHATIF_BLOCK + 1;
    w->marks = calloc(w->block_count, sizeof w->marks[0]);
    if (w->words && w->marks && whatif_ranks_init(&w->ranks, &view->rib->attributes) &&
        whatif_contest_init(&w->contest, (size_t)count * RIB_PATHS_MAX + 1))
        return w;
    whatif_free(w);
    return NULL;
}

void whatif_free(struct whatif *w)
{
    if (!w)
        return;
    whatif_contest_done(&w->contest);
    whatif_ranks_done(&w->ranks);
    free(w->words);
    free(w->marks);
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
    return upstream == NET_NOBODY ? WHATIF_HOP_BESIDE : (uint8_t)upstream;
}

uint8_t whatif_hop(struct whatif *w, uint32_t next_hop, uint32_t attributes)
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
    uint8_t hop = whatif_hop(w, a.next_hop, attributes);
    uint32_t router = hop == WHATIF_HOP_BESIDE ? table->router : w->net->upstreams[hop].router;
    bool known = router != NET_NOBODY;
    rank.home = known ? (uint8_t)router : NET_ROUTERS_MAX;
    rank.way = hop != WHATIF_HOP_BESIDE ? hop : table->own_way;
    if (a.reflected) {
        struct rib_attributes all = rib_view_attributes(w->view, attributes);
        rank.originator = all.originator_id;
        rank.clusters = (uint16_t)(all.cluster_list.size / CLUSTER_ID_BYTES);
    }
    return rank;
}

// ---- what comes of it

static void count_gains(struct whatif *w, const struct whatif_move *move, uint32_t prefixes)
{
    struct whatif_counts *counts = &w->counts[w->family];
    uint64_t gained = 0;
    for (uint32_t moved = move->moved; moved != 0; moved &= moved - 1) {
        uint8_t to = move->to[__builtin_ctz(moved)];
        gained |= to == WHATIF_NO_WAY ? 0 : UINT64_C(1) << to;
    }
    counts->moved += gained != 0 ? prefixes : 0;
    for (; gained != 0; gained &= gained - 1)
        counts->gained[__builtin_ctzll(gained)] += prefixes;
}

static void count(struct whatif *w, uint32_t prefixes)
{
    struct whatif_counts *counts = &w->counts[w->family];
    const struct whatif_outcome *outcome = &w->outcome;
    counts->prefixes += outcome->any ? prefixes : 0;
    counts->lost += outcome->lost ? prefixes : 0;
    counts->one_way += outcome->one_way ? prefixes : 0;
    if (w->move.moved)
        count_gains(w, &w->move, prefixes);
}

static void tell(struct whatif *w, uint32_t first, uint32_t end)
{
    const struct whatif_outcome *outcome = &w->outcome;
    if (!w->tell.tell || (w->move.moved == 0 && !outcome->one_way && !outcome->lost))
        return;
    for (uint32_t at = first; at < end; at++) {
        uint32_t id = w->segment << SEGMENT_BITS | at;
        w->move.prefix = prefixes_at(&w->view->rib->prefixes[w->family], id);
        w->tell.tell(w->tell.context, &w->move);
    }
}

bool whatif_step(struct whatif *w)
{
    const struct whatif_atoms *atoms = &w->atoms;
    if (whatif_ranks_step(w))
        return true;
    while (w->family < FAMILIES && w->segment >= w->view->rib->prefixes[w->family].segment_count) {
        w->family++;
        w->segment = 0;
    }
    if (w->family == FAMILIES)
        return false;
    whatif_segment_look(w);
    for (uint32_t atom = 0; atom < atoms->count; atom++) {
        uint32_t end = atom + 1 < atoms->count ? atoms->first[atom + 1] : SEGMENT_SIZE;
        whatif_segment_decide(w, atom);
        count(w, end - atoms->first[atom]);
        tell(w, atoms->first[atom], end);
    }
    w->segment++;
    return true;
}
