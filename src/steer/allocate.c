// SPDX-License-Identifier: ISC
#include "steer/allocate.h"

#include "base/amount.h"

#include <assert.h>
#include <string.h>

enum {
    DIGIT_BITS = 11,
    DIGITS = 1 << DIGIT_BITS,
    ROUNDS = 3,  // 33 bits: all of a demand
    FEW = 64,    // to clear the counts of digits takes longer
    PPM = 1000 * 1000,
};

struct pair {  // from one upstream to another, and what a unit of traffic saves
    uint32_t from, to, gain_ppm;
    uint32_t behind, distance;  // behind the best way, in steps; see is_before()
};

struct work {
    const struct allocate_question *q;
    const struct allocate_space *space;
    struct allocate_answer *out;
    uint64_t room_kbps[ALLOCATE_UPSTREAMS_MAX];
    uint32_t ranks[ALLOCATE_UPSTREAMS_MAX];      // upstreams, who loses most first
    uint32_t begin[ALLOCATE_UPSTREAMS_MAX + 1];  // of the items that leave by each upstream
    uint32_t at[ALLOCATE_UPSTREAMS_MAX];         // the next of them
    uint32_t pair_count, pairs_begin[ALLOCATE_UPSTREAMS_MAX + 1];
    struct pair pairs[ALLOCATE_UPSTREAMS_MAX * ALLOCATE_UPSTREAMS_MAX];
};

uint64_t allocate_room_kbps(const struct allocate_upstream *u, const struct allocate_limits *limits)
{
    if (!u->open)
        return 0;
    if (limits->ignores_capacity)
        return UINT64_MAX;
    if (u->capacity_kbps == ALLOCATE_UNKNOWN || u->use_kbps == ALLOCATE_UNKNOWN)
        return 0;
    uint32_t ppm = u->headroom_ppm ? u->headroom_ppm : limits->headroom_ppm;
    uint64_t most = u->capacity_kbps / PPM * ppm + u->capacity_kbps % PPM * ppm / PPM;
    if (u->all_kbps > 0 && u->all_kbps <= most)
        return UINT64_MAX;
    return most > u->use_kbps ? most - u->use_kbps : 0;
}

static bool has_room(const struct allocate_question *q, uint32_t to)
{
    return allocate_room_kbps(&q->upstreams[to], &q->limits) > 0;
}

// Same country before same region before any (detection.md 4.2).
static uint32_t distance(const struct allocate_upstream *a, const struct allocate_upstream *b)
{
    if (a->country && a->country == b->country)
        return 0;
    return a->region && a->region == b->region ? 1 : 2;
}

static uint32_t gain_ppm(const struct allocate_question *q, uint32_t from, uint32_t to)
{
    uint32_t low = q->upstreams[from].loss_low_ppm, high = q->upstreams[to].loss_high_ppm;
    return from != to && low > high ? low - high : 0;
}

// Of the ways of one upstream, those that gain as much as the best, but for less than what is worth
// a move, are as good: then the nearer one is better.
static bool is_before(const struct pair *a, const struct pair *b)
{
    if (a->behind != b->behind)
        return a->behind < b->behind;
    if (a->distance != b->distance)
        return a->distance < b->distance;
    return a->gain_ppm > b->gain_ppm;  // the earlier one stays first
}

static void find_pairs_from(struct work *w, uint32_t from)
{
    const struct allocate_question *q = w->q;
    uint32_t best_ppm = 0, step_ppm = q->limits.gain_ppm > 0 ? q->limits.gain_ppm : 1;
    for (uint32_t to = 0; to < q->upstream_count; to++)
        if (has_room(q, to) && gain_ppm(q, from, to) > best_ppm)
            best_ppm = gain_ppm(q, from, to);
    for (uint32_t to = 0; to < q->upstream_count; to++) {
        uint32_t gain = gain_ppm(q, from, to), place = w->pair_count;
        if (!has_room(q, to) || gain < step_ppm)
            continue;
        struct pair pair = {from, to, gain, (best_ppm - gain) / step_ppm,
                            distance(&q->upstreams[from], &q->upstreams[to])};
        for (; place > w->pairs_begin[from] && is_before(&pair, &w->pairs[place - 1]); place--)
            w->pairs[place] = w->pairs[place - 1];
        w->pairs[place] = pair;
        w->pair_count++;
    }
    w->pairs_begin[from + 1] = w->pair_count;
}

