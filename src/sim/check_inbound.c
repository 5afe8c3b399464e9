// SPDX-License-Identifier: ISC
// What the world is asked by the way our own prefixes are offered: read off routers, and held
// against what is lost, who may act, and who can vouch for it.
#include "sim/daemon.h"
#include "sim/inbound.h"
#include "sim/judge.h"
#include "sim/traffic.h"

enum {
    UNREST_MS = 30000,  // until all sessions are back, and what is ours is said on each
    RELIEF_MS = 30000,  // counters tell, and the world follows once more
    CAUSE_MS = 60000,
    APART_MS = STEER_VISIBLE_MS,
    IN_FLIGHT_MS = 3000,
    STALE_MS = 1500,
    BLIND_MS = 1500,
    BAD_MS = 6000,
    BESIDE_MS = 1000,  // one is given back and another asked at once: their routers hear so in turn
    HARM_MS = 25000,
    OVER_MS = 5000,  // a loss is over, for whoever can see
    // No shorter than APART_MS; what counts as good may have a packet lost by chance.
    WELL_MS = APART_MS - 60000,
    // A first hold, drawn 1.2 times as long at most, from when it is seen to be good.
    LONGEST_MS = 40 * 60000,
};

struct asked {
    struct sim_world *w;
    struct sim_site *site;
    const struct sim_controller *ctl;
    uint8_t s, u;
    enum family family;
    int64_t late_ms;
};

static bool is_asked_to_leave(const struct sim_inbound *in, enum family f, uint8_t u)
{
    return in->said[f][u] == NET_STANCE_PREPEND || in->said[f][u] == NET_STANCE_GRACEFUL;
}

// Offered otherwise by people's word.
static bool is_drained(const struct asked *a, uint8_t u, bool now)
{
    for (uint32_t i = 0; i < a->w->faults.count; i++) {
        const struct sim_fault *f = &a->w->faults.items[i];
        if (f->kind == SIM_FAULT_DRAIN && f->site == a->s && f->upstream == u &&
            (!now || (sim_fault_holds(a->w, f) && a->w->now_ms - f->at_ms > IN_FLIGHT_MS)))
            return true;
    }
    return false;
}

static bool is_another_usual(const struct asked *a)
{
    for (uint8_t other = 0; other < a->site->net.upstream_count; other++)
        if (other != a->u && a->site->inbound.said[a->family][other] == NET_STANCE_NORMAL)
            return true;
    return false;
}

// Where sessions come and go, one router is told before another.
static bool is_restless(const struct asked *a)
{
    return a->w->now_ms - a->site->checks.unrest_ms <= UNREST_MS ||
           a->w->now_ms - a->site->inbound.parted_ms <= UNREST_MS;
}

// ---- it has just been asked to leave

// S7, S16, S20, S22, I11.
static void check_people(const struct asked *a)
{
    const struct sim_controller *ctl = a->ctl;
    const struct sim_fault *full = sim_fault_now(a->w, SIM_FAULT_AUDIT, a->s, SIM_NOBODY);
    int64_t now_ms = a->w->now_ms;
    sim_exercised(a->w, SIM_S7);
    if (now_ms - ctl->started_ms < a->site->net.steer.quiet_start_ns / NS_PER_MS)
        sim_broken(a->w, SIM_S7, "the world is to leave upstream %d %lld ms after the start", a->u,
                   (long long)(now_ms - ctl->started_ms));
    if (!sim_may_act(a->w, a->s, 0))
        sim_broken(a->w, SIM_S16, "the world is to leave upstream %d", a->u);
    if (ctl->frozen && now_ms - ctl->frozen_ms > STEER_ORDER_MS + a->late_ms)
        sim_broken(a->w, SIM_I11, "the world is to leave upstream %d %lld ms after it was frozen",
                   a->u, (long long)(now_ms - ctl->frozen_ms));
    if (ctl->stopped && now_ms - ctl->stopped_ms > STEER_ORDER_MS + a->late_ms)
        sim_broken(a->w, SIM_S20, "the world is to leave upstream %d %lld ms after it was stopped",
                   a->u, (long long)(now_ms - ctl->stopped_ms));
    if (full && now_ms - full->at_ms > IN_FLIGHT_MS + a->late_ms &&
        now_ms - ctl->stalled_ms[SIM_ROUTE] > STALE_MS)
        sim_broken(a->w, SIM_S22, "the world is to leave upstream %d, and no record can be written",
                   a->u);
}

