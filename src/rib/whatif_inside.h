// SPDX-License-Identifier: ISC
// The question from inside; for whatif.c (paths, segment by segment) and whatif_decide.c (one
// prefix) alone.
#pragma once

#include "rib/table.h"
#include "rib/whatif.h"

enum { WHATIF_HOPS = NEXT_HOPS_MAX + 1 };
#define WHATIF_RANK_NONE UINT32_MAX          // no path
#define WHATIF_RANK_GROUP (UINT32_MAX - 1u)  // several paths: they are looked up anew

struct whatif_rank {  // what the decision sees of a set of attributes in one table
    uint64_t merit;
    uint32_t neighbour, med;
    uint32_t originator;  // 0: none
    uint16_t clusters;
    uint8_t way;   // WHATIF_NO_WAY: does not count
    uint8_t home;  // the router to which it is external; NET_ROUTERS_MAX: none
};

struct whatif_table {  // of one peer that counts
    uint32_t peer, router;
    bool session;
    uint32_t order;     // among all tables by the speaker's identifier and address; may be shared
    bool any, has_ids;  // in this segment
    uint32_t values[SEGMENT_SIZE], ids[SEGMENT_SIZE];
    uint32_t ranks[SEGMENT_SIZE];  // of values, in whatif.ranks
};

struct whatif_candidate {
    const struct whatif_rank *rank;
    const struct whatif_table *table;
    uint32_t path_id;
    uint64_t key;  // by the last steps, if no candidate has an originator or clusters; then the way
};

struct whatif_lowest {  // MED of the paths from one neighbour AS
    uint32_t neighbour, med;
};

struct whatif_contest {  // room for all paths to a prefix that the tables can have
    uint32_t count, group_ranks, left;
    uint64_t ways;
    bool odd;  // a candidate has an originator or clusters
    struct whatif_candidate *candidates;
    struct whatif_rank *ranks;  // of paths in groups
    const struct whatif_candidate **survivors;
    struct whatif_lowest *lowest;
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
    uint8_t way_of_hop[WHATIF_HOPS];
    // Of the segment at hand.
    uint32_t rank_count;
    bool fresh[SEGMENT_SIZE];  // something differs from the prefix before, in some table
    struct whatif_rank *ranks;
    // Of the prefix at hand.
    struct whatif_contest contest;
    struct whatif_move move;
    uint32_t table_count;
    struct whatif_table tables[];
};

bool whatif_contest_init(struct whatif_contest *c, size_t room);  // false: memory is out
void whatif_contest_done(struct whatif_contest *c);

struct whatif_rank whatif_rank(struct whatif *w, const struct whatif_table *table,
                               uint32_t attributes);
// Decides about the prefix at this place of the segment: fills w->move, all but the prefix.
void whatif_decide(struct whatif *w, uint32_t at);
