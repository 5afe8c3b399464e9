// SPDX-License-Identifier: ISC
// What leaves for a router, held against what routers have and what traffic meets.
#include "engine/lifts.h"
#include "sim/judge.h"
#include "sim/place.h"
#include "sim/router.h"
#include "sim/traffic.h"
#include "sim/writer.h"
#include "steer/limits.h"

#include <string.h>

enum {
    IN_FLIGHT_MS = 3000,  // what a router takes back is still on its way to whoever copied it
    FAULT_AGE_MS = 25000,
    STALE_MS = 1500,
    BAD_MS = 6000,
    BLIND_MS = 1500,
    RELAPSE_MS = 150 * 1000,
};

struct said {
    struct sim_world *w;
    struct sim_site *site;
    struct sim_controller *ctl;
    uint8_t s, c, r, p, to;
    enum family family;
    const struct permit *permit;
};

bool sim_is_deceived(const struct sim_world *w, uint8_t s)
{
    return sim_fault_any(w, SIM_FAULT_LIE_TALLY, s) || sim_fault_any(w, SIM_FAULT_LIE_ROUTER, s);
}

// The upstream by which the router would send it without us; of an exit: whose it is.
static uint8_t bare_of(const struct said *a, uint8_t r)
{
    return sim_is_exit(a->p) ? (uint8_t)((a->p - SIM_EXIT_FIRST) / 2)
                             : sim_router_bare(a->site, r, a->p);
}

// What an upstream loses of it: of an exit, at least as much of all.
static double loss_by(const struct said *a, uint8_t upstream)
{
    double least = 1;
    if (!sim_is_exit(a->p))
        return sim_loss(a->w, a->s, upstream, a->p);
    for (uint8_t p = 0; p < a->site->prefix_count; p++)
        if (a->site->prefixes[p].prefix.address.family == a->family) {
            double loss = sim_loss(a->w, a->s, upstream, p);
            least = loss < least ? loss : least;
        }
    return least;
}

// An exit turns only what leaves by its upstream, router by router.
static double demand_of(const struct said *a)
{
    double sum = 0;
    if (!sim_is_exit(a->p))
        return sim_demand(a->site, a->p);
    for (uint8_t p = 0; p < a->site->prefix_count; p++)
        for (uint8_t r = 0; r < a->site->net.router_count; r++)
            if (a->site->prefixes[p].prefix.address.family == a->family &&
                sim_router_bare(a->site, r, p) == bare_of(a, r))
                sum += a->site->prefixes[p].demand[r] * a->site->demand_factor;
    return sum;
}

static void check_copy(const struct said *a)
{
    const struct sim_router *r = &a->site->routers[a->r];
    uint32_t owner = a->site->net.upstreams[a->to].router;
    const struct sim_router *o = &a->site->routers[owner];
    const struct sim_way *way = &o->own[a->p][a->to];
    int64_t since = a->w->now_ms - IN_FLIGHT_MS;
    uint8_t octets[64];
    uint16_t size = sim_as_path(a->s, a->to, a->p, way->length, octets);
    if (sim_fault_any(a->w, SIM_FAULT_LIE_ROUTER, a->s))
        return;  // what is copied was told
    sim_exercised(a->w, SIM_S1);
    if (!sim_router_knows(r, a->p) && r->changed_ms[a->p] < since && o->changed_ms[a->p] < since)
        sim_broken(a->w, SIM_S1, "router %d does not know prefix %d", a->r, a->p);
    sim_exercised(a->w, SIM_S2);
    if (!address_equal(a->permit->next_hop, a->site->net.upstreams[a->to].next_hop[a->family]) ||
        a->permit->as_path_size != size || memcmp(a->permit->as_path, octets, size) != 0)
        sim_broken(a->w, SIM_S2, "prefix %d by upstream %d is not the path that is there", a->p,
                   a->to);
    sim_exercised(a->w, SIM_I1);
    if (!way->present && o->changed_ms[a->p] < since)
        sim_broken(a->w, SIM_I1, "upstream %d has no way to prefix %d", a->to, a->p);
}

