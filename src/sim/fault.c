// SPDX-License-Identifier: ISC
#include "sim/daemon.h"
#include "sim/people.h"
#include "sim/router.h"

#include <assert.h>

const char *const sim_fault_names[SIM_FAULT_KINDS] = {
    [SIM_FAULT_LOSS] = "loss",
    [SIM_FAULT_TUPLES] = "dead 5-tuples",
    [SIM_FAULT_BURSTS] = "bursts of loss",
    [SIM_FAULT_CLASS] = "packets of one class are lost",
    [SIM_FAULT_FLAP] = "loss that comes and goes",
    [SIM_FAULT_ALL] = "loss everywhere",
    [SIM_FAULT_BACKBONE] = "a backbone loses capacity",
    [SIM_FAULT_DEMAND] = "demand changes",
    [SIM_FAULT_DOWN] = "an upstream's BGP session is down",
    [SIM_FAULT_SESSION] = "our session with a router is down",
    [SIM_FAULT_POLICY] = "a router's policy rejects what we say",
    [SIM_FAULT_DEAF] = "a target answers less",
    [SIM_FAULT_VOID] = "the prober cannot vouch",
    [SIM_FAULT_DELAY] = "packets take longer",
    [SIM_FAULT_REORDER] = "answers come late",
    [SIM_FAULT_REVERSE] = "answers are lost on the way back",
    [SIM_FAULT_CLOCK] = "the prober's clock is off",
    [SIM_FAULT_CROWD] = "the links to the routers are full",
    [SIM_FAULT_SICK] = "a service is sick",
    [SIM_FAULT_CHECK] = "health programs are wrong",
    [SIM_FAULT_LIFT] = "people lift a limit",
    [SIM_FAULT_CONFIG] = "the configuration is changed",
    [SIM_FAULT_STALL] = "a process is stopped",
    [SIM_FAULT_CRASH] = "a process is dead",
    [SIM_FAULT_AUDIT] = "no record can be written",
    [SIM_FAULT_SLOW] = "messages between engine and route are slow",
    [SIM_FAULT_FREEZE] = "a person froze it",
    [SIM_FAULT_STOP] = "a person stopped it",
    [SIM_FAULT_DRAIN] = "a person drains it",
    [SIM_FAULT_MEMBER] = "a switch of the pair loses",
    [SIM_FAULT_LIE_TALLY] = "the prober lies",
    [SIM_FAULT_LIE_NOTICE] = "forged counters and faults",
    [SIM_FAULT_LIE_ROUTER] = "a router lies",
    [SIM_FAULT_LIE_WORD] = "a router lies of what it took",
};

struct sim_fault *sim_fault_add(struct sim_world *w, enum sim_fault_kind kind, int64_t at_ms,
                                int64_t until_ms)
{
    assert(w->faults.count < SIM_FAULTS_MAX);
    struct sim_fault *f = &w->faults.items[w->faults.count++];
    *f = (struct sim_fault){
        .kind = kind, .at_ms = at_ms, .until_ms = until_ms, .upstream = SIM_NOBODY, .period_ms = 1};
    return f;
}

bool sim_fault_holds(const struct sim_world *w, const struct sim_fault *f)
{
    return w->now_ms >= f->at_ms && w->now_ms < f->until_ms;
}

const struct sim_fault *sim_fault_now(const struct sim_world *w, enum sim_fault_kind kind,
                                      uint8_t site, uint8_t upstream)
{
    for (uint32_t i = 0; i < w->faults.count; i++) {
        const struct sim_fault *f = &w->faults.items[i];
        if (f->kind == kind && (site == SIM_NOBODY || f->site == SIM_NOBODY || f->site == site) &&
            (upstream == SIM_NOBODY || f->upstream == SIM_NOBODY || f->upstream == upstream) &&
            sim_fault_holds(w, f))
            return f;
    }
    return NULL;
}

bool sim_fault_any(const struct sim_world *w, enum sim_fault_kind kind, uint8_t site)
{
    for (uint32_t i = 0; i < w->faults.count; i++) {
        const struct sim_fault *f = &w->faults.items[i];
        if (f->kind == kind && (f->site == SIM_NOBODY || f->site == site))
            return true;
    }
    return false;
}

