// SPDX-License-Identifier: ISC
// A site for tests of the gate, and ways to spoil it.
#pragma once

#include "rib/rib_check.h"
#include "steer/gate.h"
#include "steer/gate_never.h"

#include <stdlib.h>

enum { EDGE1, EDGE2, ROUTERS };
enum { TRANSIT_A, TRANSIT_B, UPSTREAMS };
enum { QUIET_S = 60 };

// A site that permits the move asked for: 20.1.0.0/16 (or 2a00:1::/32) on edge1 to transit-b, whose
// path is learned from edge2. Each row then spoils one thing.
struct site {
    struct net net;
    struct rib *rib;
    struct ledger *ledger;
    struct gate gate;
    struct gate_request request;
    struct mono now;
};

static inline void list(struct net_prefixes *list, const char *text)
{
    list->items[list->count++] = check_prefix(text);
}

static inline void fill_net(struct net *net)
{
    *net = (struct net){
        .mode = NET_ACT,
        .asn = 64500,
        .router_id = check_address("5.5.5.5"),
        .web_address = check_address("6.6.6.6"),
        .bgp_listen =
            {[FAMILY_IPV4] = check_address("5.5.5.6"), [FAMILY_IPV6] = check_address("2a05::6")},
        .bmp = {.listen = {[FAMILY_IPV4] = check_address("5.6.5.6")},
                .sender_count = 1,
                .senders = {{.name = "edge1",
                             .address = {[FAMILY_IPV4] = check_address("11.7.7.7"),
                                         [FAMILY_IPV6] = check_address("2a0b::7")}}}},
        .router_count = ROUTERS,
        .upstream_count = UPSTREAMS,
        .routers = {{.name = "edge1", .address = check_address("1.0.0.1")},
                    {.name = "edge2", .address = check_address("2a01::2")}},
        .upstreams = {{.name = "transit-a", .router = EDGE1},
                      {.name = "transit-b", .router = EDGE2}},
        .steer = {.local_pref = 500,
                  .marker = {64500, 666, 1},
                  .quiet_start_ns = (int64_t)QUIET_S * NS_PER_S},
        .guard = {.routes_per_router_max = 3,
                  .routes_per_family_max = 4,
                  .routes_max = 6,
                  .acts_per_minute_max = 300,
                  .acts_per_prefix_max = 6},
    };
    net->routers[EDGE1].local_address = check_address("1.0.0.5");
    net->upstreams[TRANSIT_A].next_hop[FAMILY_IPV4] = check_address("8.0.1.1");
    net->upstreams[TRANSIT_A].next_hop[FAMILY_IPV6] = check_address("2a08:a::1");
    net->upstreams[TRANSIT_B].next_hop[FAMILY_IPV4] = check_address("8.0.2.1");
    net->upstreams[TRANSIT_B].next_hop[FAMILY_IPV6] = check_address("2a08:b::1");
    net->upstreams[TRANSIT_A].select.source[FAMILY_IPV4] = check_address("9.0.1.5");
    net->upstreams[TRANSIT_B].select.source[FAMILY_IPV6] = check_address("2a09:b::5");
    net->probe.as_routed.source[FAMILY_IPV4] = check_address("9.0.3.5");
    net->probe.as_routed.source[FAMILY_IPV6] = check_address("2a09:c::5");
    net->upstreams[TRANSIT_A].use.snmp.address = check_address("12.1.0.7");
    net->upstreams[TRANSIT_B].use.snmp.address = check_address("2a0c:1::7");
    net->routers[EDGE1].fib.address = check_address("12.2.0.7");
    net->routers[EDGE2].fib.address = check_address("2a0c:2::7");
    net->ssh.device_count = 2;
    net->ssh.devices[0] = (struct net_ssh_device){"edge1", "", check_address("12.3.0.7"), 22};
    net->ssh.devices[1] = (struct net_ssh_device){"edge2", "", check_address("2a0c:3::7"), 22};
    list(&net->steer.prefixes, "0.0.0.0/0");
    list(&net->steer.prefixes, "::/0");
    list(&net->guard.protected_prefixes, "7.7.0.0/16");
    list(&net->guard.protected_prefixes, "2a07:7::/32");
}

static const uint8_t path_a[] = {2, 2, 0, 0, 0xfd, 0xe9, 0, 0, 0xfe, 0x4c};
static const uint8_t path_b[] = {2, 2, 0, 0, 0xfd, 0xea, 0, 0, 0xfe, 0x4c};

static inline struct rib_attributes via(const struct net *net, uint32_t upstream,
                                        enum family family)
{
    return (struct rib_attributes){
        .next_hop = net->upstreams[upstream].next_hop[family],
        .local_pref = 100,
        .origin = 2,
        .as_path = {upstream == TRANSIT_A ? path_a : path_b, sizeof path_b},
    };
}

static inline void learn(struct site *site, uint32_t router, const char *text, uint32_t upstream)
{
    struct rib_attributes a = via(&site->net, upstream, check_prefix(text).address.family);
    if (check_learn(site->rib, router, check_prefix(text), upstream, &a) == RIB_FULL)
        fail_msg("no room for %s", text);
}

// Both edges have the prefix, each through its own transit.
static inline void learn_both(struct site *site, const char *text)
{
    learn(site, EDGE1, text, TRANSIT_A);
    learn(site, EDGE2, text, TRANSIT_B);
}

static inline struct site site_new(const char *text)
{
    struct site site = {.rib = rib_new(16 << 20, (struct siphash_key){1, 0}),
                        .ledger = ledger_new(&ledger_limits)};
    fill_net(&site.net);
    learn_both(&site, text);
    site.request =
        (struct gate_request){.router = EDGE1, .upstream = TRANSIT_B, .prefix = check_prefix(text)};
    site.now = (struct mono){(int64_t)(QUIET_S + 1) * NS_PER_S};
    site.gate = (struct gate){.rib = site.rib, .ledger = site.ledger};
    for (uint32_t router = 0; router < ROUTERS; router++)
        site.gate.sessions[router] = (struct gate_session){
            .up = true, .complete = true, .families = {0, 1, 1}, .add_path = {0, 1, 1}};
    return site;
}

static inline void site_free(struct site *site)
{
    rib_free(site->rib);
    ledger_free(site->ledger);
}

static inline enum gate_answer ask(struct site *site, struct permit *permit, char *why)
{
    site->gate.net = &site->net;
    return gate_announce(&site->gate, &site->request, site->now, permit, why);
}

// Changes one thing about a site that would permit.
#define SPOIL(name, ...)                                                                           \
    static void name(struct site *s)                                                               \
    {                                                                                              \
        __VA_ARGS__;                                                                               \
    }
