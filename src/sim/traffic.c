// SPDX-License-Identifier: ISC
#include "sim/traffic.h"

#include "sim/parts.h"
#include "sim/router.h"

enum { NOTICEABLE_PPM = 2000, ALL_LOST_PPM = 800000 };

static bool concerns(const struct sim_world *w, const struct sim_fault *f, uint8_t s, uint8_t u,
                     uint8_t p)
{
    const struct sim_site *site = &w->sites[s];
    enum family family = site->prefixes[p].prefix.address.family;
    return (f->site == SIM_NOBODY || f->site == s) &&
           (f->upstream == SIM_NOBODY || f->upstream == u) &&
           (f->family == FAMILY_NONE || f->family == family) &&
           (f->prefixes == 0 || f->prefixes >> p & 1) && sim_fault_holds(w, f);
}

static double share(uint32_t ppm)
{
    return ppm / 1e6;
}

// Of one fault, for a tuple whose number says whether it is among the dead; UINT32_MAX: on average.
static double loss_by(const struct sim_world *w, const struct sim_fault *f, uint32_t tuple)
{
    int64_t at = w->now_ms - f->at_ms;
    if (f->kind == SIM_FAULT_LOSS || f->kind == SIM_FAULT_ALL)
        return share(f->ppm);
    if (f->kind == SIM_FAULT_FLAP)
        return at % f->period_ms < f->period_ms / 2 ? share(f->ppm) : 0;
    if (f->kind == SIM_FAULT_BURSTS)
        return at % f->period_ms < f->arg ? 1 : 0;
    if (f->kind == SIM_FAULT_CLASS)
        return tuple == UINT32_MAX ? share(f->ppm) : 0;  // the prober knows which
    if (f->kind == SIM_FAULT_MEMBER)
        return sim_parts_loss(&w->sites[f->site], f, tuple);
    if (f->kind == SIM_FAULT_TUPLES)
        return tuple == UINT32_MAX ? share(f->ppm) : tuple < f->ppm / 1000;
    return 0;
}

double sim_loss_tuple(const struct sim_world *w, uint8_t s, uint8_t u, uint8_t p, uint32_t tuple)
{
    const struct sim_upstream *upstream = &w->sites[s].upstreams[u];
    double passes = 1 - upstream->overflow;
    for (uint32_t i = 0; i < w->faults.count; i++) {
        const struct sim_fault *f = &w->faults.items[i];
        if (f->kind <= SIM_FAULT_ALL && concerns(w, f, s, u, p))
            passes *= 1 - loss_by(w, f, tuple);
    }
    return 1 - passes;
}

double sim_loss(const struct sim_world *w, uint8_t s, uint8_t u, uint8_t p)
{
    return sim_loss_tuple(w, s, u, p, UINT32_MAX);
}

double sim_demand(const struct sim_site *site, uint8_t prefix)
{
    double sum = 0;
    for (uint8_t r = 0; r < site->net.router_count; r++)
        sum += site->prefixes[prefix].demand[r] * site->demand_factor;
    return sum;
}

static void load_site(struct sim_site *site)
{
    for (uint8_t u = 0; u < site->net.upstream_count; u++)
        site->upstreams[u].load = site->upstreams[u].load_bare = 0;
    for (uint8_t p = 0; p < site->prefix_count; p++) {
        for (uint8_t r = 0; r < site->net.router_count; r++) {
            double demand = site->prefixes[p].demand[r] * site->demand_factor;
            bool circles;
            uint8_t exit = sim_router_exit(site, r, p, &circles);
            uint8_t bare = sim_router_bare(site, r, p);
            if (exit != SIM_NOBODY)
                site->upstreams[exit].load += demand;
            if (bare != SIM_NOBODY)
                site->upstreams[bare].load_bare += demand;
        }
    }
}

static double beyond(double load, double capacity)
{
    return load > capacity ? 1 - capacity / load : 0;
}

