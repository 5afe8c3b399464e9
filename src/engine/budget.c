// SPDX-License-Identifier: ISC
#include "engine/budget.h"

#include "base/amount.h"
#include "engine/state.h"

static const int64_t minute_ns = STEER_MINUTE_S * (int64_t)NS_PER_S;

// Upstreams that traffic is moved away from, or that the world is to leave, beside this path's own.
static uint32_t drained_beside(const struct engine *e, uint32_t path)
{
    uint32_t drained = inbound_upstreams(e) & ~(UINT32_C(1) << e->paths[path].upstream);
    for (uint32_t other = 0; other < e->path_count; other++)
        if (story_moves(&e->stories[other]) && e->paths[other].upstream != e->paths[path].upstream)
            drained |= 1u << e->paths[other].upstream;
    return (uint32_t)__builtin_popcount(drained);
}

// One upstream may be left in any case: a site with two could not do anything otherwise.
bool budget_may_drain(const struct engine *e, uint32_t path)
{
    uint32_t others = drained_beside(e, path);
    uint32_t percent = e->net->steer.budget.drained_upstreams_percent;
    if (lifts_hold(e, LIFT_S9, e->paths[path].upstream))
        return others + 1 < e->net->upstream_count;
    return others == 0 || (others + 1) * 100 <= percent * e->net->upstream_count;
}

// Another act is not verified yet. Both families of an upstream are one component: they go at once.
static bool is_one_under_way(const struct engine *e, uint32_t path)
{
    for (uint32_t other = 0; other < e->path_count; other++) {
        enum incident_state state = e->stories[other].state;
        if ((state == INCIDENT_ACTING || state == INCIDENT_VERIFY) &&
            e->paths[other].upstream != e->paths[path].upstream)
            return true;
    }
    return false;
}

bool budget_is_observer(const struct engine *e)
{
    uint32_t turned = watch_targets_turned(&e->watch, e->now);
    return turned >= STEER_TARGETS_BAD_MIN &&
           turned * 100 > STEER_TARGETS_BAD_PERCENT * e->net->target_count;
}

enum refusal budget_refusal(const struct engine *e, uint32_t path)
{
    if (budget_is_observer(e))
        return REFUSAL_OBSERVER;
    if (watch_void_percent(&e->watch, e->now) > STEER_VOID_PERCENT)
        return REFUSAL_VOID;
    return is_one_under_way(e, path) ? REFUSAL_OTHER : REFUSAL_NONE;
}

static uint64_t standing_kbps(const struct engine *e)
{
    uint64_t all = 0;
    for (uint32_t i = 0; i < e->moves.count; i++)
        all += e->moves.items[i].demand_kbps;
    return all;
}

bool budget_wants_canary(const struct engine *e)
{
    return e->net->steer.budget.canary_ns > 0 && !e->budget.proven;
}

struct spent {
    uint64_t prefixes, kbps, acts;
};

static struct spent spent_lately(const struct engine *e)
{
    struct spent spent = {0};
    for (uint32_t i = 0; i < BUDGET_ACTS_MAX && i < e->budget.act_count; i++) {
        const struct budget_act *act = &e->budget.acts[i];
        if (mono_since_ns(e->now, act->at) >= minute_ns)
            continue;
        spent.prefixes += act->prefixes;
        spent.kbps += act->kbps;
        spent.acts++;
    }
    return spent;
}

static uint64_t left_kbps(const struct engine *e, uint32_t path, uint64_t spent_kbps,
                          uint32_t loss_low_ppm)
{
    bool all =
        loss_low_ppm >= STEER_ALL_LOST_PPM || lifts_hold(e, LIFT_S8, e->paths[path].upstream);
    uint32_t percent = all ? 100 : e->net->steer.budget.moved_per_minute_percent;
    return amount_less(room_traffic_kbps(e) * percent / 100, spent_kbps);
}

bool budget_has_room(const struct engine *e, uint32_t path, uint64_t kbps)
{
    uint64_t spent = spent_lately(e).kbps;
    uint32_t low_ppm = watch_loss_bad(&e->watch, path, e->now).low_ppm;
    return e->net->steer.capacity == NET_CAPACITY_IGNORE || spent == 0 ||
           kbps <= left_kbps(e, path, spent, low_ppm);
}

struct allocate_limits budget_limits(const struct engine *e, uint32_t path, uint32_t loss_low_ppm)
{
    const struct net_budget *budget = &e->net->steer.budget;
    const struct spent spent = spent_lately(e);
    uint64_t room = moves_room(&e->moves, e->paths[path].family);
    uint32_t upstream = e->paths[path].upstream;
    uint32_t a_minute = lifts_hold(e, LIFT_S8, upstream) ? STEER_PREFIXES_PER_MINUTE_MAX
                                                         : budget->prefixes_per_minute_max;
    uint64_t most = spent.acts == BUDGET_ACTS_MAX ? 0 : amount_less(a_minute, spent.prefixes);
    struct allocate_limits limits = {
        .headroom_ppm = 10000 * budget->headroom_percent,
        .gain_ppm = ENGINE_GAIN_PPM,
        .moves_max =
            (uint32_t)amount_least(room, budget_wants_canary(e) ? amount_least(most, 1) : most),
        .moved_kbps_max = UINT64_MAX,
        .ignores_capacity = e->net->steer.capacity == NET_CAPACITY_IGNORE,
    };
    if (limits.ignores_capacity)
        return limits;
    limits.moved_kbps_max = left_kbps(e, path, spent.kbps, loss_low_ppm);
    if (drained_beside(e, path) > 0 && !lifts_hold(e, LIFT_S9, upstream))
        limits.moved_kbps_max =
            amount_least(limits.moved_kbps_max,
                         amount_less(room_traffic_kbps(e) * budget->drained_traffic_percent / 100,
                                     standing_kbps(e)));
    return limits;
}

void budget_acted(struct engine *e, uint32_t prefixes, uint64_t kbps)
{
    e->budget.acts[e->budget.act_count++ % BUDGET_ACTS_MAX] =
        (struct budget_act){e->now, prefixes, kbps};
}

void budget_give_back(struct engine *e, const struct move *move)
{
    for (uint32_t i = 0; i < BUDGET_ACTS_MAX && i < e->budget.act_count; i++) {
        struct budget_act *act = &e->budget.acts[i];
        if (act->at.ns == move->at.ns && act->prefixes > 0 && act->kbps >= move->demand_kbps) {
            act->prefixes--;
            act->kbps -= move->demand_kbps;
            return;
        }
    }
}
