// SPDX-License-Identifier: ISC
// The prefixes of a segment: the columns of all tables as they lie in memory, the atoms that they
// make, a word for each path of an atom, and the decision by these words where they tell all that
// it asks: nearly everywhere.
#include "rib/whatif_inside.h"

// ---- what lies side by side

static const struct chunk *chunk_of(const struct whatif *w, const struct whatif_table *table)
{
    const struct column *column = w->view->peers[table->peer].columns[w->family];
    return column_chunk(column, w->segment);
}

static void open_chunk(struct whatif *w, struct whatif_table *table)
{
    const struct chunk *chunk = chunk_of(w, table);
    table->any = chunk != NULL;
    table->has_ids = chunk && chunk->has_ids;
    if (chunk)
        table->values = chunk_values(chunk, table->room);
    if (table->has_ids)
        chunk_expand(chunk, table->room, table->ids);
}

// Vector code but for the last: a loop has whole vectors, or compilers leave it as it is.
static void find_changes(uint32_t *restrict changes, const uint32_t *restrict values)
{
    enum { WHOLE = SEGMENT_SIZE - 16 };
    for (uint32_t at = 0; at < WHOLE; at++)
        changes[at] |= values[at] ^ values[at + 1];
    for (uint32_t at = WHOLE; at < SEGMENT_SIZE - 1; at++)
        changes[at] |= values[at] ^ values[at + 1];
}

static void find_atoms(struct whatif_atoms *atoms)
{
    uint32_t count = 1;
    memset(atoms->first, 0, sizeof atoms->first);
    for (uint32_t at = 1; at < SEGMENT_SIZE; at++) {
        atoms->first[count] = (uint16_t)at;
        count += atoms->changes[at - 1] != 0;
    }
    if (count < SEGMENT_SIZE)
        atoms->first[count] = 0;
    atoms->count = count;
    atoms->lanes = (count + WHATIF_LANES - 1) / WHATIF_LANES * WHATIF_LANES;
}

// ---- words of a table

static void find_words(const struct whatif *w, const struct whatif_table *table, int32_t *words)
{
    const struct whatif_atoms *atoms = &w->atoms;
    uint32_t places[SEGMENT_SIZE];
    for (size_t at = 0; at < atoms->lanes; at++) {
        uint32_t value = table->values[atoms->first[at]];
        bool is_group = value & SLOT_GROUP;
        places[at] = is_group ? WHATIF_PLACE_GROUP : whatif_ranks_at(&w->ranks, value);
        __builtin_prefetch(&w->ranks.words[places[at]]);
    }
    for (size_t at = 0; at < atoms->lanes; at++)
        words[at] = w->ranks.words[places[at]];
}

static void set_own_way(const struct whatif *w, const struct whatif_table *table,
                        int32_t *restrict words)
{
    int32_t to_own = table->own_way - WHATIF_WORD_OWN_WAY;
    to_own += w->drained >> table->own_way & 1 ? WHATIF_WORD_DRAINED : 0;
    for (size_t from = 0; from < w->atoms.lanes; from += WHATIF_LANES) {
        for (size_t at = from; at < from + WHATIF_LANES; at++)
            words[at] += (words[at] & WHATIF_WORD_WAY) == WHATIF_WORD_OWN_WAY ? to_own : 0;
    }
}

static void add_ways(const struct whatif *w, uint64_t *ways, const int32_t *words)
{
    for (size_t at = 0; at < w->atoms.lanes; at++)
        ways[at] |= UINT64_C(1) << (words[at] & WHATIF_WORD_WAY);
}

// BMP says nothing new of ways that sessions show.
static void drop_ways(const struct whatif *w, const uint64_t *ways, int32_t *words)
{
    for (size_t at = 0; at < w->atoms.lanes; at++) {
        uint32_t way = words[at] & WHATIF_WORD_WAY;
        bool is_known = ways[at] >> way & 1 && way != WHATIF_WORD_NO_WAY;
        words[at] |= is_known ? WHATIF_WORD_NONE : 0;
    }
}