static double capacity_left(const struct sim_world *w, uint8_t b)
{
    const struct sim_fault *f = sim_fault_now(w, SIM_FAULT_BACKBONE, SIM_NOBODY, b);
    return w->backbones[b].capacity * (f ? share(f->ppm) : 1);
}

static void fill(struct sim_world *w)
{
    w->overflowing = false;
    for (uint8_t b = 0; b < w->backbone_count; b++)
        w->backbones[b].load = 0;
    for (uint8_t s = 0; s < w->site_count; s++)
        for (uint8_t u = 0; u < w->sites[s].net.upstream_count; u++) {
            const struct sim_upstream *upstream = &w->sites[s].upstreams[u];
            if (upstream->backbone != SIM_NOBODY)
                w->backbones[upstream->backbone].load += upstream->load;
        }
    for (uint8_t s = 0; s < w->site_count; s++)
        for (uint8_t u = 0; u < w->sites[s].net.upstream_count; u++) {
            struct sim_upstream *upstream = &w->sites[s].upstreams[u];
            double over = beyond(upstream->load, upstream->capacity);
            if (upstream->backbone != SIM_NOBODY)
                over = 1 - (1 - over) * (1 - beyond(w->backbones[upstream->backbone].load,
                                                    capacity_left(w, upstream->backbone)));
            upstream->overflow = over;
            w->overflowing |= over > 0;
        }
}

static void count_site(struct sim_world *w, uint8_t s, double seconds)
{
    struct sim_site *site = &w->sites[s];
    for (uint8_t p = 0; p < site->prefix_count; p++) {
        for (uint8_t r = 0; r < site->net.router_count; r++) {
            bool circles;
            uint8_t exit = sim_router_exit(site, r, p, &circles);
            double demand = site->prefixes[p].demand[r] * site->demand_factor * seconds;
            w->lost += demand * (exit == SIM_NOBODY ? 1 : sim_loss(w, s, exit, p));
            w->overflowed += exit == SIM_NOBODY ? 0 : demand * site->upstreams[exit].overflow;
        }
    }
}

// When an upstream last lost something that can be noticed.
static void date_losses(struct sim_world *w, uint8_t s)
{
    struct sim_site *site = &w->sites[s];
    for (uint8_t u = 0; u < site->net.upstream_count; u++) {
        double most[FAMILIES] = {0};
        for (uint8_t p = 0; p < site->prefix_count; p++) {
            enum family family = site->prefixes[p].prefix.address.family;
            double loss = sim_loss(w, s, u, p);
            most[family] = loss > most[family] ? loss : most[family];
        }
        for (enum family f = FAMILY_IPV4; f < FAMILIES; f++) {
            const struct sim_fault *back = sim_fault_now(w, SIM_FAULT_REVERSE, s, u);
            // What a person wants empty is to be left as well.
            const struct sim_fault *drained = sim_fault_now(w, SIM_FAULT_DRAIN, s, u);
            if (most[f] * 1e6 >= NOTICEABLE_PPM || back || drained)
                site->upstreams[u].lossy_ms[f] = w->now_ms;
            if (most[f] * 1e6 > ALL_LOST_PPM)
                site->upstreams[u].all_lost_ms[f] = w->now_ms;
        }
    }
}

void sim_traffic_flow(struct sim_world *w, int64_t ms)
{
    bool changed = false;
    for (uint8_t s = 0; s < w->site_count; s++) {
        if (ms > 0 && (w->faults.holding > 0 || w->overflowing))
            count_site(w, s, (double)ms / 1e3);
        changed |= w->sites[s].forwarding_changed;
        if (w->sites[s].forwarding_changed)
            load_site(&w->sites[s]);
        w->sites[s].forwarding_changed = false;
    }
    if (changed)
        fill(w);
    for (uint8_t s = 0; s < w->site_count && (w->faults.holding > 0 || w->overflowing); s++)
        date_losses(w, s);
}
