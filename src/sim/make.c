// SPDX-License-Identifier: ISC
#include "sim/make.h"

#include "sim/make_more.h"
#include "sim/prober.h"
#include "sim/router.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int64_t sim_draw(struct sim_world *w, int64_t low, int64_t high)
{
    return low + (int64_t)(random_u64(&w->random) % (uint64_t)(high - low + 1));
}

bool sim_chance(struct sim_world *w, double probability)
{
    return random_unit(&w->random) < probability;
}

static struct address address_of(const char *text)
{
    struct address address;
    if (!address_parse(text, &address))
        abort();
    return address;
}

static struct prefix prefix_from(const char *text)
{
    struct prefix prefix;
    if (!prefix_parse(text, &prefix))
        abort();
    return prefix;
}

__attribute__((format(printf, 1, 2))) static struct address address_f(const char *format, ...)
{
    char text[ADDRESS_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return address_of(text);
}

// ---- the configuration

static void make_routers(struct net *net, uint8_t s)
{
    for (uint32_t r = 0; r < net->router_count; r++) {
        struct net_router *router = &net->routers[r];
        snprintf(router->name, sizeof router->name, "edge%u", r + 1);
        router->address = address_f("20.99.%u.%u", s, r + 1);
        router->families[FAMILY_IPV4] = router->families[FAMILY_IPV6] = true;
        router->hold_time_s = 9;
    }
}

static void make_upstreams(struct net *net, uint8_t s)
{
    for (uint32_t u = 0; u < net->upstream_count; u++) {
        struct net_upstream *upstream = &net->upstreams[u];
        snprintf(upstream->name, sizeof upstream->name, "transit-%c", (char)('a' + u));
        upstream->router = u % net->router_count;
        upstream->next_hop[FAMILY_IPV4] = address_f("20.98.%u.%u", s, u + 1);
        upstream->next_hop[FAMILY_IPV6] = address_f("2a10:98:%u::%u", s, u + 1);
    }
}

static void make_targets(struct net *net)
{
    net->target_count = SIM_TARGETS;
    for (uint32_t t = 0; t < SIM_TARGETS; t++) {
        struct net_target *target = &net->targets[t];
        *target = (struct net_target){
            .port = 862, .flows = SIM_FLOWS, .rate_mpps = 1000 * 1000 / SIM_PROBE_MS};
        snprintf(target->name, sizeof target->name, "far-%u", t + 1);
        target->address[FAMILY_IPV4] = address_f("20.%u.0.%u", 1 + t % 2, 10 + t);
        target->address[FAMILY_IPV6] = address_f("2a10:%u::%u", 1 + t % 2, 10 + t);
    }
}

static int64_t seconds(int64_t s)
{
    return s * NS_PER_S;
}

static void make_limits(struct sim_world *w, struct net *net)
{
    net->detect = (struct net_detect){.loss_normal_ppm = 1000,
                                      .false_suspicions_mpd = 12000,
                                      .false_acts_mpy = 100,
                                      .burst_mean_ns = 50 * NS_PER_MS,
                                      .burst_interval_s = 60,
                                      .learn = NET_LEARN_NEVER};
    net->steer = (struct net_steer){.local_pref = 500,
                                    .marker = {64500, 666, 1},
                                    .hold_min_ns = seconds(sim_draw(w, 5, 10)),
                                    .hold_max_ns = seconds(40),
                                    .fib_settle_ns = 150 * NS_PER_MS,
                                    .verify_max_ns = seconds(15),
                                    .healthy_min_ns = seconds(8),
                                    .quiet_start_ns = seconds(3),
                                    .lease_ns = seconds(3),
                                    .capacity = NET_CAPACITY_IGNORE,
                                    .budget = {.headroom_percent = 80,
                                               .prefixes_per_minute_max = 400,
                                               .moved_per_minute_percent = 50,
                                               .drained_upstreams_percent = 50,
                                               .drained_traffic_percent = 50}};
    net->probe.path_rate_max_pps = 100;
    net->probe.timeout_min_ns = SIM_PROBE_MS * NS_PER_MS;
    net->probe.timeout_max_ns = NS_PER_S;
    net->guard.routes_per_router_max = net->guard.routes_per_family_max = 200;
    net->guard.routes_max = 1000;
    net->guard.acts_per_minute_max = STEER_ACTS_PER_MINUTE_MAX;
    net->guard.acts_per_prefix_max = STEER_ACTS_PER_PREFIX_MAX;
    if (sim_chance(w, 0.1))
        net->guard.acts_per_minute_max = (uint32_t)sim_draw(w, 3, 12);
    net->steer.capacity = NET_CAPACITY_PROVE;
    net->steer.budget = (struct net_budget){
        .headroom_percent = 80,
        .prefixes_per_minute_max = STEER_PREFIXES_PER_MINUTE_MAX,
        .moved_per_minute_percent = sim_chance(w, 0.2) ? 50 : 100,
        .drained_upstreams_percent = sim_chance(w, 0.2) ? 25 : 100,
        .drained_traffic_percent = 100,
        .canary_ns = sim_chance(w, 0.1) ? seconds(sim_draw(w, 2, 10)) : 0,
    };
    if (sim_chance(w, 0.2))
        net->guard.routes_per_router_max = (uint32_t)sim_draw(w, 1, 3);
}

static enum net_mode draw_mode(struct sim_world *w)
{
    if (sim_chance(w, 0.9))
        return NET_ACT;
    bool advises = sim_chance(w, 0.5);
    if (random_unit(&w->people) < 0.4)
        return NET_CONFIRM;
    return advises ? NET_ADVISE : NET_OBSERVE;
}

static void make_net(struct sim_world *w, uint8_t s, const struct sim_shape *shape)
{
    struct net *net = &w->sites[s].net;
    *net = (struct net){.mode = shape->routers ? NET_ACT : draw_mode(w), .asn = 64500};
    snprintf(net->site, sizeof net->site, "site%u", s + 1);
    net->router_count = shape->routers ? shape->routers : (uint32_t)sim_draw(w, 2, 3);
    net->upstream_count = shape->upstreams ? shape->upstreams : (uint32_t)sim_draw(w, 2, 3);
    // A router without an upstream has nothing to show, and then nothing can be moved on all.
    if (net->upstream_count < net->router_count && sim_chance(w, 0.9))
        net->upstream_count = net->router_count;
    net->router_id = address_f("20.99.%u.200", s);
    make_routers(net, s);
    make_upstreams(net, s);
    make_targets(net);
    make_limits(w, net);
    net->steer.prefixes.count = 2;
    net->steer.prefixes.items[0] = prefix_from("0.0.0.0/0");
    net->steer.prefixes.items[1] = prefix_from("::/0");
    net->guard.protected_prefixes.count = 2;
    net->guard.protected_prefixes.items[0] = prefix_from("20.77.0.0/16");
    net->guard.protected_prefixes.items[1] = prefix_from("2a10:77::/32");
}

// ---- routes and demand

static void add_prefix(struct sim_site *site, const char *text, enum sim_prefix_kind kind)
{
    struct sim_prefix *prefix = &site->prefixes[site->prefix_count++];
    *prefix = (struct sim_prefix){.prefix = prefix_from(text), .kind = kind};
}

static void add_special(struct sim_world *w, struct sim_site *site)
{
    static const struct {
        const char *text;
        enum sim_prefix_kind kind;
    } specials[] = {
        {"10.1.0.0/16", SIM_BOGON},
        {"192.0.2.0/24", SIM_BOGON},
        {"2001:db8:5::/48", SIM_BOGON},
        {"0.0.0.0/0", SIM_LENGTH},
        {"::/0", SIM_LENGTH},
        {"20.5.5.0/25", SIM_LENGTH},
        {"2a10:5::/64", SIM_LENGTH},
        {"20.99.0.0/16", SIM_CONTROL},
        {"20.98.0.0/16", SIM_CONTROL},
        {"2a10:98::/32", SIM_CONTROL},
        {"20.77.4.0/24", SIM_PROTECTED},
        {"2a10:77:4::/48", SIM_PROTECTED},
        {"20.0.0.0/8", SIM_CONTROL},
    };
    size_t n = (size_t)sim_draw(w, 0, (int64_t)(sizeof specials / sizeof specials[0]) - 1);
    add_prefix(site, specials[n].text, specials[n].kind);
}

static void make_prefixes(struct sim_world *w, struct sim_site *site, const struct sim_shape *shape)
{
    uint8_t plain = shape->plain ? shape->plain : (uint8_t)sim_draw(w, 2, 3);
    site->prefix_count = 0;
    for (uint8_t i = 1; i <= plain; i++) {
        char text[PREFIX_TEXT_MAX];
        snprintf(text, sizeof text, "20.%u.0.0/16", i);
        add_prefix(site, text, SIM_PLAIN);
        snprintf(text, sizeof text, "2a10:%u::/32", i);
        add_prefix(site, text, SIM_PLAIN);
    }
    for (int i = 0; shape->specials && i < 2 && sim_chance(w, 0.5); i++)
        add_special(w, site);
    for (uint8_t p = 0; p < site->prefix_count; p++)
        for (uint8_t r = 0; r < site->net.router_count; r++)
            site->prefixes[p].demand[r] = (double)sim_draw(w, 1, 100);
}

// A site prefers one upstream for all, or the shorter path; some prefixes come by some upstreams
// only.
static void make_routes(struct sim_world *w, struct sim_site *site)
{
    bool policy = sim_chance(w, 0.5);
    uint8_t favourite = (uint8_t)sim_draw(w, 0, site->net.upstream_count - 1);
    for (uint8_t p = 0; p < site->prefix_count; p++) {
        for (uint8_t u = 0; u < site->net.upstream_count; u++) {
            struct sim_router *r = &site->routers[site->net.upstreams[u].router];
            bool known = u < 2 || sim_chance(w, 0.8);
            r->own[p][u] = (struct sim_way){
                .present = known,
                .upstream = u,
                .length = (uint8_t)sim_draw(w, 2, 4),
                .local_pref = known ? policy && u == favourite ? 200 : 100 : 0,
            };
        }
    }
}

// What the upstream carries by the routers' own choice.
static double bare_load(const struct sim_site *site, uint8_t u)
{
    double load = 0;
    for (uint8_t p = 0; p < site->prefix_count; p++)
        for (uint8_t r = 0; r < site->net.router_count; r++)
            load += sim_router_bare(site, r, p) == u ? site->prefixes[p].demand[r] : 0;
    return load;
}

// At least what is there natively fits; often no more than that. Sometimes nobody knows how much.
static void make_capacities(struct sim_world *w, struct sim_site *site,
                            const struct sim_shape *shape)
{
    double all = 0;
    for (uint8_t p = 0; p < site->prefix_count; p++)
        for (uint8_t r = 0; r < site->net.router_count; r++)
            all += site->prefixes[p].demand[r];
    bool ample = shape->routers || sim_chance(w, 0.5),
         known = shape->routers || sim_chance(w, 0.95);
    for (uint8_t u = 0; u < site->net.upstream_count; u++) {
        double bare = bare_load(site, u), drawn = (0.3 + random_unit(&w->random)) * all;
        double capacity = ample ? 2 * all : drawn > 1.25 * bare ? drawn : 1.25 * bare;
        site->upstreams[u] =
            (struct sim_upstream){.backbone = SIM_NOBODY, .capacity = floor(capacity) + 1};
        site->net.upstreams[u].capacity_mbps = known ? (uint32_t)capacity + 1 : 0;
        for (enum family f = FAMILY_IPV4; f < FAMILIES; f++)
            site->upstreams[u].lossy_ms[f] = site->upstreams[u].all_lost_ms[f] = INT64_MIN / 2;
    }
}

void sim_make_sites(struct sim_world *w, const struct sim_shape *shape)
{
    for (uint8_t s = 0; s < w->site_count; s++) {
        struct sim_site *site = &w->sites[s];
        make_net(w, s, shape);
        memset(site->routers, 0, sizeof site->routers);
        make_prefixes(w, site, shape);
        make_routes(w, site);
        bool add_path = sim_chance(w, 0.85);
        for (uint8_t r = 0; r < site->net.router_count; r++) {
            site->routers[r].add_path = add_path;
            // BIRD follows within milliseconds, FRR by 65.
            site->routers[r].fib_delay_ms = sim_chance(w, 0.5) ? sim_draw(w, 1, 5) : 65;
        }
        site->controller_count = shape->routers == 0 && sim_chance(w, 0.05) ? 2 : 1;
        site->demand_factor = site->told_factor = 1;
        sim_router_settle(w, s);
        make_capacities(w, site, shape);
    }
}

// ---- faults

enum {
    FAULT_FROM_MS = 14000,
    FAULT_TO_MS = 30000,
    AFTER_MS = 20000,
    CALM_MS = 68000,
    END_MAX_MS = 130 * 1000
};

static uint8_t draw_plain(struct sim_world *w, uint8_t s)
{
    uint8_t set = 0;
    for (uint8_t p = 0; p < w->sites[s].prefix_count; p++)
        set |= (uint8_t)((w->sites[s].prefixes[p].kind == SIM_PLAIN && sim_chance(w, 0.6)) << p);
    return set;
}

static void draw_network_fault(struct sim_world *w, uint8_t s)
{
    static const enum sim_fault_kind kinds[] = {
        SIM_FAULT_LOSS, SIM_FAULT_LOSS, SIM_FAULT_LOSS,   SIM_FAULT_LOSS,
        SIM_FAULT_LOSS, SIM_FAULT_LOSS, SIM_FAULT_TUPLES, SIM_FAULT_FLAP,
        SIM_FAULT_ALL,  SIM_FAULT_DOWN, SIM_FAULT_DELAY,  SIM_FAULT_BURSTS,
    };
    static const uint32_t ppms[] = {1000000, 380000, 380000, 100000, 50000, 15000, 5000};
    int64_t at = sim_draw(w, FAULT_FROM_MS, FAULT_TO_MS);
    int64_t lasts = sim_chance(w, 0.8) ? sim_draw(w, 5000, 35000) : sim_draw(w, 200, 3000);
    size_t n = (size_t)sim_draw(w, 0, (int64_t)(sizeof kinds / sizeof kinds[0]) - 1);
    struct sim_fault *f = sim_fault_add(w, kinds[n], at, at + lasts);
    f->site = s;
    f->upstream = (uint8_t)sim_draw(w, 0, w->sites[s].net.upstream_count - 1);
    f->ppm = ppms[sim_draw(w, 0, (int64_t)(sizeof ppms / sizeof ppms[0]) - 1)];
    f->period_ms = sim_draw(w, 2000, 40000);
    f->arg = (int32_t)sim_draw(w, 20, 100);
    if (kinds[n] == SIM_FAULT_ALL)
        f->upstream = SIM_NOBODY;
    if (sim_chance(w, 0.3))
        f->family = sim_chance(w, 0.5) ? FAMILY_IPV4 : FAMILY_IPV6;
    if (sim_chance(w, 0.2))
        f->prefixes = draw_plain(w, s);
}

static int32_t draw_argument(struct sim_world *w, enum sim_fault_kind kind, uint8_t s)
{
    if (kind == SIM_FAULT_SESSION || kind == SIM_FAULT_LIE_ROUTER)
        return (int32_t)sim_draw(w, 0, w->sites[s].net.router_count - 1);
    if (kind == SIM_FAULT_DEAF)
        return (int32_t)sim_draw(w, 0, SIM_TARGETS - 1);
    if (kind == SIM_FAULT_STALL || kind == SIM_FAULT_CRASH)
        return (int32_t)sim_draw(w, 0, SIM_SICK_ROLES - 1);
    if (kind == SIM_FAULT_CLOCK)
        return sim_chance(w, 0.5) ? 1000 : -1000;
    return (int32_t)sim_draw(w, 10, 2500);  // SIM_FAULT_SLOW
}

static int64_t draw_length(struct sim_world *w, enum sim_fault_kind kind)
{
    if (kind == SIM_FAULT_STALL)  // 0.1 to 60 s, short ones more often
        return sim_chance(w, 0.7) ? sim_draw(w, 100, 5000) : sim_draw(w, 5000, 60000);
    if (kind == SIM_FAULT_CRASH || kind == SIM_FAULT_SESSION)
        return sim_draw(w, 500, 10000);
    return sim_draw(w, 500, 20000);
}

static void draw_other_fault(struct sim_world *w, uint8_t s)
{
    static const enum sim_fault_kind kinds[] = {
        SIM_FAULT_SESSION, SIM_FAULT_DEAF,      SIM_FAULT_VOID,       SIM_FAULT_CLOCK,
        SIM_FAULT_STALL,   SIM_FAULT_STALL,     SIM_FAULT_STALL,      SIM_FAULT_CRASH,
        SIM_FAULT_CRASH,   SIM_FAULT_SLOW,      SIM_FAULT_FREEZE,     SIM_FAULT_FREEZE,
        SIM_FAULT_STOP,    SIM_FAULT_LIE_TALLY, SIM_FAULT_LIE_NOTICE, SIM_FAULT_LIE_ROUTER,
    };
    enum sim_fault_kind kind = kinds[sim_draw(w, 0, (int64_t)(sizeof kinds / sizeof kinds[0]) - 1)];
    // Mostly soon after something else began, when there is something to disturb.
    int64_t at = sim_draw(w, 5000, 60000);
    if (w->faults.count > 0 && sim_chance(w, 0.7))
        at = w->faults.items[0].at_ms + sim_draw(w, 0, 15000);
    struct sim_fault *f = sim_fault_add(w, kind, at, at + draw_length(w, kind));
    f->site = s;
    f->arg = draw_argument(w, kind, s);
    f->ppm = (uint32_t)sim_draw(w, 100000, 1000000);
    f->upstream = (uint8_t)sim_draw(w, 0, w->sites[s].net.upstream_count - 1);
    if (kind == SIM_FAULT_STOP)
        f->until_ms = INT64_MAX;
}

// Drawn from people's own numbers: all else in the world stays as it was without them.
static void draw_peoples_fault(struct sim_world *w, uint8_t s)
{
    static const enum sim_fault_kind kinds[] = {SIM_FAULT_DRAIN, SIM_FAULT_AUDIT, SIM_FAULT_CLASS};
    if (random_unit(&w->people) > 0.15)
        return;
    enum sim_fault_kind kind = kinds[random_u64(&w->people) % 3];
    int64_t at = FAULT_FROM_MS + (int64_t)(random_u64(&w->people) % 20000);
    struct sim_fault *f =
        sim_fault_add(w, kind, at, at + 3000 + (int64_t)(random_u64(&w->people) % 30000));
    f->site = s;
    f->upstream = (uint8_t)(random_u64(&w->people) % w->sites[s].net.upstream_count);
    f->ppm = 1000000 / SIM_FLOWS;
    f->arg = (int32_t)(random_u64(&w->people) % SIM_FLOWS);
}

void sim_make_faults(struct sim_world *w)
{
    int64_t last_ms = 20000;
    for (uint8_t s = 0; s < w->site_count; s++) {
        for (double more = 0.9; sim_chance(w, more); more *= 0.4)
            draw_network_fault(w, s);
        for (double more = 0.5; sim_chance(w, more); more *= 0.5)
            draw_other_fault(w, s);
        draw_peoples_fault(w, s);
        sim_make_more_faults(w, s);
    }
    for (uint32_t i = 0; i < w->faults.count; i++)
        if (w->faults.items[i].until_ms != INT64_MAX && w->faults.items[i].until_ms > last_ms)
            last_ms = w->faults.items[i].until_ms;
    last_ms += sim_chance(w, 0.12) ? CALM_MS : AFTER_MS;
    w->end_ms = last_ms < END_MAX_MS ? last_ms : END_MAX_MS;
}
