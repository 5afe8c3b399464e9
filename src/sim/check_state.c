// SPDX-License-Identifier: ISC
// What stands in the routers and becomes of traffic, looked at every step.
#include "engine/lifts.h"
#include "sim/daemon.h"
#include "sim/judge.h"
#include "sim/place.h"
#include "sim/prober.h"
#include "sim/router.h"
#include "sim/traffic.h"
#include "steer/moves.h"

#include <string.h>

enum {
    SETTLED_MS = 11000,  // a session that is lost is lost to both within the hold time
    ROUTES_MS = 1500,    // routes have gone round
    LET_GO_MS = 500,
    LEASE_LATE_MS = 300,
    PROBE_GONE_MS = 5300,
    ROUTE_GONE_MS = 10000,
    STOP_MS = 1000,
    HARM_MS = 25000,
    LEAVE_MS = 20000,
    WELL_MS = 88000,
    PROVEN_MS = 15000,
    START_MS = 12000,
    FAILING_MS = 60000,
    PASSING_MS = 1500,  // while routers follow one after the other
    // Counters hold what changed after ten seconds; where a part was taken back by wrong weights,
    // once more.
    RELIEF_MS = 30000,
};

void sim_checks_begin(struct sim_site_checks *checks)
{
    *checks = (struct sim_site_checks){.unrest_ms = INT64_MIN / 2, .parted_ms = INT64_MIN / 2};
    checks->calm_since_ms = checks->policy_since_ms = SIM_SINCE_NEVER;
    memset(checks->tried_since_ms, 0xff, sizeof checks->tried_since_ms);
    memset(checks->bad_since_ms, 0xff, sizeof checks->bad_since_ms);  // SIM_SINCE_NEVER
    memset(checks->lossy_since_ms, 0xff, sizeof checks->lossy_since_ms);
    memset(checks->overflow_since_ms, 0xff, sizeof checks->overflow_since_ms);
    memset(checks->filled_since_ms, 0xff, sizeof checks->filled_since_ms);
    for (int c = 0; c < 2; c++) {
        struct sim_controller_checks *own = &checks->controllers[c];
        own->engine.since_ms = own->probe.since_ms = own->route.since_ms = own->stop.since_ms =
            SIM_SINCE_NEVER;
        memset(own->announced_ms, 0xff, sizeof own->announced_ms);
        for (size_t i = 0; i < SIM_CHECK_OWN; i++)
            own->own_since_ms[i] = SIM_SINCE_NEVER;
        memset(own->harmful_since_ms, 0xff, sizeof own->harmful_since_ms);
        own->apart_ms = INT64_MIN / 2;
    }
}

// ---- S4

static void check_counts(struct sim_world *w, const struct sim_site *site, uint8_t c)
{
    for (uint8_t r = 0; r < site->net.router_count; r++) {
        uint32_t count = 0;
        for (uint8_t p = 0; p < site->prefix_count; p++)
            count += site->routers[r].overrides[c][p].stands;
        if (count >= site->net.guard.routes_per_router_max)
            sim_exercised(w, SIM_S4);
        if (count > site->net.guard.routes_per_router_max)
            sim_broken(w, SIM_S4, "%u routes on router %d, at most %u", count, r,
                       site->net.guard.routes_per_router_max);
    }
}

// ---- loops

// What is let go of at once, by a release or the end of a lease, is gone from all within moments.
static bool is_settled(const struct sim_world *w, const struct sim_site *site, uint8_t p)
{
    bool settled = w->now_ms - site->checks.parted_ms > SETTLED_MS &&
                   w->now_ms - site->checks.unrest_ms > LET_GO_MS;
    for (uint8_t r = 0; r < site->net.router_count; r++)
        settled &= site->routers[r].changed_ms[p] == 0 ||
                   w->now_ms - site->routers[r].changed_ms[p] > ROUTES_MS;
    return settled;
}

// The prefix itself, then the exits of its family.
static uint8_t next_place(const struct sim_site *site, uint8_t p, uint8_t place)
{
    enum family family = site->prefixes[p].prefix.address.family;
    return place == p ? sim_exit_place(0, family) : (uint8_t)(place + 2);
}

