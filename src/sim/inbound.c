// SPDX-License-Identifier: ISC
#include "sim/inbound.h"

#include "sim/judge.h"
#include "sim/traffic.h"

enum {
    HEED_MS = 10000,
    HEED_SPREAD_MS = 20000,
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
        for (enum family f = FAMILY_IPV4; f < FAMILIES; f++) {
            in->seen[f][u] = in->stood[f][u] = NET_STANCE_NORMAL;
            in->harmful_since_ms[f][u] = in->beside_since_ms[f][u] = SIM_SINCE_NEVER;
        }
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

void sim_inbound_spread(const struct sim_site *site, enum family f, const uint8_t *stances,
                        double *load)
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
    if (!site->inbound.any)
        return;
    if (!all_sessions_are_up(site))
        site->inbound.parted_ms = w->now_ms;
    for (enum family f = FAMILY_IPV4; f < FAMILIES; f++) {
        for (uint8_t u = 0; u < site->net.upstream_count; u++)
            follow(w, site, f, u);
        sim_inbound_spread(site, f, site->inbound.seen[f], site->inbound.load[f]);
    }
    sim_check_inbound(w, s);
}
