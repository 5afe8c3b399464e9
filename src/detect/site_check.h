// SPDX-License-Identifier: ISC
// For tests: a made-up site with flows of several paths and targets that are probed in virtual
// time, faults in its network, and what the site detector says.
#pragma once

#include "detect/site.h"

#include "base/check.h"
#include "base/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORLD_FLOWS_MAX = 1024,
    WORLD_SAID_MAX = 64,
    WORLD_STEP_MS = 5,
    WORLD_RTT_MS = 10,
    WORLD_TIMEOUT_MS = 100,
};

struct world;

struct world_sending {
    const struct flow *flow;
    struct net_path path;
    int64_t at_ms;
    uint32_t id;
};

struct world {
    struct net net;
    struct flow flows[WORLD_FLOWS_MAX];
    uint32_t flow_count, interval_ms;  // of each flow
    uint32_t try_ms;                   // how often each path and target is tried
    struct random random;
    struct site *site;
    double (*loss)(struct world *w, const struct world_sending *sending);
    const void *context;  // of loss()
    // Share of the 5-tuples tried; negative: none are.
    double (*dead)(struct world *w, uint32_t path, uint32_t target);
    bool (*is_void)(struct world *w, const struct world_sending *sending);
    enum fault_direction counted;  // all that is lost, by reflectors; either: they do not count
    uint8_t uncounted[WORLD_FLOWS_MAX];                     // losses since the flow's last answer
    bool (*is_fast)(const struct world *w, uint32_t flow);  // five times its rate, now
    bool grants;                                            // what the site wishes for
    uint32_t wish_count;
    struct site_wish wish;  // the last
    int64_t wish_until_ms;
    int64_t now_ms;
    struct {
        struct sample sample;
        int64_t due_ms;
    } out[WORLD_FLOWS_MAX * 4];
    uint32_t out_count, said_count;
    struct fault said[WORLD_SAID_MAX];
};

static inline void world_add_upstream(struct world *w, const char *name, uint32_t router)
{
    struct net_upstream *upstream = &w->net.upstreams[w->net.upstream_count++];
    snprintf(upstream->name, sizeof upstream->name, "%s", name);
    upstream->router = router;
    upstream->next_hop[FAMILY_IPV4] = check_address("10.0.0.1");
    upstream->next_hop[FAMILY_IPV6] = check_address("2001:db8::1");
}

static inline void world_add_target(struct world *w, const char *name, enum net_protocol protocol)
{
    struct net_target *target = &w->net.targets[w->net.target_count++];
    snprintf(target->name, sizeof target->name, "%s", name);
    target->protocol = protocol;
    target->address[FAMILY_IPV4] = check_address("203.0.113.1");
    target->address[FAMILY_IPV6] = check_address("2001:db8:f::1");
}

static inline void world_add_flow(struct world *w, struct flow flow)
{
    assert_true(w->flow_count < WORLD_FLOWS_MAX);
    w->flows[w->flow_count++] = flow;
}

static inline void world_add_flows(struct world *w, uint32_t each)
{
    for (uint32_t p = 0; p < net_path_count(&w->net); p++)
        for (uint32_t t = 0; t < w->net.target_count; t++)
            for (uint32_t n = 0; n < each; n++)
                world_add_flow(
                    w,
                    (struct flow){.path = (uint8_t)p, .target = (uint8_t)t, .number = (uint16_t)n});
}

// Two edge routers with a transit each, a third transit on the second, four targets.
static inline struct world *world_new(uint32_t flows, uint32_t interval_ms)
{
    struct world *w = calloc(1, sizeof *w);
    w->interval_ms = interval_ms;
    w->try_ms = 400;
    w->random.state = 1;
    w->net.router_count = 2;
    strcpy(w->net.routers[0].name, "edge1");
    strcpy(w->net.routers[1].name, "edge2");
    world_add_upstream(w, "transit-a", 0);
    world_add_upstream(w, "transit-b", 1);
    world_add_upstream(w, "transit-c", 1);
    world_add_target(w, "far-1", NET_STAMP);
    world_add_target(w, "far-2", NET_STAMP);
    world_add_target(w, "far-3", NET_ICMP);
    world_add_target(w, "far-4", NET_STAMP);
    w->net.detect = (struct net_detect){.loss_normal_ppm = 1000,
                                        .false_suspicions_mpd = 10000,
                                        .false_acts_mpy = 100,
                                        .burst_mean_ns = 50 * (int64_t)NS_PER_MS,
                                        .burst_interval_s = 60};
    w->net.probe.path_rate_max_pps = 100;
    if (flows > 0)
        world_add_flows(w, flows);
    return w;
}

static inline void world_free(struct world *w)
{
    site_free(w->site);
    free(w);
}