// Who loses most chooses first: a unit of room gains most there, whichever the target.
static void rank(struct work *w)
{
    const struct allocate_upstream *upstreams = w->q->upstreams;
    for (uint32_t u = 0; u < w->q->upstream_count; u++) {
        uint32_t place = u;
        for (; place > 0; place--) {
            if (upstreams[u].loss_low_ppm <= upstreams[w->ranks[place - 1]].loss_low_ppm)
                break;
            w->ranks[place] = w->ranks[place - 1];
        }
        w->ranks[place] = u;
    }
}

// Items of upstreams that lose enough, each upstream's together.
static void collect(struct work *w)
{
    const struct allocate_question *q = w->q;
    uint32_t least_ppm = q->limits.gain_ppm > 0 ? q->limits.gain_ppm : 1;
    uint32_t next[ALLOCATE_UPSTREAMS_MAX] = {0};
    for (uint32_t g = 0; g < q->group_count; g++)
        next[q->groups[g].from]++;
    for (uint32_t u = 0; u < q->upstream_count; u++) {
        uint32_t count = q->upstreams[u].loss_low_ppm >= least_ppm ? next[u] : 0;
        w->begin[u + 1] = w->begin[u] + count;
        next[u] = w->begin[u];
    }
    for (uint32_t g = 0; g < q->group_count; g++) {
        uint32_t u = q->groups[g].from;
        if (w->begin[u] < w->begin[u + 1])
            w->space->items[next[u]++] = (struct allocate_item){q->groups[g].demand_kbps, g};
    }
}

static uint32_t digit(uint32_t demand_kbps, uint32_t round)
{
    return DIGITS - 1 - (demand_kbps >> round * DIGIT_BITS & (DIGITS - 1));
}

static void sort_few(struct allocate_item *items, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        struct allocate_item item = items[i];
        uint32_t place = i;
        for (; place > 0 && items[place - 1].demand_kbps < item.demand_kbps; place--)
            items[place] = items[place - 1];
        items[place] = item;
    }
}

// Heaviest first, equals in their order: by digits, as a comparing sort of a whole table takes ten
// times as long (bench/decide).
static void sort(struct allocate_item *items, struct allocate_item *spare, uint32_t count)
{
    if (count <= FEW) {
        sort_few(items, count);
        return;
    }
    static_assert(ROUNDS * DIGIT_BITS >= 32, "all digits");
    uint32_t counts[ROUNDS][DIGITS] = {0};
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t round = 0; round < ROUNDS; round++)
            counts[round][digit(items[i].demand_kbps, round)]++;
    struct allocate_item *from = items, *to = spare;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        uint32_t place = 0;
        for (uint32_t d = 0; d < DIGITS; d++) {
            uint32_t here = counts[round][d];
            counts[round][d] = place;
            place += here;
        }
        for (uint32_t i = 0; i < count; i++)
            to[counts[round][digit(from[i].demand_kbps, round)]++] = from[i];
        struct allocate_item *swapped = from;
        from = to;
        to = swapped;
    }
    if (from != items && count > 0)
        memcpy(items, from, count * sizeof *items);
}

// The first of the sorted items [at, end) that is not heavier.
static uint32_t first_fit(const struct allocate_item *items, uint32_t at, uint32_t end,
                          uint64_t room_kbps)
{
    while (at < end) {
        uint32_t middle = at + (end - at) / 2;
        if (items[middle].demand_kbps > room_kbps)
            at = middle + 1;
        else
            end = middle;
    }
    return at;
}

// The heaviest item of an upstream that still fits somewhere, and its way; cursors never go back,
// as what does not fit now fits never. NULL: none.
static const struct pair *next_of(struct work *w, uint32_t from)
{
    const struct allocate_limits *limits = &w->q->limits;
    uint64_t rate = limits->moved_kbps_max - w->out->moved_kbps, most = 0;
    uint32_t *at = &w->at[from], end = w->begin[from + 1];
    const struct pair *first = w->pairs + w->pairs_begin[from];
    const struct pair *last = w->pairs + w->pairs_begin[from + 1];
    for (const struct pair *p = first; p < last; p++)
        most = w->room_kbps[p->to] > most ? w->room_kbps[p->to] : most;
    for (; first < last && *at < end; (*at)++) {
        *at = first_fit(w->space->items, *at, end, amount_least(most, rate));
        for (const struct pair *p = first; p < last && *at < end; p++) {
            const struct allocate_item *item = &w->space->items[*at];
            if ((w->q->groups[item->group].may >> p->to & 1) &&
                item->demand_kbps <= w->room_kbps[p->to])
                return p;
        }
    }
    return NULL;
}

static uint64_t saved_kbps(const struct work *w, const struct pair *pair)
{
    return (uint64_t)w->space->items[w->at[pair->from]].demand_kbps * pair->gain_ppm / PPM;
}

