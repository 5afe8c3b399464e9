// SPDX-License-Identifier: ISC
#include "sim/router.h"

#include "sim/message.h"
#include "sim/place.h"

#include <string.h>

enum { IBGP_MS = 5, IBGP_SPREAD_MS = 25, TELL_MS = 2, TELL_SPREAD_MS = 10 };

static int64_t soon(struct sim_world *w, int64_t ms, uint32_t spread_ms)
{
    return w->now_ms + ms + (int64_t)(random_u64(&w->random) % spread_ms);
}

// LOCAL_PREF, then the shorter path.
static bool beats(const struct sim_way *a, const struct sim_way *b)
{
    if (!b->present || a->local_pref != b->local_pref)
        return !b->present || a->local_pref > b->local_pref;
    return a->length < b->length;
}

static struct sim_way best_own(const struct sim_router *r, uint8_t p)
{
    struct sim_way best = {.upstream = SIM_NOBODY};
    for (uint8_t u = 0; u < SIM_UPSTREAMS_MAX; u++)
        if (r->own[p][u].present && beats(&r->own[p][u], &best))
            best = r->own[p][u];
    return best;
}

static struct sim_choice choose(const struct sim_site *site, const struct sim_router *r, uint8_t p)
{
    struct sim_way own = best_own(r, p), best = own;
    enum sim_origin origin = own.present ? SIM_OWN : SIM_NOWHERE;
    for (uint8_t other = 0; other < site->net.router_count; other++) {
        const struct sim_way *way = &r->others[p][other];
        if (way->present && beats(way, &best)) {
            best = *way;
            origin = SIM_OTHERS;
        }
    }
    for (uint8_t c = 0; c < SIM_CONTROLLERS_MAX && !r->rejects; c++) {
        const struct sim_override *o = &r->overrides[c][p];
        if (o->stands && origin != SIM_OVERRIDE) {
            best.upstream = o->upstream;
            origin = SIM_OVERRIDE;
        }
    }
    return (struct sim_choice){origin, origin == SIM_NOWHERE ? SIM_NOBODY : best.upstream};
}

static bool shows(const struct sim_router *r, uint8_t p, uint8_t u)
{
    const struct sim_choice *best = &r->best[p];
    return r->own[p][u].present &&
           (r->add_path || (best->origin == SIM_OWN && best->upstream == u));
}

// What its session with the controller shows of the prefix, where that changed.
static void tell(struct sim_world *w, uint8_t s, uint8_t router, uint8_t c, uint8_t p)
{
    struct sim_site *site = &w->sites[s];
    struct sim_controller *ctl = &site->controllers[c];
    const struct sim_router *r = &site->routers[router];
    if (!ctl->session_up[router])
        return;
    // A withdrawal first, so that a router without ADD-PATH is never asked for two at once.
    for (int pass = 0; pass < 2; pass++) {
        for (uint8_t u = 0; u < site->net.upstream_count; u++) {
            bool is = shows(r, p, u) || (r->lies && site->prefixes[p].kind == SIM_PLAIN);
            if (is != (pass == 1) || is == ctl->told[router][p][u])
                continue;
            ctl->told[router][p][u] = is;
            int64_t at = soon(w, TELL_MS, TELL_SPREAD_MS);
            ctl->to_route_ms = at > ctl->to_route_ms ? at : ctl->to_route_ms;
            sim_message_send(w->messages, &(struct sim_message){.at_ms = ctl->to_route_ms,
                                                                .kind = SIM_TO_ROUTE_PATH,
                                                                .life = ctl->session_lives[router],
                                                                .site = s,
                                                                .controller = c,
                                                                .router = router,
                                                                .prefix = p,
                                                                .upstream = u,
                                                                .present = is});
        }
    }
}

void sim_router_tell_all(struct sim_world *w, uint8_t site, uint8_t router, uint8_t controller)
{
    for (uint8_t p = 0; p < w->sites[site].prefix_count; p++)
        tell(w, site, router, controller, p);
}

