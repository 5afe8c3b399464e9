// SPDX-License-Identifier: ISC
#include "engine/overfill.h"

#include "base/amount.h"
#include "engine/state.h"

struct ours {                  // of what is moved, what an upstream carries
    bool goes[MOVES_MAX];      // of it, what is taken back
    uint32_t kbps[MOVES_MAX];  // what each brings
    uint64_t all_kbps;
};

// What one route moves may land by several upstreams, as routers choose.
static bool is_on(const struct engine *e, const struct move *move, uint32_t upstream)
{
    return move->to == upstream ||
           (net_exit_of(e->net, move->prefix) != NET_NOBODY && exits_reach(e, move, upstream));
}

static bool stands(const struct engine *e, const struct move *move)
{
    enum incident_state state = e->stories[move->path].state;
    return move->wanted &&
           (state == INCIDENT_VERIFY || state == INCIDENT_HELD || state == INCIDENT_TRIAL);
}

// Of what came within a minute of a move all but what routers turned there is the move's: where
// that is more than was reckoned, each part of it weighs so much more than was told.
static uint32_t weigh(const struct engine *e, const struct move *move, const struct room_over *over)
{
    uint64_t kbps = room_demand_kbps(e, move);
    if (over->reckoned_kbps > 0 && over->brought_kbps > over->reckoned_kbps)
        kbps = (uint64_t)((double)kbps * (double)over->brought_kbps / (double)over->reckoned_kbps);
    return (uint32_t)amount_least(kbps, UINT32_MAX);
}

static void find_ours(const struct engine *e, uint32_t upstream, const struct room_over *over,
                      struct ours *ours)
{
    *ours = (struct ours){.all_kbps = 0};
    for (uint32_t i = 0; i < e->moves.count; i++) {
        const struct move *move = &e->moves.items[i];
        if (!stands(e, move) || !is_on(e, move, upstream))
            continue;
        ours->goes[i] = true;
        ours->kbps[i] = weigh(e, move, over);
        ours->all_kbps += ours->kbps[i];
    }
}

// As it would be decided now: the heaviest that find room stay.
static void keep_what_fits(const struct engine *e, struct ours *ours, uint64_t room_kbps)
{
    while (room_kbps > 0) {
        uint32_t heaviest = NET_NOBODY;
        for (uint32_t i = 0; i < e->moves.count; i++)
            if (ours->goes[i] && ours->kbps[i] <= room_kbps &&
                (heaviest == NET_NOBODY || ours->kbps[i] > ours->kbps[heaviest]))
                heaviest = i;
        if (heaviest == NET_NOBODY)
            return;
        ours->goes[heaviest] = false;
        room_kbps -= ours->kbps[heaviest];
    }
}

static bool is_alike(const struct move *a, const struct move *b)
{
    return a->path == b->path && a->to == b->to;
}

// Those of one path and way. Where others stay there, these alone are left where they were for a
// while, which grows as after a move that did not help.
static void take_back(struct engine *e, const struct move *like, const struct ours *ours)
{
    bool others = story_fail_part(
        e, like, ours->goes,
        "more goes there than it has room for: so much of what was moved returns (S10)");
    int64_t hold_ns = others ? stay_penalty_ns(e, like->path) : 0;
    for (uint32_t i = 0; i < e->moves.count; i++) {
        const struct move *move = &e->moves.items[i];
        if (!ours->goes[i] || !is_alike(move, like))
            continue;
        exits_refused(e, move->path, move->prefix);
        if (others)
            routes_refuse(&e->routes, move->prefix, mono_add_ns(e->now, hold_ns));
    }
}

static void relieve(struct engine *e, uint32_t upstream, const struct room_over *over)
{
    struct ours ours;
    find_ours(e, upstream, over, &ours);
    keep_what_fits(e, &ours, amount_less(ours.all_kbps, over->kbps));
    for (uint32_t i = 0; i < e->moves.count; i++) {
        const struct move like = e->moves.items[i];
        if (!ours.goes[i])
            continue;
        take_back(e, &like, &ours);
        for (uint32_t j = i; j < e->moves.count; j++)
            ours.goes[j] &= !is_alike(&e->moves.items[j], &like);
        e->bases[upstream].eased_at = e->now;
    }
}

// What is on its way back is in the counters still.
static void note_what_leaves(struct engine *e)
{
    for (uint32_t i = 0; i < e->moves.count; i++) {
        const struct move *move = &e->moves.items[i];
        if (!move->wanted && !move_is_gone(move))
            e->bases[move->to].eased_at = e->now;
    }
}

// A move that is on its way there is judged when it stands, in seconds.
static bool is_coming(const struct engine *e, uint32_t upstream)
{
    for (uint32_t i = 0; i < e->moves.count; i++) {
        const struct move *move = &e->moves.items[i];
        if (move->to == upstream && move->wanted && !stands(e, move))
            return true;
    }
    return false;
}

void overfill_look(struct engine *e)
{
    note_what_leaves(e);
    for (uint32_t u = 0; u < e->net->upstream_count && e->moves.count > 0 && !e->frozen; u++) {
        struct room_over over = room_over(e, u);
        if (over.kbps > 0 && !is_coming(e, u))
            relieve(e, u, &over);
    }
}