bool sim_is_uneven(const struct sim_site *site, uint8_t p)
{
    for (uint8_t place = p; place < SIM_OWN_FIRST; place = next_place(site, p, place)) {
        uint32_t count = 0;
        for (uint8_t r = 0; r < site->net.router_count; r++)
            count += site->routers[r].overrides[0][place].stands;
        if (count > 0 && count < site->net.router_count)
            return true;
    }
    return false;
}

bool sim_any_uneven(const struct sim_site *site)
{
    bool any = false;
    for (uint8_t p = 0; p < site->prefix_count; p++)
        any |= sim_is_uneven(site, p);
    return any;
}

static void check_loops(struct sim_world *w, uint8_t s)
{
    struct sim_site *site = &w->sites[s];
    // Half a move circles where a router does not do its part: L7 asks for how long.
    bool deceived =
        sim_fault_any(w, SIM_FAULT_LIE_ROUTER, s) || sim_fault_any(w, SIM_FAULT_POLICY, s);
    for (uint8_t p = 0; p < site->prefix_count && !deceived; p++) {
        bool both =
            site->routers[0].overrides[0][p].stands && site->routers[0].overrides[1][p].stands;
        if (both)
            sim_exercised(w, SIM_S17);
        if (sim_is_uneven(site, p))
            sim_exercised(w, SIM_L3);
        for (uint8_t r = 0; r < site->net.router_count; r++) {
            bool circles;
            sim_router_exit(site, r, p, &circles);
            if (circles && is_settled(w, site, p))
                sim_broken(w, site->controller_count > 1 ? SIM_S17 : SIM_L3,
                           "prefix %d from router %d", p, r);
        }
    }
}

// ---- letting go: S11, S14, S20, I5

void sim_note_since(const struct sim_world *w, bool holds, int64_t *since_ms)
{
    if (!holds)
        *since_ms = SIM_SINCE_NEVER;
    else if (*since_ms == SIM_SINCE_NEVER)
        *since_ms = w->now_ms;
}

static void forget_since(int64_t *since_ms, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        since_ms[i] = SIM_SINCE_NEVER;
}

// A cause to let go since `since_ms` has its effect within `ms`; it is worth counting where
// something stood when it came.
static void must_be_gone(struct sim_world *w, enum sim_rule rule, const struct sim_cause *cause,
                         int64_t ms)
{
    if (cause->since_ms == SIM_SINCE_NEVER || w->now_ms - cause->since_ms < ms)
        return;
    if (w->now_ms - cause->since_ms < ms + SIM_STEP_MS && cause->stood)
        sim_exercised(w, rule);
    if (cause->stands > 0)
        sim_broken(w, rule, "%u routes of ours stand %lld ms after", cause->stands,
                   (long long)(w->now_ms - cause->since_ms));
}

static void note_cause(const struct sim_world *w, bool holds, uint32_t stands,
                       struct sim_cause *cause)
{
    bool was = cause->since_ms != SIM_SINCE_NEVER;
    sim_note_since(w, holds, &cause->since_ms);
    if (!was)
        cause->stood = stands > 0 || cause->stands > 0;
    cause->stands = stands;
}

// Our own prefixes that routers have; `asked`: only those that the world is asked something by,
// but not by people.
static uint32_t offered(const struct sim_world *w, uint8_t s, uint8_t c, bool asked)
{
    const struct sim_site *site = &w->sites[s];
    uint32_t count = 0;
    for (uint8_t r = 0; r < site->net.router_count; r++)
        for (uint8_t place = SIM_OWN_FIRST; place < SIM_PLACES; place++) {
            const struct sim_override *o = &site->routers[r].overrides[c][place];
            count += o->stands && (!asked || o->graceful || o->prepend);
        }
    return asked && sim_fault_any(w, SIM_FAULT_DRAIN, s) ? 0 : count;
}