static inline void world_send(struct world *w, uint32_t id)
{
    struct flow *flow = &w->flows[id];
    struct world_sending sending = {flow, net_path(&w->net, flow->path), w->now_ms, id};
    double loss = w->loss ? w->loss(w, &sending) : 0;
    bool lost = random_unit(&w->random) >= (1 - loss) * (1 - 0.001);
    bool is_void = w->is_void && w->is_void(w, &sending);
    int64_t due_ms = w->now_ms + (lost || is_void ? WORLD_TIMEOUT_MS : WORLD_RTT_MS);
    assert_true(w->out_count < sizeof w->out / sizeof w->out[0]);
    bool counts = w->counted != FAULT_EITHER && !lost && !is_void;
    uint8_t before = w->uncounted[id];
    w->uncounted[id] = lost ? before + 1 : 0;
    w->out[w->out_count].due_ms = due_ms;
    w->out[w->out_count++].sample = (struct sample){
        .id = id,
        .use = flow->use,
        .path = flow->path,
        .target = flow->target,
        .flow = flow->number,
        .verdict = is_void ? SAMPLE_VOID
                   : lost  ? SAMPLE_LOST
                           : SAMPLE_OK,
        .sent_at = {w->now_ms * NS_PER_MS},
        .known_at = {due_ms * NS_PER_MS},
        .rtt_ns = lost ? 0 : WORLD_RTT_MS * NS_PER_MS,
        .direction_known = counts,
        .lost_forward = counts && w->counted == FAULT_FORWARD ? before : 0,
        .lost_reverse = counts && w->counted == FAULT_REVERSE ? before : 0,
    };
}

static inline void world_receive(struct world *w)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < w->out_count; i++) {
        if (w->out[i].due_ms <= w->now_ms)
            site_sample(w->site, &w->out[i].sample);
        else
            w->out[kept++] = w->out[i];
    }
    w->out_count = kept;
}

static inline void world_try(struct world *w, uint32_t path, uint32_t target)
{
    double share = w->dead(w, path, target);
    if (share >= 0)
        site_tuple(w->site, &(struct site_tuple){
                                .path = path,
                                .target = target,
                                .dead = random_unit(&w->random) < share,
                                .nats = 16,
                                .sent_at = {w->now_ms * NS_PER_MS},
                                .at = {w->now_ms * NS_PER_MS},
                            });
}

// As the probe role does.
static inline void world_grant(struct world *w)
{
    if (site_take_wish(w->site, &w->wish)) {
        w->wish_count++;
        w->wish_until_ms = w->now_ms + 250;
        assert_false(site_take_wish(w->site, &w->wish));
    }
    if (!w->grants || w->now_ms >= w->wish_until_ms || w->now_ms % 20 > 0)
        return;
    if (w->wish.flow != NET_NOBODY)
        world_send(w, w->wish.flow);
    else if (w->dead)
        world_try(w, w->wish.path, w->wish.target);
}

// Until `until_ms`.
static inline void world_run(struct world *w, int64_t until_ms)
{
    static struct cusum_book book;  // solved once
    if (!w->site)
        w->site = site_new(&w->net, w->flows, w->flow_count, &book, NULL);
    assert_non_null(w->site);
    for (; w->now_ms < until_ms; w->now_ms += WORLD_STEP_MS) {
        world_receive(w);
        for (uint32_t id = 0; id < w->flow_count; id++) {
            uint32_t interval_ms = w->interval_ms * (w->flows[id].use == FLOW_VARIANT ? 2 : 1);
            if (w->is_fast && w->is_fast(w, id))
                interval_ms /= 5;
            if ((w->now_ms + (int64_t)id * 37) / WORLD_STEP_MS % (interval_ms / WORLD_STEP_MS) == 0)
                world_send(w, id);
        }
        for (uint32_t p = 0; w->dead && w->now_ms % w->try_ms == 0 && p < net_path_count(&w->net);
             p++)
            for (uint32_t t = 0; t < w->net.target_count; t++)
                world_try(w, p, t);
        world_grant(w);
        struct fault fault;
        while (w->now_ms % 25 == 0 &&
               site_tick(w->site, (struct mono){w->now_ms * NS_PER_MS}, &fault)) {
            assert_true(w->said_count < WORLD_SAID_MAX);
            w->said[w->said_count++] = fault;
        }
    }
}

static inline const struct fault *world_named(const struct world *w, uint32_t n)
{
    for (uint32_t i = 0; i < w->said_count; i++)
        if (w->said[i].state == FAULT_NAMED && n-- == 0)
            return &w->said[i];
    return NULL;
}

static inline uint32_t world_count(const struct world *w, enum fault_state state)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < w->said_count; i++)
        count += w->said[i].state == state;
    return count;
}