// All of what goes there is lost alike; SIM_SINCE_NEVER: not.
static bool is_bad(const struct asked *a, uint8_t u)
{
    int64_t since_ms = a->site->checks.bad_since_ms[u][a->family];
    return since_ms != SIM_SINCE_NEVER && a->w->now_ms - since_ms > BAD_MS + a->late_ms;
}

// S13: the world turns to whom it likes of the others. I4: one at a time, whoever took the other.
static void check_others(const struct asked *a)
{
    for (uint8_t other = 0; other < a->site->net.upstream_count; other++)
        if (other != a->u && is_drained(a, other, true) &&
            (is_asked_to_leave(&a->site->inbound, FAMILY_IPV4, other) ||
             is_asked_to_leave(&a->site->inbound, FAMILY_IPV6, other)))
            sim_broken(a->w, SIM_I4, "the world is to leave upstream %d, and people drain %d", a->u,
                       other);
    sim_exercised(a->w, SIM_S13);
    if (!is_another_usual(a) && !is_restless(a))
        sim_broken(a->w, SIM_S13, "the world is to leave upstream %d %s, and has no other", a->u,
                   family_name(a->family));
    for (uint8_t other = 0; other < a->site->net.upstream_count && !sim_is_deceived(a->w, a->s);
         other++)
        if (other != a->u && a->site->inbound.said[a->family][other] == NET_STANCE_NORMAL &&
            is_bad(a, other))
            sim_broken(a->w, SIM_S13, "the world is to leave upstream %d %s, and %d is bad", a->u,
                       family_name(a->family), other);
}

// S13, I6, I7, I13.
static void check_ground(const struct asked *a)
{
    const struct sim_fault *blind = sim_fault_now(a->w, SIM_FAULT_VOID, a->s, SIM_NOBODY);
    const struct sim_fault *all = sim_fault_now(a->w, SIM_FAULT_ALL, a->s, SIM_NOBODY);
    int64_t now_ms = a->w->now_ms;
    if (now_ms - a->ctl->told_ms > STALE_MS + a->late_ms &&
        now_ms - a->ctl->stalled_ms[SIM_ROUTE] > STALE_MS)
        sim_broken(a->w, SIM_S13, "nothing was heard of the prober for %lld ms",
                   (long long)(now_ms - a->ctl->told_ms));
    if (blind && now_ms - blind->at_ms > BLIND_MS + a->late_ms)
        sim_broken(a->w, SIM_I7, "the world is to leave upstream %d, and the prober sees nothing",
                   a->u);
    if (all && a->w->faults.holding == 1 && all->prefixes == 0 && !is_restless(a) &&
        (all->family == FAMILY_NONE || all->family == a->family) && now_ms - all->at_ms > CAUSE_MS)
        sim_broken(a->w, SIM_I6, "the world is to leave upstream %d, and all lose %u ppm", a->u,
                   all->ppm);
    sim_exercised(a->w, SIM_I13);
    if (!sim_is_deceived(a->w, a->s) &&
        now_ms - a->site->upstreams[a->u].lossy_ms[a->family] > CAUSE_MS)
        sim_broken(a->w, SIM_I13, "the world is to leave upstream %d %s, which loses nothing", a->u,
                   family_name(a->family));
}

static void check_ask(const struct asked *a)
{
    int64_t *changed_ms = &a->site->inbound.changed_ms[a->family][a->u];
    check_people(a);
    check_others(a);
    check_ground(a);
    // Another life knows nothing of the last.
    if (*changed_ms > a->ctl->started_ms && a->w->now_ms - *changed_ms < APART_MS)
        sim_broken(a->w, SIM_I3, "the world is to leave upstream %d %s again after %lld ms", a->u,
                   family_name(a->family), (long long)(a->w->now_ms - *changed_ms));
    sim_exercised(a->w, SIM_I3);
    *changed_ms = a->site->inbound.asked_ms[a->family][a->u] = a->w->now_ms;
    a->site->inbound.asks[a->family][a->u]++;
}

// ---- it is as usual again

// Whoever cannot be vouched for by us may not stay.
static bool is_let_go(const struct asked *a)
{
    bool runs = true;
    for (enum sim_role role = 0; role < SIM_SICK_ROLES; role++)
        runs &= sim_daemon_runs(a->w, a->ctl, role);
    return !runs || a->ctl->stopped || a->late_ms > 0 || is_restless(a) ||
           a->w->now_ms - a->ctl->told_ms > STALE_MS ||
           sim_fault_now(a->w, SIM_FAULT_VOID, a->s, SIM_NOBODY) ||
           sim_fault_now(a->w, SIM_FAULT_AUDIT, a->s, SIM_NOBODY);
}