static void check_kind(const struct said *a)
{
    enum sim_prefix_kind kind = a->site->prefixes[a->p].kind;
    for (uint8_t p = 0; p < a->site->prefix_count; p++) {
        enum sim_prefix_kind other = a->site->prefixes[p].kind;
        if (other == SIM_BOGON || other == SIM_LENGTH)
            sim_exercised(a->w, SIM_S5);
        if (other == SIM_CONTROL || other == SIM_PROTECTED)
            sim_exercised(a->w, SIM_S6);
    }
    if (kind == SIM_BOGON || kind == SIM_LENGTH)
        sim_broken(a->w, SIM_S5, "prefix %d", a->p);
    if (kind == SIM_CONTROL || kind == SIM_PROTECTED)
        sim_broken(a->w, SIM_S6, "prefix %d", a->p);
    if (kind == SIM_OUTSIDE)
        sim_broken(a->w, SIM_S1, "prefix %d is not inside steer.prefixes", a->p);
    sim_exercised(a->w, SIM_S3);
    if (!a->permit->no_export || a->permit->marker.global == 0)
        sim_broken(a->w, SIM_S3, "prefix %d", a->p);
}

// S22: what was on its way when the disk was full may still come.
static void check_record(const struct said *a)
{
    const struct sim_fault *full = sim_fault_now(a->w, SIM_FAULT_AUDIT, a->s, SIM_NOBODY);
    const struct sim_override *o = &a->site->routers[a->r].overrides[a->c][a->p];
    if (!full || o->stands)
        return;
    int64_t late_ms = IN_FLIGHT_MS + sim_fault_late_ms(a->w, a->s);
    if (a->w->now_ms - full->at_ms > late_ms &&
        a->w->now_ms - a->ctl->stalled_ms[SIM_ROUTE] > STALE_MS)
        sim_broken(a->w, SIM_S22, "%lld ms after no record could be written",
                   (long long)(a->w->now_ms - full->at_ms));
}

// Until all routers have what was said before, loads are those of a moment: who hears that
// another's way is gone falls back on its own until it is told.
static bool is_under_way(const struct sim_site *site)
{
    // Or they are not reckoned anew yet.
    return sim_any_uneven(site) || site->forwarding_changed;
}

