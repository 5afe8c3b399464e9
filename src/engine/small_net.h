// SPDX-License-Identifier: ISC
// For tests: the network of the example configuration, small. Two edge routers, a transit on each,
// three targets, both families.
#pragma once

#include "net/net.h"

#include <stdlib.h>
#include <string.h>

static inline struct address small_address(const char *text)
{
    struct address address;
    if (!address_parse(text, &address))
        abort();
    return address;
}

static inline struct prefix small_prefix(const char *text)
{
    struct prefix prefix;
    if (!prefix_parse(text, &prefix))
        abort();
    return prefix;
}

static inline void small_upstream(struct net *net, const char *name, const char *v4, const char *v6)
{
    struct net_upstream *upstream = &net->upstreams[net->upstream_count];
    *upstream = (struct net_upstream){.router = net->upstream_count++};
    strcpy(upstream->name, name);
    upstream->next_hop[FAMILY_IPV4] = small_address(v4);
    upstream->next_hop[FAMILY_IPV6] = small_address(v6);
}

static inline void small_target(struct net *net, const char *name, const char *v4, const char *v6)
{
    struct net_target *target = &net->targets[net->target_count++];
    *target = (struct net_target){.port = 862, .flows = 4, .rate_mpps = 30000};
    strcpy(target->name, name);
    target->address[FAMILY_IPV4] = small_address(v4);
    target->address[FAMILY_IPV6] = small_address(v6);
}

static inline void small_hook(struct net *net, const char *name, uint32_t router)
{
    struct net_hook *hook = &net->hooks[net->hook_count++];
    *hook = (struct net_hook){.object = {NET_OBJECT_ROUTER, router, 0},
                              .program = "/bin/true",
                              .timeout_ns = 2 * (int64_t)NS_PER_S,
                              .settle_ns = NS_PER_S};
    strcpy(hook->name, name);
    hook->undo_arguments = (struct net_arguments){1, {"back"}};
}

// Beside small_net(), which has none: two own prefixes, one of each family.
static inline void small_announce(struct net *net)
{
    net->announce_count = 2;
    net->announce[0].prefix = small_prefix("192.0.2.0/24");
    net->announce[0].next_hop = small_address("198.51.100.53");
    net->announce[1].prefix = small_prefix("2001:db8:53::/48");
    net->announce[1].next_hop = small_address("2001:db8:0:1::53");
}

static inline struct net small_net(void)
{
    struct net net = {.site = "fra1", .mode = NET_ACT, .asn = 64500, .router_count = 2};
    strcpy(net.routers[0].name, "edge1");
    strcpy(net.routers[1].name, "edge2");
    for (uint32_t r = 0; r < net.router_count; r++)
        net.routers[r].families[FAMILY_IPV4] = net.routers[r].families[FAMILY_IPV6] = true;
    small_upstream(&net, "transit-a", "10.0.1.1", "2001:db8:0:a1::1");
    small_upstream(&net, "transit-b", "10.0.2.1", "2001:db8:0:b1::1");
    small_target(&net, "far-1", "203.0.113.10", "2001:db8:f:1::10");
    small_target(&net, "far-2", "203.0.113.138", "2001:db8:f:2::10");
    small_target(&net, "far-3", "203.0.113.74", "2001:db8:f:3::10");
    small_hook(&net, "drain-a", 0);
    small_hook(&net, "drain-b", 1);
    net.detect = (struct net_detect){.loss_normal_ppm = 1000,
                                     .false_suspicions_mpd = 12000,
                                     .false_acts_mpy = 100,
                                     .burst_mean_ns = 50 * (int64_t)NS_PER_MS,
                                     .burst_interval_s = 60};
    net.steer = (struct net_steer){.local_pref = 500,
                                   .hold_min_ns = 60 * (int64_t)NS_PER_S,
                                   .hold_max_ns = 3600 * (int64_t)NS_PER_S,
                                   .fib_settle_ns = 300 * (int64_t)NS_PER_MS,
                                   .verify_max_ns = 15 * (int64_t)NS_PER_S,
                                   .healthy_min_ns = 30 * (int64_t)NS_PER_S,
                                   .quiet_start_ns = 60 * (int64_t)NS_PER_S,
                                   .lease_ns = 3 * (int64_t)NS_PER_S,
                                   .capacity = NET_CAPACITY_IGNORE,
                                   .budget = {.headroom_percent = 80,
                                              .prefixes_per_minute_max = 400,
                                              .moved_per_minute_percent = 50,
                                              .drained_upstreams_percent = 50,
                                              .drained_traffic_percent = 50}};
    net.probe.path_rate_max_pps = 100;
    net.probe.timeout_min_ns = 50 * (int64_t)NS_PER_MS;
    net.probe.timeout_max_ns = NS_PER_S;
    net.guard.routes_per_router_max = net.guard.routes_per_family_max = 200;
    net.guard.routes_max = net.guard.acts_per_minute_max = 1000;
    net.guard.acts_per_prefix_max = 6;
    net.guard.own_withdrawn_together_max = 2;
    net.guard.allowed_bogons.count = 2;  // the documentation's
    net.guard.allowed_bogons.items[0] = small_prefix("203.0.112.0/23");
    net.guard.allowed_bogons.items[1] = small_prefix("2001:db8::/32");
    net.steer.prefixes.count = 2;
    net.steer.prefixes.items[0] = small_prefix("203.0.113.0/24");
    net.steer.prefixes.items[1] = small_prefix("2001:db8:f::/48");
    return net;
}
