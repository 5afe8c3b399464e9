// SPDX-License-Identifier: ISC
// The question from inside; for its files alone: whatif.c (what is asked), whatif_ranks.c (sets of
// attributes), whatif_segment.c (prefixes, by words), whatif_decide.c (one prefix, by its sets).
#pragma once

#include "rib/table.h"
#include "rib/whatif.h"
#include "rib/whatif_ranks.h"
#include "rib/whatif_words.h"

enum { WHATIF_HOPS = NEXT_HOPS_MAX + 1, WHATIF_HOP_BESIDE = 0xfe };
static_assert((int)WHATIF_WAYS <= WHATIF_WORD_OWN_WAY, "a word has room for every way");

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
    uint32_t row;       // of whatif.words: by this order, then by peer
    uint8_t own_way;    // beside the upstreams of its router
    bool any, has_ids;  // in this segment
    const uint32_t *values;  // SEGMENT_SIZE: where they lie, or in
    uint32_t room[SEGMENT_SIZE], ids[SEGMENT_SIZE];
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
    uint32_t count, left;
    uint64_t ways;
    bool odd;  // a candidate has an originator or clusters
    struct whatif_candidate *candidates;
    struct whatif_rank *ranks;  // of the candidates
    const struct whatif_candidate **survivors;
    struct whatif_lowest *lowest;
};

struct whatif_outcome {       // of each prefix of an atom
    bool any, lost, one_way;  // as counted
};

struct whatif {
    const struct rib_view *view;
    const struct net *net;
    struct whatif_tell tell;
    uint64_t drained;           // ways
    uint32_t deciding_routers;  // those that are drained decide no more
    enum family family;
    uint32_t segment;
    struct whatif_counts counts[FAMILIES];
    uint8_t way_of_hop[WHATIF_HOPS];
    struct whatif_ranks ranks;
    uint8_t home_of_way[WHATIF_WORD_WAY + 1];  // NET_ROUTERS_MAX: nobody's
    bool shared_order, any_bmp;                // of two tables; of one
    struct whatif_words *words;                // by row
    uint32_t block_count;
    struct whatif_marks *marks;  // of each block of rows
    struct whatif_atoms atoms;
    struct whatif_best best;
    bool ids_count;  // where nothing else tells two tables' paths apart
    // Of the atom or prefix at hand.
    struct whatif_contest contest;
    struct whatif_move move;
    struct whatif_outcome outcome;
    uint32_t table_count;
    struct whatif_table tables[];
};

bool whatif_contest_init(struct whatif_contest *c, size_t room);  // false: memory is out
void whatif_contest_done(struct whatif_contest *c);

// The upstream whose next hop the set has; WHATIF_HOP_BESIDE.
uint8_t whatif_hop(struct whatif *w, uint32_t next_hop, uint32_t attributes);
struct whatif_rank whatif_rank(struct whatif *w, const struct whatif_table *table,
                               uint32_t attributes);
// The paths of the segment at hand and its atoms, then one of these: fills w->outcome and w->move,
// all but the prefix; the ways only if moves are told. By words where these suffice, else by
// whatif_decide() of a prefix.
void whatif_segment_look(struct whatif *w);
void whatif_segment_decide(struct whatif *w, uint32_t atom);
void whatif_decide(struct whatif *w, uint32_t at);