static void check_letting_go(struct sim_world *w, uint8_t s, uint8_t c)
{
    struct sim_site *site = &w->sites[s];
    const struct sim_controller *ctl = &site->controllers[c];
    struct sim_controller_checks *checks = &site->checks.controllers[c];
    bool route = sim_daemon_runs(w, ctl, SIM_ROUTE), engine = sim_daemon_runs(w, ctl, SIM_ENGINE);
    int64_t late_ms = sim_fault_late_ms(w, s);
    int64_t lease_ms = site->net.steer.lease_ns / NS_PER_MS + LEASE_LATE_MS;
    uint32_t count = sim_standing(site, c), own = offered(w, s, c, false);
    // Who is stopped lets the lease end.
    uint32_t asked = ctl->stopped ? 0 : offered(w, s, c, true);
    bool probe = sim_daemon_runs(w, ctl, SIM_PROBE);
    note_cause(w, !route, count + own, &checks->route);
    note_cause(w, route && !engine, count + own, &checks->engine);
    note_cause(w, route && engine && !probe, count + asked, &checks->probe);
    note_cause(w, route && engine && ctl->stopped, count, &checks->stop);
    must_be_gone(w, SIM_S11, &checks->route, ROUTE_GONE_MS);
    must_be_gone(w, SIM_I5, &checks->engine, lease_ms);
    must_be_gone(w, SIM_S14, &checks->probe, PROBE_GONE_MS + late_ms);
    must_be_gone(w, SIM_S20, &checks->stop, STOP_MS + late_ms);
}

// ---- truth about upstreams

static bool is_full_loss(const struct sim_world *w, uint8_t s, uint8_t u, enum family f,
                         double least)
{
    const struct sim_site *site = &w->sites[s];
    for (uint8_t p = 0; p < site->prefix_count; p++)
        if (site->prefixes[p].kind == SIM_PLAIN && site->prefixes[p].prefix.address.family == f &&
            sim_loss(w, s, u, p) < least)
            return false;
    return true;
}

// Every upstream can take everything within its headroom, and that is known.
static bool has_room(const struct sim_site *site)
{
    double all = 0;
    for (uint8_t p = 0; p < site->prefix_count; p++)
        all += sim_demand(site, p);
    for (uint8_t u = 0; u < site->net.upstream_count; u++)
        if (site->net.upstreams[u].capacity_mbps * 0.8 < all)
            return false;
    return true;
}

// L1 asks this only where nothing else is amiss.
static bool is_plain(const struct sim_world *w, uint8_t s)
{
    const struct sim_site *site = &w->sites[s];
    uint32_t losses = 0;
    for (uint32_t i = 0; i < w->faults.count; i++) {
        if (w->faults.items[i].kind != SIM_FAULT_LOSS)
            return false;
        losses += w->faults.items[i].site == s;
    }
    if (losses > 1)
        return false;  // what was moved for one is not moved again within the minute (I3)
    return site->controller_count == 1 && site->net.mode == NET_ACT &&
           site->net.guard.routes_per_router_max > SIM_PREFIXES_MAX &&
           site->net.guard.acts_per_minute_max == STEER_ACTS_PER_MINUTE_MAX &&
           site->net.steer.budget.moved_per_minute_percent == 100 &&
           site->net.steer.budget.drained_upstreams_percent == 100 &&
           site->net.steer.budget.canary_ns == 0 && has_room(site) && site->routers[0].add_path &&
           w->now_ms > START_MS;
}

static bool can_go(const struct sim_world *w, uint8_t s, uint8_t u, uint8_t p)
{
    const struct sim_site *site = &w->sites[s];
    enum family f = site->prefixes[p].prefix.address.family;
    for (uint8_t r = 0; r < site->net.router_count; r++) {
        bool any = false;
        for (uint8_t v = 0; v < site->net.upstream_count; v++)
            any |= site->routers[r].own[p][v].present;
        if (!any)
            return false;
    }
    for (uint8_t v = 0; v < site->net.upstream_count; v++) {
        const struct sim_router *r = &site->routers[site->net.upstreams[v].router];
        if (v != u && r->own[p][v].present &&
            w->now_ms - site->upstreams[v].lossy_ms[f] > PROVEN_MS + LEAVE_MS)
            return true;
    }
    return false;
}

static bool leaves_by(const struct sim_site *site, uint8_t u, uint8_t p)
{
    bool circles, leaves = false;
    for (uint8_t r = 0; r < site->net.router_count; r++)
        leaves |= sim_router_exit(site, r, p, &circles) == u;
    return leaves;
}

