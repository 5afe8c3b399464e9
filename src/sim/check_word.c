// SPDX-License-Identifier: ISC
// What the engine says, held against what is, when it says it.
#include "engine/effect.h"
#include "sim/judge.h"
#include "sim/world.h"
#include "steer/drain.h"

static bool is_under_way(uint8_t state)
{
    return state == INCIDENT_ACTING || state == INCIDENT_VERIFY;
}

// I4: both families of an upstream are one component.
void sim_check_plan(struct sim_world *w, uint8_t s, uint8_t c, const struct effect_plan *plan)
{
    const struct sim_site *site = &w->sites[s];
    const struct sim_claims *claims = &site->controllers[c].claims;
    if (plan->verdict != PLAN_ACT)
        return;
    sim_exercised(w, SIM_I4);
    for (uint32_t path = 0; path < net_path_count(&site->net) && path < SIM_CLAIM_PATHS; path++) {
        uint32_t upstream = net_path(&site->net, path).upstream;
        if (upstream != NET_NOBODY && upstream != plan->from && is_under_way(claims->states[path]))
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

void sim_check_drain(struct sim_world *w, uint8_t s, const struct effect_drain *drain)
{
    const struct sim_site *site = &w->sites[s];
    const struct sim_upstream *upstream = &site->upstreams[drain->object.index];
    if (drain->state != DRAIN_SAFE)
        return;
    sim_exercised(w, SIM_L4);
    if (!is_left(upstream) && w->now_ms - site->checks.unrest_ms > 3000)
        sim_broken(w, SIM_L4, "upstream %u still carries %.0f Mbit/s", drain->object.index,
                   upstream->load);
}