// Another loses, too, or fills: what harms is given back at once.
static bool is_harm_likely(const struct asked *a)
{
    for (uint8_t u = 0; u < a->site->net.upstream_count; u++)
        if (u != a->u && (a->w->now_ms - a->site->upstreams[u].lossy_ms[a->family] < CAUSE_MS ||
                          sim_inbound_load(a->site, u) > a->site->upstreams[u].capacity * 0.75))
            return true;
    return false;
}

// I3, I10, I11: visible changes are half an hour apart, and nothing returns to a way that loses.
static void check_return(const struct asked *a)
{
    struct sim_inbound *in = &a->site->inbound;
    int64_t now_ms = a->w->now_ms, asked_ms = in->asked_ms[a->family][a->u];
    int64_t lossy_ms = a->site->upstreams[a->u].lossy_ms[a->family];
    if (asked_ms > a->ctl->started_ms)
        in->changed_ms[a->family][a->u] = now_ms;
    if (in->let_go_ms > asked_ms || sim_is_deceived(a->w, a->s))
        return;
    sim_exercised(a->w, SIM_I11);
    if (a->ctl->frozen && now_ms - a->ctl->frozen_ms > STEER_ORDER_MS)
        sim_broken(a->w, SIM_I11, "upstream %d %s is as usual %lld ms after it was frozen", a->u,
                   family_name(a->family), (long long)(now_ms - a->ctl->frozen_ms));
    if (in->harm_ms[a->family][a->u] > asked_ms)
        return;
    sim_exercised(a->w, SIM_I3);
    if (now_ms - asked_ms < APART_MS)
        sim_broken(a->w, SIM_I3, "upstream %d %s is as usual again after %lld ms", a->u,
                   family_name(a->family), (long long)(now_ms - asked_ms));
    sim_exercised(a->w, SIM_I10);
    if (now_ms - lossy_ms < WELL_MS)
        sim_broken(a->w, SIM_I10, "upstream %d %s is as usual, and lost packets %lld ms ago", a->u,
                   family_name(a->family), (long long)(now_ms - lossy_ms));
}

// ---- while it is asked

// I4: one at a time, whatever the family.
static void check_alone(const struct asked *a)
{
    struct sim_inbound *in = &a->site->inbound;
    bool beside = false;
    for (uint8_t other = 0; other < a->u; other++)
        for (enum family f = FAMILY_IPV4; f < FAMILIES && !is_drained(a, other, false); f++)
            beside |= is_asked_to_leave(in, f, other);
    sim_exercised(a->w, SIM_I4);
    sim_note_since(a->w, beside && !is_restless(a), &in->beside_since_ms[a->family][a->u]);
    if (beside && !is_restless(a) &&
        a->w->now_ms - in->beside_since_ms[a->family][a->u] > BESIDE_MS + 2 * a->late_ms)
        sim_broken(a->w, SIM_I4, "the world is to leave upstream %d %s, and another", a->u,
                   family_name(a->family));
}

static bool is_lossy_beside(const struct asked *a)
{
    for (uint8_t p = 0; p < a->site->prefix_count; p++)
        if (a->site->prefixes[p].prefix.address.family == a->family &&
            sim_loss(a->w, a->s, a->u, p) >= 0.002)
            return true;
    return a->w->now_ms - a->site->upstreams[a->u].lossy_ms[a->family] < OVER_MS;
}

// I8: another is bad, and this one is not.
static void check_harm(const struct asked *a)
{
    struct sim_inbound *in = &a->site->inbound;
    int64_t *since_ms = &in->harmful_since_ms[a->family][a->u];
    bool harms = false;
    for (uint8_t u = 0; u < a->site->net.upstream_count; u++)
        harms |= u != a->u && in->seen[a->family][u] == NET_STANCE_NORMAL && is_bad(a, u);
    harms = harms && !is_lossy_beside(a) && !is_let_go(a) && !a->ctl->frozen &&
            !sim_is_deceived(a->w, a->s) && a->w->faults.holding == 1;
    sim_note_since(a->w, harms, since_ms);
    if (harms)
        sim_exercised(a->w, SIM_I8);
    if (harms && a->w->now_ms - *since_ms > HARM_MS)
        sim_broken(a->w, SIM_I8, "the world is to leave upstream %d %s for a bad one", a->u,
                   family_name(a->family));
}