static bool could_be_left(const struct sim_world *w, uint8_t s, uint8_t u, enum family f)
{
    const struct sim_site *site = &w->sites[s];
    for (uint32_t t = 0; t < SIM_TARGETS; t++) {
        uint8_t p = sim_target_prefix(site, t, f);
        if (leaves_by(site, u, p) && can_go(w, s, u, p))
            return true;
    }
    return false;
}

static void check_upstreams(struct sim_world *w, uint8_t s)
{
    struct sim_site *site = &w->sites[s];
    bool plain = is_plain(w, s);
    for (uint8_t u = 0; u < site->net.upstream_count; u++)
        for (enum family f = FAMILY_IPV4; f < FAMILIES; f++) {
            int64_t *lossy = &site->checks.lossy_since_ms[u][f];
            sim_note_since(w, is_full_loss(w, s, u, f, 0.1), &site->checks.bad_since_ms[u][f]);
            sim_note_since(w, plain && is_full_loss(w, s, u, f, 0.1) && could_be_left(w, s, u, f),
                           lossy);
            if (*lossy == w->now_ms)
                sim_exercised(w, SIM_L1);
            if (*lossy != SIM_SINCE_NEVER && w->now_ms - *lossy > LEAVE_MS)
                sim_broken(w, SIM_L1, "upstream %d %s still carries what could go elsewhere", u,
                           family_name(f));
        }
}

// It lost something within the last minute: what leaves another one beside it is no drain of that.
static bool is_failing(const struct sim_world *w, const struct sim_upstream *upstream)
{
    return w->now_ms - upstream->lossy_ms[FAMILY_IPV4] < FAILING_MS ||
           w->now_ms - upstream->lossy_ms[FAMILY_IPV6] < FAILING_MS;
}

// Upstreams that something which stands was moved away from. One whose moves were all taken back
// is left no more, even where the next move began before nothing stood.
static uint32_t moved_from(const struct sim_site *site, uint8_t c)
{
    uint32_t upstreams = 0;
    for (uint8_t r = 0; r < site->net.router_count; r++)
        for (uint8_t place = 0; place < SIM_OWN_FIRST; place++)
            if (site->routers[r].overrides[c][place].stands)
                upstreams |= site->controllers[c].claims.away[place];
    return upstreams;
}

// S9: an upstream counts as left when most of what it would carry goes elsewhere.
static void check_left(struct sim_world *w, const struct sim_site *site)
{
    uint32_t left = 0, percent = site->net.steer.budget.drained_upstreams_percent;
    for (uint8_t u = 0; u < site->net.upstream_count; u++)
        left += is_failing(w, &site->upstreams[u]) &&
                site->upstreams[u].load < site->upstreams[u].load_bare / 2;
    const struct sim_lift *lift = &site->lift;
    bool lifted = lift->asked && lift->rule == LIFT_S9;
    if (left > 0 && percent < 100)
        sim_exercised(w, lifted && !lift->firm ? SIM_S18 : SIM_S9);
    if (lifted && lift->firm)
        return;
    // One move may empty another upstream in passing, where a router natively left by that.
    if (__builtin_popcount(moved_from(site, 0)) > 1 && left > 1 &&
        left * 100 > percent * site->net.upstream_count)
        sim_broken(w, lifted ? SIM_S18 : SIM_S9, "%u of %u upstreams are left at once", left,
                   site->net.upstream_count);
}

// How long some routers may have an override before the others: where orders and answers are slow,
// until the engine has given it up and what it says then has arrived.
static int64_t passing_ms(const struct sim_world *w, uint8_t s)
{
    int64_t late_ms = sim_fault_late_ms(w, s);
    return late_ms > 0 ? PASSING_MS + MOVES_ANSWER_MS + 2 * late_ms : PASSING_MS;
}

// A half of a move stands, and the process is stopped that would say the other half. Until then,
// who hears that another's way is gone falls back on its own.
static bool is_held_up(const struct sim_world *w, const struct sim_site *site)
{
    return site->checks.controllers[0].apart_ms == w->now_ms && sim_any_uneven(site);
}

// What routers turned to the upstream by themselves after the last act: the move had room without
// that. It leaves because of that, see below.
static double turned_since(struct sim_site *site, uint8_t u)
{
    double *before = &site->checks.bare_before[u], bare = site->upstreams[u].load_bare;
    if (site->checks.unrest_ms <= site->controllers[0].claims.act_ms)
        *before = bare;
    return bare > *before ? bare - *before : 0;
}

