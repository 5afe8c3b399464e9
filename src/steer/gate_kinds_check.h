// SPDX-License-Identifier: ISC
// For tests: a site of two edges and three transits that permits an exit, or one of its own
// prefixes, in either family.
#pragma once

#include "steer/gate_check.h"

enum { TRANSIT_C = UPSTREAMS, TABLE = 64 };

static const char *const exits[3][FAMILIES] = {
    {NULL, "8.9.0.1", "2a08:e::1"}, {NULL, "8.9.0.2", "2a08:e::2"}, {NULL, "8.9.0.3", "2a08:e::3"}};
static const char *const owns[FAMILIES] = {NULL, "30.0.0.0/24", "2a30:1::/48"};

static inline struct prefix exit_of(const struct site *s, uint32_t upstream, enum family family)
{
    return prefix_of(s->net.upstreams[upstream].exit[family], family_bits(family));
}

static inline enum family family_of(const struct site *s)
{
    return s->request.prefix.address.family;
}

static inline void add_announce(struct site *s, enum family family)
{
    struct net_announce *own = &s->net.announce[s->net.announce_count++];
    *own = (struct net_announce){
        .prefix = check_prefix(owns[family]),
        .next_hop = check_address(family == FAMILY_IPV4 ? "30.9.9.9" : "2a30:9::9"),
        .communities = {2, {{NET_TAG_STANDARD, {64500, 80, 0}}, {NET_TAG_LARGE, {64500, 8, 0}}}},
    };
}

// The whole table is on both edges, each through its own transit, and a third one hears it too.
static inline struct site site_of(enum permit_kind kind, enum family family)
{
    char text[PREFIX_TEXT_MAX];
    struct site s = site_new(family == FAMILY_IPV4 ? "20.1.0.0/16" : "2a10:1::/32");
    s.net.upstreams[TRANSIT_C] = (struct net_upstream){.name = "transit-c", .router = EDGE1};
    s.net.upstreams[TRANSIT_C].next_hop[FAMILY_IPV4] = check_address("8.0.3.1");
    s.net.upstreams[TRANSIT_C].next_hop[FAMILY_IPV6] = check_address("2a08:c::1");
    s.net.upstream_count = 3;
    for (uint32_t u = 0; u < 3; u++) {
        for (enum family f = FAMILY_IPV4; f < FAMILIES; f++)
            s.net.upstreams[u].exit[f] = check_address(exits[u][f]);
        for (uint32_t stance = NET_STANCE_PREPEND; stance < NET_STANCES; stance++)
            s.net.upstreams[u].inbound[stance] =
                (struct net_tag){NET_TAG_LARGE, {64500, 100 + u, stance}};
    }
    s.net.upstreams[TRANSIT_C].inbound[NET_STANCE_PREPEND].kind = NET_TAG_NONE;
    s.net.steer.hold_min_ns = (int64_t)60 * NS_PER_S;
    for (uint32_t n = 0; n < TABLE; n++) {
        snprintf(text, sizeof text, family == FAMILY_IPV4 ? "21.%u.0.0/16" : "2a11:%x::/32", n);
        learn_both(&s, text);
        learn(&s, EDGE1, text, TRANSIT_C);
    }
    add_announce(&s, FAMILY_IPV4);
    add_announce(&s, FAMILY_IPV6);
    s.request = (struct gate_request){
        .router = EDGE2, .upstream = TRANSIT_B, .kind = kind, .prefix = s.request.prefix};
    if (kind == PERMIT_OWN)
        s.request.upstream = NET_NOBODY;
    if (kind != PERMIT_OVERRIDE)
        s.request.prefix =
            kind == PERMIT_EXIT ? exit_of(&s, TRANSIT_A, family) : check_prefix(owns[family]);
    return s;
}

static inline void enter(struct site *s, struct gate_request request)
{
    struct gate_request before = s->request;
    struct permit permit;
    char why[GATE_WHY_MAX];
    s->request = request;
    if (ask(s, &permit, why) != GATE_PERMITTED)
        fail_msg("%s", why);
    ledger_act(s->ledger, &permit, s->now);
    s->request = before;
}