// Only what it learned by eBGP itself goes on to the other routers (RFC 4271 §9.2.1).
static void tell_others(struct sim_world *w, uint8_t s, uint8_t router, uint8_t p)
{
    struct sim_site *site = &w->sites[s];
    const struct sim_router *r = &site->routers[router];
    struct sim_way way = best_own(r, p);
    way.present = r->best[p].origin == SIM_OWN;
    for (uint8_t other = 0; other < site->net.router_count; other++) {
        if (other == router)
            continue;
        sim_message_send(w->messages,
                         &(struct sim_message){.at_ms = soon(w, IBGP_MS, IBGP_SPREAD_MS),
                                               .kind = SIM_TO_ROUTER_IBGP,
                                               .site = s,
                                               .router = other,
                                               .prefix = p,
                                               .upstream = way.upstream,
                                               .from = router,
                                               .length = way.length,
                                               .local_pref = way.local_pref,
                                               .present = way.present});
    }
}

static void decide(struct sim_world *w, uint8_t s, uint8_t router, uint8_t p)
{
    struct sim_site *site = &w->sites[s];
    struct sim_router *r = &site->routers[router];
    struct sim_choice before = r->best[p], now = choose(site, r, p);
    r->best[p] = now;
    if (now.origin != before.origin || now.upstream != before.upstream) {
        tell_others(w, s, router, p);
        sim_message_send(w->messages, &(struct sim_message){.at_ms = w->now_ms + r->fib_delay_ms,
                                                            .kind = SIM_TO_FIB,
                                                            .site = s,
                                                            .router = router,
                                                            .prefix = p,
                                                            .upstream = now.upstream});
    }
    for (uint8_t c = 0; c < site->controller_count; c++)
        tell(w, s, router, c, p);
}

// The first controller's word for where an upstream's packets go instead.
static uint8_t detour(const struct sim_router *r, uint8_t place)
{
    for (uint8_t c = 0; c < SIM_CONTROLLERS_MAX && !r->rejects; c++)
        if (r->overrides[c][place].stands)
            return r->overrides[c][place].upstream;
    return SIM_NOBODY;
}

// What a controller says of it has changed.
static void reconsider(struct sim_world *w, uint8_t s, uint8_t router, uint8_t place)
{
    const struct sim_router *r = &w->sites[s].routers[router];
    if (sim_is_own(place))
        return;
    if (!sim_is_exit(place)) {
        decide(w, s, router, place);
        return;
    }
    sim_message_send(w->messages, &(struct sim_message){.at_ms = w->now_ms + r->fib_delay_ms,
                                                        .kind = SIM_TO_FIB,
                                                        .site = s,
                                                        .router = router,
                                                        .prefix = place,
                                                        .upstream = detour(r, place)});
}

void sim_router_own(struct sim_world *w, uint8_t site, uint8_t router, uint8_t prefix,
                    const struct sim_way *way)
{
    struct sim_router *r = &w->sites[site].routers[router];
    r->own[prefix][way->upstream] = *way;
    r->changed_ms[prefix] = w->now_ms;
    decide(w, site, router, prefix);
}

void sim_router_hear(struct sim_world *w, const struct sim_message *m)
{
    struct sim_router *r = &w->sites[m->site].routers[m->router];
    // Each told one after the other, with delays that may cross: what it says now is what counts.
    const struct sim_router *from = &w->sites[m->site].routers[m->from];
    struct sim_way way = best_own(from, m->prefix);
    way.present = from->best[m->prefix].origin == SIM_OWN;
    r->others[m->prefix][m->from] = way;
    decide(w, m->site, m->router, m->prefix);
}

void sim_router_override(struct sim_world *w, const struct sim_message *m)
{
    struct sim_router *r = &w->sites[m->site].routers[m->router];
    struct sim_override *o = &r->overrides[m->controller][m->prefix];
    if (m->present && (!o->stands || o->upstream != m->upstream))
        o->since_ms = w->now_ms;
    o->stands = m->present;
    o->tells_on = m->tells_on;
    o->upstream = m->upstream;
    o->withheld = m->withheld;
    o->graceful = m->graceful;
    o->prepend = m->prepend;
    reconsider(w, m->site, m->router, m->prefix);
}