// Nothing keeps it from seeing that, or from letting go.
static bool is_free(const struct sim_world *w, uint8_t s)
{
    const struct sim_controller *ctl = &w->sites[s].controllers[0];
    bool runs = true;
    for (enum sim_role role = 0; role < SIM_SICK_ROLES; role++)
        runs &= sim_daemon_runs(w, ctl, role);
    return runs && !ctl->frozen && w->sites[s].controller_count == 1 &&
           sim_fault_late_ms(w, s) == 0;
}

// What we moved leaves an upstream that is too full, whoever filled it.
static void check_relief(struct sim_world *w, uint8_t s, uint8_t u)
{
    struct sim_site *site = &w->sites[s];
    const struct sim_upstream *up = &site->upstreams[u];
    bool filled = up->load > up->capacity && up->load > up->load_bare + 1 &&
                  site->net.upstreams[u].capacity_mbps > 0 && is_free(w, s) &&
                  !sim_fault_any(w, SIM_FAULT_POLICY, s);
    sim_note_since(w, filled, &site->checks.filled_since_ms[u]);
    if (filled)
        sim_exercised(w, SIM_S10);
    if (filled && w->now_ms - site->checks.filled_since_ms[u] > RELIEF_MS)
        sim_broken(w, SIM_S10, "upstream %d carries %.0f of %.0f Mbit/s for %lld ms, some by us", u,
                   up->load, up->capacity,
                   (long long)(w->now_ms - site->checks.filled_since_ms[u]));
}

static void check_overflow(struct sim_world *w, uint8_t s)
{
    struct sim_site *site = &w->sites[s];
    bool held_up = is_held_up(w, site);
    check_left(w, site);
    for (uint8_t u = 0; u < site->net.upstream_count; u++) {
        const struct sim_upstream *up = &site->upstreams[u];
        check_relief(w, s, u);
        // A change of demand, or of the routers' own choice, is nobody's move, and who is told
        // wrong weights cannot know better. Nor can who moves where a router does not do its part:
        // others hand it what it sends as it always did (L7 says how long, where it tells). Two
        // daemons that know nothing of each other may both see the same room: one writer a router
        // is asked for (S17).
        bool ours = up->load > up->load_bare + 1 && site->demand_factor == 1 &&
                    site->told_factor == 1 && site->controller_count == 1 &&
                    !sim_fault_any(w, SIM_FAULT_POLICY, s) &&
                    w->now_ms - site->checks.unrest_ms >= SETTLED_MS;
        bool over = up->load - turned_since(site, u) > up->capacity && ours && !held_up &&
                    up->load_bare <= up->capacity;
        sim_note_since(w, over, &site->checks.overflow_since_ms[u]);
        if (ours)
            sim_exercised(w, SIM_S10);
        if (over && w->now_ms - site->checks.overflow_since_ms[u] > passing_ms(w, s))
            sim_broken(w, SIM_S10, "upstream %d carries %.0f of %.0f Mbit/s, %.0f without us", u,
                       up->load, up->capacity, up->load_bare);
    }
}

// ---- I8 and L2

static void check_harm(struct sim_world *w, uint8_t s, uint8_t c)
{
    struct sim_site *site = &w->sites[s];
    const struct sim_controller *ctl = &site->controllers[c];
    struct sim_controller_checks *own = &site->checks.controllers[c];
    bool sees = !ctl->frozen && !sim_is_deceived(w, s) && w->faults.holding == 1 &&
                sim_daemon_runs(w, ctl, SIM_ENGINE) && sim_daemon_runs(w, ctl, SIM_PROBE) &&
                sim_daemon_runs(w, ctl, SIM_ROUTE);
    for (uint32_t t = 0; t < 2 * SIM_TARGETS; t++) {
        uint8_t p = sim_target_prefix(site, t / 2, t % 2 ? FAMILY_IPV4 : FAMILY_IPV6);
        bool circles;
        uint8_t bare = sim_router_bare(site, 0, p), now = sim_router_exit(site, 0, p, &circles);
        bool harms = sees && bare != SIM_NOBODY && now != SIM_NOBODY && bare != now &&
                     sim_loss(w, s, now, p) >= 0.1 && sim_loss(w, s, bare, p) < 0.002;
        sim_note_since(w, harms, &own->harmful_since_ms[p]);
        if (own->harmful_since_ms[p] == w->now_ms)
            sim_exercised(w, SIM_I8);
        if (harms && w->now_ms - own->harmful_since_ms[p] > HARM_MS)
            sim_broken(w, SIM_I8, "prefix %d by upstream %d", p, now);
    }
}