// L2, where nothing went wrong at a return yet.
static void check_calm(const struct asked *a)
{
    int64_t well_ms = a->w->now_ms - a->site->checks.well_since_ms;
    if (well_ms < LONGEST_MS || a->site->inbound.asks[a->family][a->u] != 1)
        return;
    sim_broken(a->w, SIM_L2, "the world is to leave upstream %d %s, and all is well for %lld ms",
               a->u, family_name(a->family), (long long)well_ms);
}

// A router offers it to others, and people did not ask for it: less would do.
static bool is_withheld(const struct asked *a)
{
    const struct sim_router *r = &a->site->routers[a->site->net.upstreams[a->u].router];
    const struct sim_override *o = &r->overrides[0][SIM_OWN_FIRST + (a->family == FAMILY_IPV6)];
    return o->stands && o->withheld >> a->u & 1;
}

static void check_stances(const struct asked *a)
{
    struct sim_inbound *in = &a->site->inbound;
    bool is = is_asked_to_leave(in, a->family, a->u);
    bool was = in->stood[a->family][a->u] != NET_STANCE_NORMAL;
    if (is_withheld(a))
        sim_broken(a->w, SIM_S13, "upstream %d %s is not offered what is ours", a->u,
                   family_name(a->family));
    if (in->said[a->family][a->u] == NET_STANCE_WITHHELD)
        return;  // a session is gone, or the service is sick: what is said next goes on from there
    if (is && !was)
        check_ask(a);
    if (was && !is)
        check_return(a);
    in->stood[a->family][a->u] = in->said[a->family][a->u];
    if (is) {
        check_alone(a);
        check_harm(a);
        check_calm(a);
    } else {
        in->beside_since_ms[a->family][a->u] = SIM_SINCE_NEVER;
        in->harmful_since_ms[a->family][a->u] = SIM_SINCE_NEVER;
    }
}

static void check_one(const struct asked *a)
{
    struct sim_inbound *in = &a->site->inbound;
    if (is_let_go(a))
        in->let_go_ms = a->w->now_ms;
    if (is_harm_likely(a))
        in->harm_ms[a->family][a->u] = a->w->now_ms;
    check_stances(a);
}

// S10: what we ask fills nobody who had room for what the world would send by itself.
static void check_room(struct sim_world *w, uint8_t s)
{
    struct sim_site *site = &w->sites[s];
    struct sim_inbound *in = &site->inbound;
    static const uint8_t usual[SIM_UPSTREAMS_MAX] = {NET_STANCE_NORMAL};
    double bare[FAMILIES][SIM_UPSTREAMS_MAX];
    bool any = false;
    for (enum family f = FAMILY_IPV4; f < FAMILIES; f++) {
        sim_inbound_spread(site, f, usual, bare[f]);
        for (uint8_t u = 0; u < site->net.upstream_count; u++)
            any |= is_asked_to_leave(in, f, u);
    }
    for (uint8_t u = 0; u < site->net.upstream_count; u++) {
        double room = site->upstreams[u].capacity;
        bool over = any && sim_inbound_load(site, u) > room &&
                    bare[FAMILY_IPV4][u] + bare[FAMILY_IPV6][u] <= room;
        if (any)
            sim_exercised(w, SIM_S10);
        in->over_ms[u] = over ? in->over_ms[u] + SIM_STEP_MS : 0;
        if (in->over_ms[u] > RELIEF_MS)
            sim_broken(w, SIM_S10, "%.0f of %.0f Mbit/s come in by upstream %d",
                       sim_inbound_load(site, u), room, u);
    }
}

void sim_check_inbound(struct sim_world *w, uint8_t s)
{
    struct sim_site *site = &w->sites[s];
    struct asked a = {.w = w,
                      .site = site,
                      .ctl = &site->controllers[0],
                      .s = s,
                      .late_ms = sim_fault_late_ms(w, s)};
    for (a.family = FAMILY_IPV4; a.family < FAMILIES; a.family++)
        for (a.u = 0; a.u < site->net.upstream_count; a.u++)
            if (!is_drained(&a, a.u, false))
                check_one(&a);
    if (!sim_fault_any(w, SIM_FAULT_DRAIN, s))
        check_room(w, s);
}