void sim_router_forget(struct sim_world *w, uint8_t site, uint8_t router, uint8_t controller)
{
    struct sim_router *r = &w->sites[site].routers[router];
    for (uint8_t p = 0; p < SIM_PLACES; p++) {
        if (!r->overrides[controller][p].stands)
            continue;
        r->overrides[controller][p].stands = false;
        reconsider(w, site, router, p);
    }
}

void sim_router_reject(struct sim_world *w, uint8_t s, uint8_t router, bool rejects)
{
    w->sites[s].routers[router].rejects = rejects;
    for (uint8_t place = 0; place < SIM_OWN_FIRST; place++)
        if (sim_is_exit(place) || place < w->sites[s].prefix_count)
            reconsider(w, s, router, place);
}

bool sim_router_takes(const struct sim_router *r, uint8_t c, uint8_t place)
{
    const struct sim_override *o = &r->overrides[c][place];
    if (!o->stands)
        return false;
    if (sim_is_exit(place))
        return detour(r, place) == o->upstream;
    return r->best[place].origin == SIM_OVERRIDE && r->best[place].upstream == o->upstream;
}

void sim_router_forward(struct sim_world *w, const struct sim_message *m)
{
    struct sim_site *site = &w->sites[m->site];
    site->routers[m->router].fib[m->prefix] = m->upstream;
    site->forwarding_changed = true;
}

// Without overrides a router's best is told on unless another's beats it; among equals each keeps
// its own.
static bool is_told_on(const struct sim_site *site, uint8_t router, uint8_t p)
{
    struct sim_way own = best_own(&site->routers[router], p);
    bool told = own.present;
    for (uint8_t other = 0; told && other < site->net.router_count; other++) {
        struct sim_way theirs = best_own(&site->routers[other], p);
        told = other == router || !theirs.present || !beats(&theirs, &own);
    }
    return told;
}

uint8_t sim_router_bare(const struct sim_site *site, uint8_t router, uint8_t p)
{
    struct sim_way best = best_own(&site->routers[router], p);
    for (uint8_t other = 0; other < site->net.router_count; other++) {
        struct sim_way theirs = best_own(&site->routers[other], p);
        if (other != router && theirs.present && is_told_on(site, other, p) &&
            beats(&theirs, &best))
            best = theirs;
    }
    return best.upstream;
}

void sim_router_settle(struct sim_world *w, uint8_t s)
{
    struct sim_site *site = &w->sites[s];
    for (uint8_t r = 0; r < site->net.router_count; r++)
        memset(site->routers[r].fib, SIM_NOBODY, sizeof site->routers[r].fib);
    for (uint8_t p = 0; p < site->prefix_count; p++) {
        for (uint8_t r = 0; r < site->net.router_count; r++)
            for (uint8_t other = 0; other < site->net.router_count; other++) {
                struct sim_way *way = &site->routers[r].others[p][other];
                *way = best_own(&site->routers[other], p);
                way->present = other != r && is_told_on(site, other, p);
            }
        for (uint8_t r = 0; r < site->net.router_count; r++) {
            site->routers[r].best[p] = choose(site, &site->routers[r], p);
            site->routers[r].fib[p] = site->routers[r].best[p].upstream;
        }
    }
    site->forwarding_changed = true;
}

bool sim_router_knows(const struct sim_router *r, uint8_t p)
{
    bool knows = best_own(r, p).present;
    for (uint8_t other = 0; other < SIM_ROUTERS_MAX; other++)
        knows |= r->others[p][other].present;
    return knows;
}

uint8_t sim_router_exit(const struct sim_site *site, uint8_t router, uint8_t p, bool *circles)
{
    enum family family = site->prefixes[p].prefix.address.family;
    *circles = false;
    for (uint32_t hops = 0; hops <= site->net.router_count; hops++) {
        const uint8_t *fib = site->routers[router].fib;
        uint8_t upstream = fib[p];
        if (upstream == SIM_NOBODY)
            return SIM_NOBODY;
        uint8_t instead = fib[sim_exit_place(upstream, family)];
        upstream = instead != SIM_NOBODY ? instead : upstream;
        uint8_t next = (uint8_t)site->net.upstreams[upstream].router;
        if (next == router)
            return upstream;
        router = next;
    }
    *circles = true;
    return SIM_NOBODY;
}