static void check_calm(struct sim_world *w, uint8_t s)
{
    struct sim_site *site = &w->sites[s];
    bool frozen = false;
    for (uint8_t c = 0; c < site->controller_count; c++)
        frozen |= site->controllers[c].frozen;
    if (w->faults.holding > 0 || frozen)
        site->checks.well_since_ms = w->now_ms;
    if (w->now_ms - site->checks.well_since_ms != WELL_MS)
        return;
    sim_exercised(w, SIM_L2);
    for (uint8_t c = 0; c < site->controller_count; c++)
        if (sim_standing(site, c) > 0)
            sim_broken(w, SIM_L2, "%u overrides stand", sim_standing(site, c));
}

static void forget_overflows(struct sim_site_checks *checks)
{
    forget_since(checks->overflow_since_ms, SIM_CHECK_UPSTREAMS);
    forget_since(checks->filled_since_ms, SIM_CHECK_UPSTREAMS);
}

void sim_check_forwarding(struct sim_world *w)
{
    for (uint8_t s = 0; s < w->site_count; s++)
        if (w->sites[s].forwarding_changed &&
            sim_standing(&w->sites[s], 0) + sim_standing(&w->sites[s], 1))
            check_loops(w, s);
}

void sim_check_step(struct sim_world *w)
{
    for (uint8_t s = 0; s < w->site_count; s++) {
        struct sim_site *site = &w->sites[s];
        bool any = false;
        for (uint8_t c = 0; c < site->controller_count; c++) {
            bool stands = sim_standing(site, c) > 0;
            any |= stands;
            check_letting_go(w, s, c);
            sim_check_owners(w, s, c, stands);
            sim_check_more(w, s, c);
            if (stands) {
                check_counts(w, site, c);
                check_harm(w, s, c);
            } else {
                site->controllers[c].claims.left = 0;
                forget_since(site->checks.controllers[c].harmful_since_ms, SIM_CHECK_PREFIXES);
            }
        }
        if (any)
            check_overflow(w, s);
        else  // the next move is another one
            forget_overflows(&site->checks);
        if (w->faults.holding > 0 || w->overflowing)
            check_upstreams(w, s);
        else
            forget_since(site->checks.bad_since_ms[0], SIM_CHECK_UPSTREAMS * FAMILIES);
        check_calm(w, s);
    }
}

// Temptations that were withstood: that each was one is known only at the end.
static void count_temptation(struct sim_world *w, const struct sim_fault *f)
{
    bool long_enough = f->until_ms - f->at_ms >= 3000;
    const struct sim_site *site = &w->sites[f->site == SIM_NOBODY ? 0 : f->site];
    if (f->kind == SIM_FAULT_ALL && long_enough)
        sim_exercised(w, SIM_I6);
    if (f->kind == SIM_FAULT_VOID && long_enough) {
        sim_exercised(w, SIM_I7);
        sim_exercised(w, SIM_S12);
    }
    if (f->kind == SIM_FAULT_FREEZE && long_enough)
        sim_exercised(w, SIM_I11);
    if (f->kind == SIM_FAULT_AUDIT && long_enough)
        sim_exercised(w, SIM_S22);
    if (f->kind == SIM_FAULT_LIE_NOTICE)
        sim_exercised(w, SIM_S19);
    if (f->kind == SIM_FAULT_CLOCK)
        sim_exercised(w, SIM_S25);
    if (f->kind == SIM_FAULT_LOSS && f->ppm >= 100000 && site->net.mode != NET_ACT && long_enough)
        sim_exercised(w, SIM_S16);
}

void sim_check_end(struct sim_world *w)
{
    for (uint32_t i = 0; i < w->faults.count; i++)
        count_temptation(w, &w->faults.items[i]);
}
