// SPDX-License-Identifier: ISC
// What the engine says, held against what is, when it says it.
#include "engine/effect.h"
#include "sim/judge.h"
#include "sim/world.h"
#include "steer/drain.h"

enum {
    TOLD_PPM = 100 * 1000,  // what no bounds hide
    TOLD_MS = 10 * 1000,
    COUNTED_MS = 3000,  // until counters tell, at most
};

static bool is_under_way(uint8_t state)
{
    return state == INCIDENT_ACTING || state == INCIDENT_VERIFY;
}

// All of its packets, for so long that probes which go by it tell.
static bool is_losing(const struct sim_world *w, uint8_t s, uint32_t upstream, enum family family)
{
    for (uint32_t i = 0; i < w->faults.count; i++) {
        const struct sim_fault *f = &w->faults.items[i];
        if (f->kind == SIM_FAULT_LOSS && sim_fault_holds(w, f) && f->site == s &&
            f->upstream == upstream && (f->family == FAMILY_NONE || f->family == family) &&
            f->prefixes == 0 && f->ppm >= TOLD_PPM && w->now_ms - f->at_ms >= TOLD_MS)
            return true;
    }
    return false;
}

// I10: only probes that stayed on the old way can know; what was moved meets nothing of it.
static void check_return(struct sim_world *w, uint8_t s, const struct effect_plan *plan)
{
    sim_exercised(w, SIM_I10);
    if (is_losing(w, s, plan->to, plan->family) && !sim_is_deceived(w, s))
        sim_broken(w, SIM_I10, "%s is to return to upstream %u, which loses",
                   family_name(plan->family), plan->to);
}

// I4: both families of an upstream are one component.
void sim_check_plan(struct sim_world *w, uint8_t s, uint8_t c, const struct effect_plan *plan)
{
    const struct sim_site *site = &w->sites[s];
    const struct sim_claims *claims = &site->controllers[c].claims;
    if (plan->verdict == PLAN_RETURN)
        check_return(w, s, plan);
    if (plan->verdict != PLAN_ACT)
        return;
    sim_exercised(w, SIM_I4);
    for (uint32_t path = 0; path < net_path_count(&site->net) && path < SIM_CLAIM_PATHS; path++) {
        uint32_t upstream = net_path(&site->net, path).upstream;
        if (upstream != NET_NOBODY && upstream != plan->from &&
            is_under_way(claims->paths[path].state))
            sim_broken(w, SIM_I4, "upstream %u is left while a move from %u is not proven",
                       plan->from, upstream);
    }
}

// As much as may be left by steer/limits.h, and what may have changed since counters were read.
static bool is_left(const struct sim_upstream *upstream)
{
    double most = upstream->capacity * STEER_DRAINED_PPM / 1e6;
    return upstream->load <= most + STEER_DRAINED_BPS / 1e6 + 1;
}

// What we move elsewhere may come by it: where one router takes it and another does not, this one
// hears no more of the way that the first had. Counters tell later.
static int64_t last_act_ms(const struct sim_site *site)
{
    int64_t last_ms = INT64_MIN / 2;
    for (uint8_t c = 0; c < site->controller_count; c++)
        if (site->controllers[c].claims.act_ms > last_ms)
            last_ms = site->controllers[c].claims.act_ms;
    return last_ms;
}

void sim_check_drain(struct sim_world *w, uint8_t s, const struct effect_drain *drain)
{
    const struct sim_site *site = &w->sites[s];
    const struct sim_upstream *upstream = &site->upstreams[drain->object.index];
    if (drain->state != DRAIN_SAFE)
        return;
    sim_exercised(w, SIM_L4);
    if (!is_left(upstream) && w->now_ms - site->checks.unrest_ms > COUNTED_MS &&
        w->now_ms - last_act_ms(site) > COUNTED_MS)
        sim_broken(w, SIM_L4, "upstream %u still carries %.0f Mbit/s", drain->object.index,
                   upstream->load);
}