int64_t sim_fault_late_ms(const struct sim_world *w, uint8_t site)
{
    int64_t late_ms = 0;
    for (uint32_t i = 0; i < w->faults.count; i++) {
        const struct sim_fault *f = &w->faults.items[i];
        bool any = f->kind == SIM_FAULT_SLOW && f->site == site && w->now_ms >= f->at_ms &&
                   w->now_ms - f->until_ms <= f->arg;
        late_ms = any && f->arg > late_ms ? f->arg : late_ms;
    }
    return late_ms;
}

int64_t sim_fault_late_end_ms(const struct sim_world *w, uint8_t site)
{
    int64_t end_ms = 0;
    for (uint32_t i = 0; i < w->faults.count; i++) {
        const struct sim_fault *f = &w->faults.items[i];
        bool over =
            f->kind == SIM_FAULT_SLOW && f->site == site && w->now_ms - f->until_ms > f->arg;
        end_ms = over && f->until_ms + f->arg > end_ms ? f->until_ms + f->arg : end_ms;
    }
    return end_ms;
}

static void set_upstream(struct sim_world *w, const struct sim_fault *f, bool up)
{
    struct sim_site *site = &w->sites[f->site];
    uint8_t router = (uint8_t)site->net.upstreams[f->upstream].router;
    for (uint8_t p = 0; p < site->prefix_count; p++) {
        struct sim_way way = site->routers[router].own[p][f->upstream];
        if (way.local_pref == 0)
            continue;  // never had any
        way.present = up;
        sim_router_own(w, f->site, router, p, &way);
    }
    site->checks.unrest_ms = w->now_ms;
}

static void set_lies(struct sim_world *w, const struct sim_fault *f, bool lies)
{
    w->sites[f->site].routers[f->arg].lies = lies;
    for (uint8_t c = 0; c < w->sites[f->site].controller_count; c++)
        sim_router_tell_all(w, f->site, (uint8_t)f->arg, c);
}

// What is more than a state that others look at.
static void turn(struct sim_world *w, const struct sim_fault *f, bool begins)
{
    struct sim_site *site = &w->sites[f->site == SIM_NOBODY ? 0 : f->site];
    w->faults.holding += begins ? 1 : UINT32_MAX;
    if (f->kind == SIM_FAULT_DOWN)
        set_upstream(w, f, !begins);
    else if (f->kind == SIM_FAULT_SESSION)
        sim_daemon_session(w, f->site, 0, (uint8_t)f->arg, !begins);
    else if (f->kind == SIM_FAULT_DEMAND)
        site->demand_factor = begins ? f->ppm / 1e6 : 1;
    else if (f->kind == SIM_FAULT_STALL && begins)
        sim_daemon_stall(w, f->site, (enum sim_role)f->arg, f->until_ms);
    else if (f->kind == SIM_FAULT_CRASH)
        sim_daemon_crash(w, f->site, (enum sim_role)f->arg, begins);
    else if (f->kind == SIM_FAULT_FREEZE || f->kind == SIM_FAULT_STOP ||
             f->kind == SIM_FAULT_DRAIN || f->kind == SIM_FAULT_LIFT)
        sim_people_say(w, f, begins);
    else if (f->kind == SIM_FAULT_AUDIT)
        sim_daemon_audit(w, f->site, begins);
    else if (f->kind == SIM_FAULT_CONFIG)
        sim_people_configure(w, f, begins);
    else if (f->kind == SIM_FAULT_CROWD && begins)
        sim_daemon_crowd(w, f->site);
    else if (f->kind == SIM_FAULT_LIE_ROUTER)
        set_lies(w, f, begins);
    else if (f->kind == SIM_FAULT_POLICY)
        sim_router_reject(w, f->site, (uint8_t)f->arg, begins);
    site->forwarding_changed = true;
}

void sim_faults_turn(struct sim_world *w)
{
    for (uint32_t i = 0; i < w->faults.count; i++) {
        struct sim_fault *f = &w->faults.items[i];
        bool begins = !f->begun && w->now_ms >= f->at_ms;
        bool ends = f->begun && !f->ended && w->now_ms >= f->until_ms;
        if (!begins && !ends)
            continue;
        f->begun = true;
        f->ended = ends;
        sim_trace(w, "fault: %s %s (site %d, upstream %d, prefixes %x, %u ppm, %d)",
                  sim_fault_names[f->kind], begins ? "begins" : "is over", f->site,
                  f->upstream == SIM_NOBODY ? -1 : f->upstream, f->prefixes, f->ppm, f->arg);
        turn(w, f, begins);
    }
}