// I2: what it would overflow by, as things stand, against what is lost where that leaves now. What
// some routers send by that upstream already does not come a second time.
static void check_gain(const struct said *a)
{
    const struct sim_upstream *to = &a->site->upstreams[a->to];
    double over = to->load - to->capacity, lost = 0;
    if (a->r != a->site->net.upstreams[a->to].router || a->site->demand_factor != 1 ||
        sim_is_deceived(a->w, a->s) || a->site->controller_count > 1 || is_under_way(a->site))
        return;
    for (uint8_t r = 0; r < a->site->net.router_count; r++) {
        bool circles;
        uint8_t now = sim_router_exit(a->site, r, a->p, &circles);
        double comes = now == a->to ? 0 : a->site->prefixes[a->p].demand[r];
        over += comes;
        lost += comes * (now == SIM_NOBODY ? 1 : sim_loss(a->w, a->s, now, a->p));
    }
    sim_exercised(a->w, SIM_I2);
    if (over > 1 && over > lost && to->load <= to->capacity &&
        a->w->now_ms - a->site->checks.unrest_ms > FAULT_AGE_MS)
        sim_broken(a->w, SIM_I2, "prefix %d overflows upstream %d by %.0f Mbit/s", a->p, a->to,
                   over);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void check_people(const struct said *a)
{
    const struct sim_controller *ctl = a->ctl;
    int64_t quiet_ms = a->site->net.steer.quiet_start_ns / NS_PER_MS;
    sim_exercised(a->w, SIM_S7);
    if (a->w->now_ms - ctl->started_ms < quiet_ms)
        sim_broken(a->w, SIM_S7, "%lld ms after the start",
                   (long long)(a->w->now_ms - ctl->started_ms));
    if (a->site->net.mode == NET_CONFIRM && ctl->approved)
        sim_exercised(a->w, SIM_S16);
    if (!sim_may_act(a->w, a->s, a->c))
        sim_broken(a->w, SIM_S16, "prefix %d", a->p);
    if (ctl->frozen && a->w->now_ms - ctl->frozen_ms > STEER_ORDER_MS)
        sim_broken(a->w, SIM_I11, "%lld ms after it was frozen",
                   (long long)(a->w->now_ms - ctl->frozen_ms));
    // Where orders are slow, one was on its way, and the release behind it.
    int64_t late_ms = sim_fault_late_ms(a->w, a->s);
    if (ctl->stopped && a->w->now_ms - ctl->stopped_ms > least(late_ms, STEER_ORDER_MS))
        sim_broken(a->w, SIM_S20, "announced %lld ms after it was stopped",
                   (long long)(a->w->now_ms - ctl->stopped_ms));
}

// The upstream by which any router would send the prefix out without us, and that fails.
static bool leaves_by_failing(const struct said *a, int64_t age_ms)
{
    for (uint8_t r = 0; r < a->site->net.router_count; r++) {
        uint8_t bare = bare_of(a, r);
        if (bare != SIM_NOBODY && bare != a->to &&
            a->w->now_ms - a->site->upstreams[bare].lossy_ms[a->family] <= age_ms)
            return true;
    }
    return false;
}

// Bad, but what is left is worse by far.
static bool saves(const struct said *a)
{
    double least = loss_by(a, a->to);
    for (uint8_t r = 0; r < a->site->net.router_count; r++) {
        uint8_t bare = bare_of(a, r);
        if (bare != SIM_NOBODY && loss_by(a, bare) > 2 * least)
            return true;
    }
    return false;
}

static void check_ground(const struct said *a)
{
    struct sim_controller_checks *own = &a->site->checks.controllers[a->c];
    int64_t before_ms = own->announced_ms[a->p];
    bool again = before_ms != SIM_SINCE_NEVER && a->w->now_ms - before_ms < RELAPSE_MS;
    own->announced_ms[a->p] = a->w->now_ms;
    if (sim_is_deceived(a->w, a->s))
        return;
    sim_exercised(a->w, SIM_I13);
    bool unrest = a->w->now_ms - a->site->checks.unrest_ms < FAULT_AGE_MS;
    if (!leaves_by_failing(a, again ? RELAPSE_MS : FAULT_AGE_MS) && !unrest)
        sim_broken(a->w, SIM_I13, "prefix %d does not leave by an upstream that loses", a->p);
    sim_exercised(a->w, SIM_S13);
    int64_t bad_ms = a->site->checks.bad_since_ms[a->to][a->family];
    if (!again && bad_ms != SIM_SINCE_NEVER && a->w->now_ms - bad_ms > BAD_MS && !saves(a))
        sim_broken(a->w, SIM_S13, "upstream %d has been bad for %lld ms", a->to,
                   (long long)(a->w->now_ms - bad_ms));
    if (a->w->now_ms - a->ctl->told_ms > STALE_MS + sim_fault_late_ms(a->w, a->s) &&
        a->w->now_ms - a->ctl->stalled_ms[SIM_ROUTE] > STALE_MS)
        sim_broken(a->w, SIM_S13, "nothing was heard of the prober for %lld ms",
                   (long long)(a->w->now_ms - a->ctl->told_ms));
}

// Some router sends it by that upstream without us: it is what the move leaves.
static bool leaves_by(const struct said *a, uint8_t upstream)
{
    for (uint8_t r = 0; r < a->site->net.router_count; r++)
        if (bare_of(a, r) == upstream)
            return true;
    return false;
}

// One upstream lost something beside what all lose, or its prober lied so and the move leaves it,
// and that is over: what was told of it, since all began, is still what is known about that time.
static bool struck_beside(const struct said *a)
{
    for (uint32_t i = 0; i < a->w->faults.count; i++) {
        const struct sim_fault *f = &a->w->faults.items[i];
        bool strikes_one = f->kind < SIM_FAULT_ALL || f->kind == SIM_FAULT_REVERSE;
        bool lied = f->kind == SIM_FAULT_LIE_TALLY && leaves_by(a, f->upstream);
        if ((strikes_one || lied) && f->site == a->s && f->begun &&
            a->w->now_ms - f->until_ms < FAULT_AGE_MS)
            return true;
    }
    return false;
}

// Everything alike bad, or nothing to be seen.
static void check_observer(const struct said *a)
{
    const struct sim_fault *blind = sim_fault_now(a->w, SIM_FAULT_VOID, a->s, SIM_NOBODY);
    const struct sim_fault *all = sim_fault_now(a->w, SIM_FAULT_ALL, a->s, SIM_NOBODY);
    const struct sim_site_checks *checks = &a->site->checks;
    int64_t before_ms = checks->controllers[a->c].announced_ms[a->p];
    bool again = before_ms != SIM_SINCE_NEVER;
    if (blind && !again && a->w->now_ms - blind->at_ms > BLIND_MS) {
        sim_broken(a->w, SIM_I7, "the prober has seen nothing for %lld ms",
                   (long long)(a->w->now_ms - blind->at_ms));
        sim_broken(a->w, SIM_S12, "likewise");
    }
    bool only = a->w->faults.holding == 1 && all && all->prefixes == 0 && !again;
    if (only && (all->family == FAMILY_NONE || all->family == a->family) &&
        a->w->now_ms - all->at_ms > BAD_MS && a->w->now_ms - checks->unrest_ms > FAULT_AGE_MS &&
        !struck_beside(a))
        sim_broken(a->w, SIM_I6, "every upstream loses %u ppm", all->ppm);
}

static void check_damping(const struct said *a)
{
    struct sim_controller_checks *own = &a->site->checks.controllers[a->c];
    uint8_t bare = bare_of(a, a->r);
    if (a->r != a->site->net.upstreams[a->to].router || bare == SIM_NOBODY)
        return;  // each move is counted once, where it begins
    sim_exercised(a->w, SIM_S15);
    sim_exercised(a->w, SIM_I9);
    if (++own->ups[a->p][bare] > STEER_ACTS_PER_HOUR_MAX * a->site->net.upstream_count) {
        sim_broken(a->w, SIM_S15, "prefix %d was moved %d times", a->p, own->ups[a->p][bare]);
        sim_broken(a->w, SIM_I9, "likewise");
    }
}

// By what can be known: a loss that ended within the last second is still one.
static bool is_all_lost(const struct said *a)
{
    for (uint8_t r = 0; r < a->site->net.router_count; r++) {
        uint8_t bare = bare_of(a, r);
        if (bare != SIM_NOBODY &&
            a->w->now_ms - a->site->upstreams[bare].all_lost_ms[a->family] < STALE_MS)
            return true;
    }
    return false;
}

// I3: of what is moved in a minute, unless nearly all was lost. Each move counts once.
static void check_share(const struct said *a)
{
    struct sim_controller_checks *own = &a->site->checks.controllers[a->c];
    uint32_t percent = a->site->net.steer.budget.moved_per_minute_percent;
    double all = 0, moved = 0;
    if (percent == 100 || sim_is_deceived(a->w, a->s) ||
        a->r != a->site->net.upstreams[a->to].router)
        return;
    own->moved[own->moved_count++ % SIM_SAID_MAX] =
        (struct sim_moved){.ms = a->w->now_ms, .mbps = demand_of(a), .waived = is_all_lost(a)};
    for (uint8_t p = 0; p < a->site->prefix_count; p++)
        all += sim_demand(a->site, p);
    for (uint32_t i = 0; i < SIM_SAID_MAX && i < own->moved_count; i++) {
        const struct sim_moved *m = &own->moved[i];
        if (m->waived && a->w->now_ms - m->ms < 60 * 1000)
            return;
        moved += a->w->now_ms - m->ms < 60 * 1000 && m->ms >= a->ctl->started_ms ? m->mbps : 0;
    }
    const struct sim_lift *lift = &a->site->lift;
    bool lifted = lift->asked && lift->rule == LIFT_S8 && leaves_by(a, lift->upstream);
    sim_exercised(a->w, lifted && !lift->firm ? SIM_S18 : SIM_I3);
    if (lifted && lift->firm)
        return;
    if (moved > all * percent / 100 * 1.05 && a->site->demand_factor == 1)
        sim_broken(a->w, lifted ? SIM_S18 : SIM_I3, "%.0f of %.0f Mbit/s within a minute", moved,
                   all);
}

// S8, where the limit is small enough to be reached. What the route process remembers of acts dies
// with it; a quiet time of a minute stands between, which worlds cut short. What stands as it was,
// but for how its path is told now, is no act.
static void check_pace(const struct said *a)
{
    struct sim_controller_checks *own = &a->site->checks.controllers[a->c];
    const struct sim_override *o = &a->site->routers[a->r].overrides[a->c][a->p];
    uint32_t most = a->site->net.guard.acts_per_minute_max, count = 0;
    if (o->stands && o->upstream == a->to)
        return;
    own->said_ms[own->said_count++ % SIM_SAID_MAX] = a->w->now_ms;
    if (most >= SIM_SAID_MAX)
        return;
    for (uint32_t i = 0; i < SIM_SAID_MAX && i < own->said_count; i++)
        count +=
            a->w->now_ms - own->said_ms[i] < 60 * 1000 && own->said_ms[i] >= a->ctl->route_since_ms;
    if (count == most)
        sim_exercised(a->w, SIM_S8);
    if (count > most)
        sim_broken(a->w, SIM_S8, "%u within a minute, at most %u", count, most);
}

static uint8_t exit_bit(uint8_t place)
{
    return (uint8_t)(1u << (place - SIM_EXIT_FIRST));
}

// As said, in the order in which the router hears it: what is let go of may still stand there.
static void check_one_exit(const struct said *a)
{
    uint8_t *exits = &a->site->checks.controllers[a->c].exits[a->r];
    uint8_t of_upstream = (uint8_t)(3u << (2 * bare_of(a, a->r)));
    sim_exercised(a->w, SIM_S8);
    if (*exits & ~of_upstream)
        sim_broken(a->w, SIM_S8, "two exits are moved on router %d", a->r);
    if (a->ctl->session_up[a->r])
        *exits |= exit_bit(a->p);
}

// One route for all of an upstream: to another that is there, one upstream at a time.
static void check_exit(const struct said *a)
{
    const struct net_upstream *to = &a->site->net.upstreams[a->to];
    bool any = false;
    sim_exercised(a->w, SIM_S2);
    if (!address_equal(a->permit->next_hop, to->next_hop[a->family]) || a->to == bare_of(a, a->r))
        sim_broken(a->w, SIM_S2, "the exit of upstream %d by %d", bare_of(a, a->r), a->to);
    sim_exercised(a->w, SIM_S3);
    if (!a->permit->no_export || a->permit->marker.global == 0)
        sim_broken(a->w, SIM_S3, "the exit of upstream %d", bare_of(a, a->r));
    for (uint8_t p = 0; p < a->site->prefix_count; p++)
        any |= a->site->prefixes[p].prefix.address.family == a->family &&
               a->site->routers[to->router].own[p][a->to].present;
    sim_exercised(a->w, SIM_I1);
    bool lied_to = sim_fault_any(a->w, SIM_FAULT_LIE_ROUTER, a->s);  // of what is there
    if (!any && !lied_to && a->w->now_ms - a->site->checks.unrest_ms > IN_FLIGHT_MS)
        sim_broken(a->w, SIM_I1, "upstream %d has no way to anything", a->to);
    check_one_exit(a);
}

static void check_own_prefix(const struct said *a)
{
    const struct net_announce *own = &a->site->net.announce[a->p - SIM_OWN_FIRST];
    uint32_t all = (UINT32_C(1) << a->site->net.upstream_count) - 1;
    sim_trace(a->w, "route %d.%d says to router %d: own prefix %d", a->s, a->c, a->r,
              a->p - SIM_OWN_FIRST);
    sim_exercised(a->w, SIM_S1);
    if (!prefix_equal(a->permit->prefix, own->prefix) ||
        !address_equal(a->permit->next_hop, own->next_hop))
        sim_broken(a->w, SIM_S1, "own prefix %d is not as configured", a->p - SIM_OWN_FIRST);
    if (a->permit->marker.global == 0)
        sim_broken(a->w, SIM_S3, "own prefix %d", a->p - SIM_OWN_FIRST);
    a->site->checks.controllers[a->c].announced_ms[a->p] = a->w->now_ms;
    sim_exercised(a->w, SIM_S13);
    if ((a->permit->stances[NET_STANCE_WITHHELD] & all) == all)
        sim_broken(a->w, SIM_S13, "own prefix %d is withheld from everybody", a->p - SIM_OWN_FIRST);
}

void sim_check_announce(struct sim_world *w, uint8_t s, uint8_t c, const struct permit *permit)
{
    struct sim_site *site = &w->sites[s];
    struct said a = {.w = w,
                     .site = site,
                     .ctl = &site->controllers[c],
                     .s = s,
                     .c = c,
                     .r = (uint8_t)permit->router,
                     .p = sim_place_of(site, permit->prefix),
                     .to = (uint8_t)permit->upstream,
                     .family = permit->prefix.address.family,
                     .permit = permit};
    if (sim_is_own(a.p)) {
        check_own_prefix(&a);
        return;
    }
    w->announced++;
    sim_trace(w, "route %d.%d says to router %d: prefix %d by upstream %d", s, c, a.r, a.p, a.to);
    if (a.p == SIM_NOBODY) {
        sim_broken(w, SIM_S1, "a prefix that nobody has");
        return;
    }
    if (sim_is_exit(a.p)) {
        check_exit(&a);
    } else {
        check_copy(&a);
        check_kind(&a);
        check_gain(&a);
    }
    check_people(&a);
    check_record(&a);
    check_observer(&a);
    check_ground(&a);
    check_damping(&a);
    check_pace(&a);
    check_share(&a);
}

// I14. What is undone goes back at once, also while something of another incident returns.
static void check_slice(struct sim_world *w, const struct sim_site *site, struct sim_claims *claims,
                        uint8_t p)
{
    for (uint32_t path = 0; path < SIM_CLAIM_PATHS; path++) {
        struct sim_claim *claim = &claims->paths[path];
        if (!claim->returns || claim->incident != claims->owners[p])
            continue;
        if (claim->returned == SIM_NOBODY)
            claim->returned = p;
        if (p == claim->returned)
            return;
        sim_exercised(w, SIM_I14);
        if (w->now_ms - claim->return_ms < site->net.steer.fib_settle_ns / NS_PER_MS)
            sim_broken(w, SIM_I14, "prefix %d returned with the first", p);
    }
}

void sim_check_withdraw(struct sim_world *w, uint8_t s, uint8_t c, uint8_t r, uint8_t p)
{
    struct sim_site *site = &w->sites[s];
    const struct sim_override *o = &site->routers[r].overrides[c][p];
    int64_t announced_ms = site->checks.controllers[c].announced_ms[p];
    w->withdrawn++;
    if (sim_is_exit(p))
        site->checks.controllers[c].exits[r] &= (uint8_t)~exit_bit(p);
    if (!o->stands && (announced_ms == SIM_SINCE_NEVER || w->now_ms - announced_ms > IN_FLIGHT_MS))
        sim_broken(w, SIM_S7, "prefix %d is withdrawn and does not stand on router %d", p, r);
    if (p < SIM_EXIT_FIRST && w->now_ms - site->checks.unrest_ms >= 1000)
        check_slice(w, site, &site->controllers[c].claims, p);
}