static void move(struct work *w, const struct pair *pair)
{
    struct allocate_answer *out = w->out;
    uint32_t item = w->at[pair->from]++, demand = w->space->items[item].demand_kbps;
    w->space->moves[out->count++] = (struct allocate_move){item, pair->to};
    out->moved_kbps += demand;
    out->saved_kbps += (uint64_t)demand * pair->gain_ppm / PPM;
    out->moves_to[pair->to]++;
    out->kbps_to[pair->to] += demand;
    if (w->room_kbps[pair->to] != UINT64_MAX)
        w->room_kbps[pair->to] -= demand;
}

// By what a unit of room gains, upstream after upstream; or by what a move gains, whoever's it is.
static void give(struct work *w, bool by_move)
{
    const struct allocate_question *q = w->q;
    *w->out = (struct allocate_answer){0};
    for (uint32_t u = 0; u < q->upstream_count; u++) {
        w->room_kbps[u] = allocate_room_kbps(&q->upstreams[u], &q->limits);
        w->at[u] = w->begin[u];
    }
    while (w->out->count < q->limits.moves_max) {
        const struct pair *best = NULL;
        for (uint32_t n = 0; n < q->upstream_count && (by_move || !best); n++) {
            const struct pair *pair = next_of(w, w->ranks[n]);
            if (pair && (!best || saved_kbps(w, pair) > saved_kbps(w, best)))
                best = pair;
        }
        if (!best)
            return;
        move(w, best);
    }
}

// Room is what is short in general; where moves are, the heaviest of all come first.
static void give_best(struct work *w)
{
    give(w, false);
    uint64_t saved = w->out->saved_kbps;
    if (w->out->count < w->q->limits.moves_max)
        return;
    give(w, true);
    if (w->out->saved_kbps < saved)
        give(w, false);
}

// Moves name items up to here.
static void name_groups(struct work *w)
{
    for (uint32_t m = 0; m < w->out->count; m++) {
        struct allocate_move *move = &w->space->moves[m];
        struct allocate_item *item = &w->space->items[move->group];
        move->group = item->group;
        item->group = UINT32_MAX;
    }
}

// Why the group stays: by the way that came furthest.
static enum allocate_left why_left(const struct work *w, const struct allocate_item *item)
{
    const struct allocate_question *q = w->q;
    const struct allocate_group *group = &q->groups[item->group];
    enum allocate_left why = ALLOCATE_NO_WAY;
    for (uint32_t to = 0; to < q->upstream_count; to++) {
        const struct allocate_upstream *u = &q->upstreams[to];
        uint32_t gain = gain_ppm(q, group->from, to);
        if (!u->open || !(group->may >> to & 1) || gain == 0 || gain < q->limits.gain_ppm)
            continue;
        bool proven = q->limits.ignores_capacity ||
                      (u->capacity_kbps != ALLOCATE_UNKNOWN && u->use_kbps != ALLOCATE_UNKNOWN);
        enum allocate_left here = !proven ? ALLOCATE_UNPROVEN : ALLOCATE_NO_ROOM;
        if (proven && w->room_kbps[to] > 0 && item->demand_kbps <= w->room_kbps[to])
            here = w->out->count >= q->limits.moves_max ? ALLOCATE_MOVES : ALLOCATE_RATE;
        why = here > why ? here : why;
    }
    return why;
}

static void count_left(struct work *w)
{
    const struct allocate_item *heaviest = NULL;
    for (uint32_t i = 0; i < w->begin[w->q->upstream_count]; i++) {
        const struct allocate_item *item = &w->space->items[i];
        if (item->group == UINT32_MAX)
            continue;
        w->out->left++;
        w->out->left_kbps += item->demand_kbps;
        if (!heaviest || item->demand_kbps > heaviest->demand_kbps)
            heaviest = item;
    }
    w->out->why = heaviest ? why_left(w, heaviest) : ALLOCATE_ALL;
}

void allocate(const struct allocate_question *question, const struct allocate_space *space,
              struct allocate_answer *answer)
{
    struct work w = {.q = question, .space = space, .out = answer};
    assert(question->upstream_count <= ALLOCATE_UPSTREAMS_MAX);
    rank(&w);
    for (uint32_t u = 0; u < question->upstream_count; u++)
        find_pairs_from(&w, u);
    collect(&w);
    for (uint32_t u = 0; u < question->upstream_count; u++)
        sort(space->items + w.begin[u], space->spare + w.begin[u], w.begin[u + 1] - w.begin[u]);
    give_best(&w);
    name_groups(&w);
    count_left(&w);
}
