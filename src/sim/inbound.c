// SPDX-License-Identifier: ISC
#include "sim/inbound.h"

#include "sim/judge.h"
#include "sim/traffic.h"

enum {
    UNREST_MS = 30000,  // until all sessions are back, and what is ours is said on each
    HEED_MS = 10000,
    HEED_SPREAD_MS = 20000,
    RELIEF_MS = 30000,  // counters tell, and the world follows once more
    CAUSE_MS = 60000,
    APART_MS = STEER_VISIBLE_MS,
};

// By how much less the world likes what it hears.
static const double liked[NET_STANCES] = {1, 0.2, 1e-6, 0};

static double drawn(struct random *random, double low, double high)
{
    return low + (high - low) * random_unit(random);
}

void sim_inbound_make(struct sim_site *site, struct random *random)
{
    struct sim_inbound *in = &site->inbound;
    double least = site->upstreams[0].capacity;
    *in = (struct sim_inbound){.any = true};
    site->net.steer.inbound = true;
    in->heed_ms = HEED_MS + (int64_t)(random_u64(random) % HEED_SPREAD_MS);
    for (uint32_t u = 0; u < site->net.upstream_count; u++) {
        in->weight[u] = drawn(random, 0.2, 1);
        if (site->upstreams[u].capacity < least)
            least = site->upstreams[u].capacity;
        for (enum net_stance stance = NET_STANCE_PREPEND; stance < NET_STANCES; stance++)
            site->net.upstreams[u].inbound[stance] =
                (struct net_tag){NET_TAG_LARGE, {64500, u, stance}};
        for (enum family f = FAMILY_IPV4; f < FAMILIES; f++)
            in->seen[f][u] = in->stood[f][u] = NET_STANCE_NORMAL;
    }
    for (enum family f = FAMILY_IPV4; f < FAMILIES; f++)
        in->demand[f] = drawn(random, 0.05, 0.35) * least;
}

// The own prefix of the family, as the upstream's router has it.
static enum net_stance said(const struct sim_site *site, enum family family, uint8_t u)
{
    uint8_t place = SIM_OWN_FIRST + (family == FAMILY_IPV6);
    const struct sim_override *o =
        &site->routers[site->net.upstreams[u].router].overrides[0][place];
    return !o->stands || o->withheld >> u & 1 ? NET_STANCE_WITHHELD
           : o->graceful >> u & 1             ? NET_STANCE_GRACEFUL
           : o->prepend >> u & 1              ? NET_STANCE_PREPEND
                                              : NET_STANCE_NORMAL;
}

static void follow(struct sim_world *w, struct sim_site *site, enum family f, uint8_t u)
{
    struct sim_inbound *in = &site->inbound;
    enum net_stance now = said(site, f, u);
    if (now != in->said[f][u])
        in->said_ms[f][u] = w->now_ms;
    in->said[f][u] = (uint8_t)now;
    if (in->seen[f][u] != now && w->now_ms - in->said_ms[f][u] >= in->heed_ms) {
        in->seen[f][u] = (uint8_t)now;
        sim_trace(w, "the world hears of upstream %d %s: %s", u, family_name(f),
                  net_stance_names[now]);
    }
}

static void spread(struct sim_site *site, enum family f, const uint8_t *stances, double *load)
{
    const struct sim_inbound *in = &site->inbound;
    double sum = 0;
    for (uint8_t u = 0; u < site->net.upstream_count; u++)
        sum += in->weight[u] * liked[stances[u]];
    for (uint8_t u = 0; u < site->net.upstream_count; u++)
        load[u] = sum > 0 ? in->demand[f] * in->weight[u] * liked[stances[u]] / sum : 0;
}

double sim_inbound_load(const struct sim_site *site, uint8_t u)
{
    return site->inbound.load[FAMILY_IPV4][u] + site->inbound.load[FAMILY_IPV6][u];
}

// ---- what must never be

static bool is_asked_to_leave(const struct sim_inbound *in, enum family f, uint8_t u)
{
    return in->said[f][u] == NET_STANCE_PREPEND || in->said[f][u] == NET_STANCE_GRACEFUL;
}

static bool is_another_usual(const struct sim_site *site, enum family f, uint8_t u)
{
    for (uint8_t other = 0; other < site->net.upstream_count; other++)
        if (other != u && site->inbound.said[f][other] == NET_STANCE_NORMAL)
            return true;
    return false;
}

// Where sessions come and go, one router is told before another.
static bool is_restless(const struct sim_world *w, const struct sim_site *site)
{
    return w->now_ms - site->checks.unrest_ms <= UNREST_MS ||
           w->now_ms - site->inbound.parted_ms <= UNREST_MS;
}

// It has just been asked to leave: S13, S16, I3, I13.
static void check_ask(struct sim_world *w, uint8_t s, enum family f, uint8_t u)
{
    struct sim_site *site = &w->sites[s];
    int64_t *asked_ms = &site->inbound.asked_ms[f][u];
    sim_exercised(w, SIM_S13);
    if (!is_another_usual(site, f, u) && !is_restless(w, site))
        sim_broken(w, SIM_S13, "the world is to leave upstream %d %s, and has no other", u,
                   family_name(f));
    if (!sim_may_act(w, s, 0))
        sim_broken(w, SIM_S16, "the world is to leave upstream %d", u);
    if (!sim_is_deceived(w, s) && w->now_ms - site->upstreams[u].lossy_ms[f] > CAUSE_MS)
        sim_broken(w, SIM_I13, "the world is to leave upstream %d %s, which loses nothing", u,
                   family_name(f));
    // Another life knows nothing of the last.
    if (*asked_ms > site->controllers[0].started_ms && w->now_ms - *asked_ms < APART_MS)
        sim_broken(w, SIM_I3, "the world is to leave upstream %d %s again after %lld ms", u,
                   family_name(f), (long long)(w->now_ms - *asked_ms));
    sim_exercised(w, SIM_I3);
    *asked_ms = w->now_ms;
    site->inbound.asks[f][u]++;
}

static void check_stances(struct sim_world *w, uint8_t s, enum family f, uint8_t u)
{
    struct sim_site *site = &w->sites[s];
    struct sim_inbound *in = &site->inbound;
    bool asked = is_asked_to_leave(in, f, u);
    if (in->said[f][u] == NET_STANCE_WITHHELD)
        return;  // a session is gone, or the service is sick: what is said next goes on from there
    if (asked && in->stood[f][u] == NET_STANCE_NORMAL)
        check_ask(w, s, f, u);
    in->stood[f][u] = in->said[f][u];
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
        spread(site, f, usual, bare[f]);
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

static bool all_sessions_are_up(const struct sim_site *site)
{
    for (uint32_t r = 0; r < site->net.router_count; r++)
        if (!site->controllers[0].session_up[r])
            return false;
    return true;
}

void sim_inbound_step(struct sim_world *w, uint8_t s)
{
    struct sim_site *site = &w->sites[s];
    bool drained = sim_fault_any(w, SIM_FAULT_DRAIN, s);  // by people's word
    if (!site->inbound.any)
        return;
    if (!all_sessions_are_up(site))
        site->inbound.parted_ms = w->now_ms;
    for (enum family f = FAMILY_IPV4; f < FAMILIES; f++) {
        for (uint8_t u = 0; u < site->net.upstream_count; u++)
            follow(w, site, f, u);
        spread(site, f, site->inbound.seen[f], site->inbound.load[f]);
        for (uint8_t u = 0; u < site->net.upstream_count && !drained; u++)
            check_stances(w, s, f, u);
    }
    if (!drained)
        check_room(w, s);
}
