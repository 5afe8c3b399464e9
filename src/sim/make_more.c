// SPDX-License-Identifier: ISC
#include "sim/make_more.h"

#include "sim/inbound.h"
#include "sim/make.h"
#include "sim/parts.h"
#include "sim/people.h"

#include "engine/lifts.h"

#include <stdio.h>

static struct address address_of(const char *text)
{
    struct address address = {0};
    (void)address_parse(text, &address);
    return address;
}

void sim_make_exits(struct sim_site *site)
{
    for (uint32_t u = 0; u < site->net.upstream_count; u++) {
        char text[ADDRESS_TEXT_MAX];
        snprintf(text, sizeof text, "20.97.0.%u", u + 1);
        site->net.upstreams[u].exit[FAMILY_IPV4] = address_of(text);
        snprintf(text, sizeof text, "2a10:97::%u", u + 1);
        site->net.upstreams[u].exit[FAMILY_IPV6] = address_of(text);
    }
}

void sim_make_own(struct sim_site *site, uint32_t together_max)
{
    static const char *const texts[SIM_OWN_MAX][2] = {{"20.200.0.0/22", "20.99.250.1"},
                                                      {"2a10:200::/40", "2a10:99:fa::1"}};
    struct net *net = &site->net;
    net->announce_count = SIM_OWN_MAX;
    net->guard.own_withdrawn_together_max = together_max;
    for (uint32_t own = 0; own < SIM_OWN_MAX; own++) {
        net->announce[own] = (struct net_announce){.next_hop = address_of(texts[own][1])};
        (void)prefix_parse(texts[own][0], &net->announce[own].prefix);
        snprintf(net->announce[own].health.program, NET_TEXT_MAX, "/usr/bin/is-well");
    }
    site->has_parts = true;
}

void sim_make_pair(struct sim_site *site, enum sim_hook_way way)
{
    struct net *net = &site->net;
    struct net_group *group = &net->groups[0];
    *group = (struct net_group){.kind = NET_REDUNDANCY, .member_count = SIM_MEMBERS};
    snprintf(group->name, sizeof group->name, "core");
    net->group_count = 1;
    net->hook_count = SIM_MEMBERS;
    for (uint32_t m = 0; m < SIM_MEMBERS; m++) {
        struct net_hook *hook = &net->hooks[m];
        snprintf(group->members[m].name, sizeof group->members[m].name, "sw%u", m + 1);
        group->members[m].upstreams = (UINT32_C(1) << net->upstream_count) - 1;
        *hook = (struct net_hook){.object = {NET_OBJECT_MEMBER, 0, m},
                                  .timeout_ns = SIM_HOOK_TIMEOUT_MS * NS_PER_MS,
                                  .settle_ns = SIM_HOOK_SETTLE_MS * NS_PER_MS};
        snprintf(hook->name, sizeof hook->name, "drain-sw%u", m + 1);
        snprintf(hook->program, sizeof hook->program, "/usr/bin/drain");
        hook->undo_arguments.count = 1;
    }
    site->hook_way = way;
    site->has_parts = true;
}

void sim_make_telling(struct sim_site *site)
{
    for (uint32_t r = 0; r < site->net.router_count; r++)
        site->routers[r].tells = true;
}

// ---- drawn, from numbers of their own

static bool chance(struct sim_world *w, double probability)
{
    return random_unit(&w->parts) < probability;
}

static int64_t draw(struct sim_world *w, int64_t low, int64_t high)
{
    return low + (int64_t)(random_u64(&w->parts) % (uint64_t)(high - low + 1));
}

void sim_make_more(struct sim_world *w, uint8_t s)
{
    struct sim_site *site = &w->sites[s];
    if (chance(w, 0.3))
        sim_make_exits(site);
    if (chance(w, 0.2))
        sim_make_own(site, (uint32_t)draw(w, 1, 2));
    if (chance(w, 0.15))
        sim_make_pair(site, (enum sim_hook_way)draw(w, 0, SIM_HOOK_WAYS - 1));
    if (chance(w, 0.2))
        site->has_parts = site->net.steer.act_on_faults = true;
    if (chance(w, 0.5))
        sim_make_telling(site);
    // Numbers of its own, likewise.
    struct random inbound = {.state = w->seed ^ UINT64_C(0x696e626f756e64) ^ s};
    if (site->net.announce_count > 0 && random_unit(&inbound) < 0.6)
        sim_inbound_make(site, &inbound);
}

static struct sim_fault *add(struct sim_world *w, enum sim_fault_kind kind, uint8_t s)
{
    int64_t at = draw(w, 12000, 30000);
    struct sim_fault *f = sim_fault_add(w, kind, at, at + draw(w, 3000, 25000));
    f->site = s;
    return f;
}

static void add_lift(struct sim_world *w, uint8_t s)
{
    struct sim_fault *f = add(w, SIM_FAULT_LIFT, s);
    f->at_ms = draw(w, 5000, 20000);
    f->upstream = (uint8_t)draw(w, 0, w->sites[s].net.upstream_count - 1);
    f->ppm = (uint32_t)draw(w, 0, LIFT_RULES - 1);
    f->arg = (int32_t)draw(w, 0, SIM_LIFT_WAYS - 1);
}

static void add_configuration(struct sim_world *w, uint8_t s)
{
    struct sim_fault *f = add(w, SIM_FAULT_CONFIG, s);
    f->until_ms = f->at_ms + draw(w, 500, 3000);
    f->arg = (int32_t)draw(w, 0, SIM_CONFIG_WAYS - 1);
}

// A word that stands for longer than it must, or never for so long.
static void add_policy(struct sim_world *w, uint8_t s)
{
    struct sim_fault *f = add(w, chance(w, 0.7) ? SIM_FAULT_POLICY : SIM_FAULT_LIE_WORD, s);
    f->arg = (int32_t)draw(w, 0, w->sites[s].net.router_count - 1);
    f->until_ms += draw(w, 0, 30000);
    f->period_ms = draw(w, 2000, 40000);
}

void sim_make_more_faults(struct sim_world *w, uint8_t s)
{
    const struct sim_site *site = &w->sites[s];
    if (site->net.hook_count > 0 && chance(w, 0.8)) {
        struct sim_fault *f = add(w, SIM_FAULT_MEMBER, s);
        f->arg = (int32_t)draw(w, 0, SIM_MEMBERS - 1);
        f->ppm = (uint32_t)draw(w, 100000, 1000000);
    }
    if (site->net.announce_count > 0 && chance(w, 0.6))
        add(w, chance(w, 0.6) ? SIM_FAULT_SICK : SIM_FAULT_CHECK, s)->arg = (int32_t)draw(w, 1, 3);
    if (chance(w, 0.1))
        add_lift(w, s);
    if (chance(w, 0.04))
        add_configuration(w, s);
    if (chance(w, 0.05))
        add(w, SIM_FAULT_CROWD, s);
    if (chance(w, 0.08))
        add_policy(w, s);
}