static inline int32_t lower(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

// Loops that compilers turn into vector code, so without a branch: here every path passes.
static void enter_words(struct whatif_best *restrict best, const int32_t *restrict words,
                        size_t lanes)
{
    for (size_t from = 0; from < lanes; from += WHATIF_LANES) {
        for (size_t at = from; at < from + WHATIF_LANES; at++) {
            int32_t word = words[at];
            int32_t if_kept = word & WHATIF_WORD_DRAINED ? WHATIF_WORD_NONE : 0;
            int32_t kept = word | if_kept, drained = word | (if_kept ^ WHATIF_WORD_NONE);
            best->drained[at] = lower(best->drained[at], drained);
            best->kept[at] = lower(best->kept[at], kept);
            best->some[at] |= word & ~if_kept;
            best->all[at] &= kept;
        }
    }
}

static void clear_best(struct whatif_best *best)
{
    *best = (struct whatif_best){0};
    for (uint32_t at = 0; at < SEGMENT_SIZE; at++)
        best->drained[at] = best->kept[at] = best->all[at] = WHATIF_WORD_NONE;
}

static void clear_words(int32_t *words)
{
    for (uint32_t at = 0; at < SEGMENT_SIZE; at++)
        words[at] = WHATIF_WORD_NONE;
}

struct marked {  // of one block of tables
    uint32_t *before, *after;
    uint32_t bit;
};

// Vector code again.
static void mark_best(struct whatif_best *restrict best, const struct marked *marked,
                      const int32_t *restrict words, size_t lanes)
{
    uint32_t *restrict before = marked->before, *restrict after = marked->after;
    uint32_t bit = marked->bit;
    for (size_t from = 0; from < lanes; from += WHATIF_LANES) {
        for (size_t at = from; at < from + WHATIF_LANES; at++) {
            int32_t word = words[at];
            int32_t by_best = word ^ lower(best->drained[at], best->kept[at]);
            int32_t by_kept = word ^ best->kept[at];
            int32_t is_best = by_best >> WHATIF_WORD_MERIT == 0 ? -1 : 0;
            int32_t is_kept = by_kept >> WHATIF_WORD_MERIT == 0 ? -1 : 0;
            is_kept &= word & WHATIF_WORD_DRAINED ? 0 : -1;
            before[at] |= (uint32_t)is_best & bit;
            after[at] |= (uint32_t)is_kept & bit;
            best->differ[WHATIF_BEFORE][at] |= by_best & is_best;
            best->differ[WHATIF_AFTER][at] |= by_kept & is_kept;
        }
    }
}

static void mark_all(struct whatif *w)
{
    memset(w->marks, 0, w->block_count * sizeof *w->marks);
    for (uint32_t row = 0; row < w->table_count; row++) {
        struct whatif_marks *marks = &w->marks[row / WHATIF_BLOCK];
        struct marked marked = {marks->best[WHATIF_BEFORE], marks->best[WHATIF_AFTER],
                                1u << row % WHATIF_BLOCK};
        mark_best(&w->best, &marked, w->words[row].of, w->atoms.lanes);
    }
}

static void open_segment(struct whatif *w)
{
    memset(w->atoms.changes, 0, sizeof w->atoms.changes);
    w->ids_count = false;
    for (uint32_t i = 0; i < w->table_count; i++) {
        struct whatif_table *table = &w->tables[i];
        open_chunk(w, table);
        w->ids_count |= w->shared_order && table->has_ids;
        if (table->any)
            find_changes(w->atoms.changes, table->values);
        if (table->has_ids)
            find_changes(w->atoms.changes, table->ids);
    }
    find_atoms(&w->atoms);
}

void whatif_segment_look(struct whatif *w)
{
    uint64_t by_sessions[SEGMENT_SIZE] = {0};
    open_segment(w);
    clear_best(&w->best);
    for (uint32_t i = 0; i < w->table_count; i++) {
        struct whatif_table *table = &w->tables[i];
        int32_t *words = w->words[table->row].of;
        if (!table->any) {
            clear_words(words);
            continue;
        }
        find_words(w, table, words);
        set_own_way(w, table, words);
        if (!table->session)
            drop_ways(w, by_sessions, words);
        else if (w->any_bmp)
            add_ways(w, by_sessions, words);
        enter_words(&w->best, words, w->atoms.lanes);
    }
    mark_all(w);
}

// ---- an atom

enum { ANYBODY = NET_ROUTERS_MAX + 1, NO_ROW = WHATIF_BLOCK * RIB_PEERS_MAX };

static uint8_t way_at(const struct whatif *w, uint32_t row, uint32_t at)
{
    return row == NO_ROW ? WHATIF_NO_WAY : (uint8_t)(w->words[row].of[at] & WHATIF_WORD_WAY);
}

static uint8_t home_at(const struct whatif *w, uint32_t row, uint32_t at)
{
    return w->home_of_way[w->words[row].of[at] & WHATIF_WORD_WAY];
}

// The first of the best that is the router's own, or anybody's.
static uint32_t first_row(const struct whatif *w, uint32_t at, enum whatif_when when, uint32_t home)
{
    for (uint32_t block = 0; block < w->block_count; block++) {
        for (uint32_t bits = w->marks[block].best[when][at]; bits != 0; bits &= bits - 1) {
            uint32_t row = block * WHATIF_BLOCK + (uint32_t)__builtin_ctz(bits);
            if (home == ANYBODY || home_at(w, row, at) == home)
                return row;
        }
    }
    return NO_ROW;
}

// Bit by router: those that have one of the best for their own.
static uint32_t find_owners(const struct whatif *w, uint32_t at, enum whatif_when when)
{
    uint32_t owners = 0;
    for (uint32_t block = 0; block < w->block_count; block++) {
        for (uint32_t bits = w->marks[block].best[when][at]; bits != 0; bits &= bits - 1)
            owners |= 1u << home_at(w, block * WHATIF_BLOCK + (uint32_t)__builtin_ctz(bits), at);
    }
    return owners;
}

static void move_router(struct whatif *w, uint32_t at, uint32_t router, uint32_t from)
{
    uint32_t to = first_row(w, at, WHATIF_AFTER, router);
    if (to == NO_ROW)
        to = first_row(w, at, WHATIF_AFTER, ANYBODY);
    w->move.moved |= 1u << router;
    w->move.from[router] = way_at(w, from, at);
    w->move.to[router] = way_at(w, to, at);
}

// Those that have only others' paths follow the first. While the merit stays the same they get none
// of their own by that.
static void move_others(struct whatif *w, uint32_t at, uint32_t from)
{
    bool same = (w->best.drained[at] ^ w->best.kept[at]) >> WHATIF_WORD_MERIT == 0;
    uint32_t others = w->deciding_routers & ~find_owners(w, at, WHATIF_BEFORE);
    uint32_t owners = same ? 0 : others & find_owners(w, at, WHATIF_AFTER);
    uint8_t to = way_at(w, first_row(w, at, WHATIF_AFTER, ANYBODY), at);
    w->move.moved |= others;
    for (; others != 0; others &= others - 1) {
        uint32_t router = (uint32_t)__builtin_ctz(others);
        w->move.from[router] = way_at(w, from, at);
        w->move.to[router] = to;
    }
    for (; owners != 0; owners &= owners - 1)
        move_router(w, at, (uint32_t)__builtin_ctz(owners), from);
}

// What is best before and not after is drained; nothing else moves.
static void decide_by_words(struct whatif *w, uint32_t at)
{
    uint32_t first = first_row(w, at, WHATIF_BEFORE, ANYBODY);
    for (uint32_t block = 0; block < w->block_count; block++) {
        const struct whatif_marks *marks = &w->marks[block];
        uint32_t bits = marks->best[WHATIF_BEFORE][at] & ~marks->best[WHATIF_AFTER][at];
        for (; bits != 0; bits &= bits - 1) {
            uint32_t row = block * WHATIF_BLOCK + (uint32_t)__builtin_ctz(bits);
            uint8_t home = home_at(w, row, at);
            if (w->deciding_routers >> home & 1 && first_row(w, at, WHATIF_BEFORE, home) == row)
                move_router(w, at, home, row);
            if (row == first)
                move_others(w, at, row);
        }
    }
}

// False where the words of the best do not tell all that is asked.
static bool is_told(const struct whatif *w, uint32_t at)
{
    enum { ASKED = WHATIF_WORD_READ | WHATIF_WORD_MED };
    int32_t kept = w->best.kept[at], best = lower(w->best.drained[at], kept);
    bool any_after = kept != WHATIF_WORD_NONE;
    int32_t differ = w->best.differ[WHATIF_BEFORE][at];
    differ |= any_after ? w->best.differ[WHATIF_AFTER][at] : 0;
    return !(differ & ASKED) && !((best | (any_after ? kept : 0)) & WHATIF_WORD_READ);
}

static void find_ways(struct whatif *w, uint32_t at)
{
    const uint64_t no_path = UINT64_C(1) << WHATIF_WORD_NO_WAY;
    uint64_t ways = 0;
    for (uint32_t i = 0; i < w->table_count; i++)
        ways |= UINT64_C(1) << (w->words[i].of[at] & WHATIF_WORD_WAY);
    w->move.ways_before = ways & ~no_path;
    w->move.ways_after = ways & ~no_path & ~w->drained;
}

void whatif_segment_decide(struct whatif *w, uint32_t at)
{
    const struct whatif_best *best = &w->best;
    int32_t drained = best->drained[at], kept = best->kept[at];
    bool is_unknown = drained >> WHATIF_WORD_MERIT == WHATIF_MERIT_UNKNOWN || w->ids_count;
    bool may_move =
        drained != WHATIF_WORD_NONE && drained >> WHATIF_WORD_MERIT <= kept >> WHATIF_WORD_MERIT;
    struct whatif_outcome *outcome = &w->outcome;
    w->move.moved = 0;
    if (is_unknown || (may_move && !is_told(w, at))) {
        whatif_decide(w, w->atoms.first[at]);
        return;
    }
    if (may_move)
        decide_by_words(w, at);
    bool fewer = drained != WHATIF_WORD_NONE, none = kept == WHATIF_WORD_NONE;
    bool one = !none && !((best->some[at] ^ best->all[at]) & WHATIF_WORD_WAY);
    *outcome = (struct whatif_outcome){fewer || !none, fewer && none, fewer && one};
    if (w->tell.tell)
        find_ways(w, at);
}
