// SPDX-License-Identifier: ISC
// For tests of a kernel against BGP: a router with two links and a few prefixes, the same in either
// family, whose kernel and whose session the test plays. What is told is kept as text, a word and a
// name each: "+missing 198.51.1.0/24; ".
#pragma once

#include "rib/fib_inside.h"
#include "rib/rib_check.h"

#include <string.h>

enum { SETTLE_MS = 500, ETH1 = 2, ETH2 = 3, BGP = 186, BOOT = 3, KERNEL = 2, METRIC = 20 };
enum { ZEBRA_PORT = 7, OTHER_PORT = 8, PREFIXES = 3 };

struct fib_world {
    enum family family;
    struct net net;
    struct rib *rib;
    struct fib *fib;
    struct mono now;
    char told[2048], text[FIB_TEXT_MAX];  // all since last asked; the words of the last
    struct address override;
    uint32_t metric;  // of the daemon's routes
};

// Prefix n, or its first half; gateway n of link eth1 (1 to 99) or eth2 (100 and on).
static inline struct prefix fib_prefix(const struct fib_world *w, uint32_t n)
{
    char text[64];
    snprintf(text, sizeof text, w->family == FAMILY_IPV4 ? "198.51.%u.0/24" : "2001:db8:%u::/48",
             n);
    return check_prefix(text);
}

static inline struct prefix fib_half(const struct fib_world *w, uint32_t n)
{
    struct prefix prefix = fib_prefix(w, n);
    prefix.length++;
    return prefix;
}

static inline struct address fib_gateway(const struct fib_world *w, uint32_t n)
{
    char text[64];
    snprintf(text, sizeof text, w->family == FAMILY_IPV4 ? "10.0.%u.%u" : "fd00:%u::%u",
             n >= 100 ? 1 : 0, n);
    return check_address(text);
}

static inline uint32_t fib_link_of(uint32_t gateway)
{
    return gateway >= 100 ? ETH2 : ETH1;
}

static inline void fib_keep_told(void *context, const struct fib_finding *finding)
{
    struct fib_world *w = context;
    char prefix[PREFIX_TEXT_MAX];
    size_t at = strlen(w->told);
    snprintf(w->told + at, sizeof w->told - at, "%s%s %s; ", finding->stands ? "+" : "-",
             fib_verdict_name(finding->verdict),
             finding->subject[0] ? finding->subject : prefix_format(finding->prefix, prefix));
    snprintf(w->text, sizeof w->text, "%s", finding->text);
}

static inline bool fib_say_override(void *context, struct prefix prefix, struct address *next_hop)
{
    const struct fib_world *w = context;
    *next_hop = w->override;
    return w->override.family != FAMILY_NONE && prefix_equal(prefix, fib_prefix(w, 1));
}

static inline void fib_wait(struct fib_world *w, int64_t ms)
{
    for (int64_t passed = 0; passed < ms; passed += 50) {
        w->now = mono_add_ms(w->now, 50);
        while (fib_turn(w->fib, w->now))
            ;
    }
}

// What was told since it was last asked, after the time that a difference must stand.
static inline void fib_check_told(struct fib_world *w, const char *name, const char *expected)
{
    fib_wait(w, SETTLE_MS + 100);
    if (strcmp(w->told, expected) != 0)
        fail_msg("%s, %s: told '%s', expected '%s'", name, family_name(w->family), w->told,
                 expected);
    w->told[0] = '\0';
}

// A route of the main table by one gateway; 0: straight from eth1. The test may change it.
static inline struct kernel_message fib_route_by(struct prefix prefix, const struct fib_world *w,
                                                 uint32_t gateway)
{
    struct kernel_message m = {.kind = KERNEL_ROUTE, .port = ZEBRA_PORT};
    m.route = (struct kernel_route){.prefix = prefix,
                                    .table = KERNEL_TABLE_MAIN,
                                    .metric = w->metric,
                                    .type = KERNEL_UNICAST,
                                    .protocol = BGP,
                                    .hop_count = 1};
    m.route.hops[0].link = fib_link_of(gateway);
    if (gateway > 0)
        m.route.hops[0].gateway = fib_gateway(w, gateway);
    return m;
}

static inline void fib_hears(struct fib_world *w, struct kernel_message m)
{
    fib_hear(w->fib, w->now, &m);
}

static inline void fib_hears_gone(struct fib_world *w, struct kernel_message m)
{
    m.is_gone = true;
    fib_hear(w->fib, w->now, &m);
}

static inline struct kernel_message fib_link_is(uint32_t index, bool is_up, bool has_carrier)
{
    struct kernel_message m = {.kind = KERNEL_LINK};
    m.link = (struct kernel_link){.index = index, .is_up = is_up, .has_carrier = has_carrier};
    snprintf(m.link.name, sizeof m.link.name, "eth%u", index - 1);
    return m;
}

static inline struct kernel_message fib_object(const struct fib_world *w, uint32_t id,
                                               uint32_t gateway)
{
    struct kernel_message m = {.kind = KERNEL_NEXTHOP, .port = ZEBRA_PORT};
    m.nexthop = (struct kernel_nexthop){.id = id};
    m.nexthop.hop = (struct kernel_hop){fib_gateway(w, gateway), fib_link_of(gateway), 0, 0};
    return m;
}

static inline struct kernel_message fib_group(uint32_t id, uint32_t first, uint32_t second)
{
    struct kernel_message m = {.kind = KERNEL_NEXTHOP, .port = ZEBRA_PORT};
    m.nexthop = (struct kernel_nexthop){.id = id, .member_count = 2, .members = {first, second}};
    return m;
}

static inline struct kernel_message fib_policy(const struct fib_world *w, uint32_t priority,
                                               uint32_t table)
{
    struct kernel_message m = {.kind = KERNEL_RULE};
    m.rule = (struct kernel_rule){.family = w->family,
                                  .priority = priority,
                                  .table = table,
                                  .action = KERNEL_RULE_LOOKUP,
                                  .identity = priority};
    return m;
}

static inline struct kernel_message fib_neighbour_is(const struct fib_world *w, uint32_t gateway,
                                                     uint8_t mac, uint16_t state)
{
    struct kernel_message m = {.kind = KERNEL_NEIGHBOUR};
    m.neighbour = (struct kernel_neighbour){.address = fib_gateway(w, gateway),
                                            .link = fib_link_of(gateway),
                                            .state = state,
                                            .mac_size = mac ? 6 : 0,
                                            .mac = {2, 0, 0, 0, 0, mac}};
    return m;
}

static inline void fib_learns(struct fib_world *w, uint32_t peer, struct prefix prefix,
                              struct address next_hop, uint32_t path_id)
{
    static const uint8_t as_path[] = {2, 1, 0, 0, 0xfd, 0xe9};
    struct rib_attributes a = {
        .next_hop = next_hop, .local_pref = 100, .as_path = {as_path, sizeof as_path}};
    check_learn(w->rib, peer, prefix, path_id, &a);
    fib_path_changed(w->fib, w->now, prefix, (struct address){0});
}

static inline void fib_withdraws(struct fib_world *w, struct prefix prefix, uint32_t gateway)
{
    rib_withdraw(w->rib, 0, prefix, 0);
    fib_path_changed(w->fib, w->now, prefix, fib_gateway(w, gateway));
}

// What the kernel tells at any dump beside the routes that a test sets itself.
static inline void fib_hears_dumped(struct fib_world *w, struct kernel_message m)
{
    m.is_dumped = true;
    fib_hear(w->fib, w->now, &m);
}

static inline void fib_dump_routes(struct fib_world *w, uint32_t routes)
{
    struct kernel_message own =
        fib_route_by(prefix_of(fib_gateway(w, 99), w->family == FAMILY_IPV4 ? 32 : 128), w, 0);
    own.route.table = KERNEL_TABLE_LOCAL;
    own.route.type = KERNEL_LOCAL;
    own.route.protocol = KERNEL;
    fib_hears_dumped(w, own);
    for (uint32_t gateway = 1; gateway <= 100; gateway += 99) {
        uint8_t length = w->family == FAMILY_IPV4 ? 24 : 64;
        struct kernel_message m = fib_route_by(prefix_of(fib_gateway(w, gateway), length), w, 0);
        m.route.protocol = KERNEL;
        m.route.metric = 0;
        m.route.hops[0].link = fib_link_of(gateway);
        fib_hears_dumped(w, m);
    }
    for (uint32_t n = 1; n <= routes; n++)
        fib_hears_dumped(w, fib_route_by(fib_prefix(w, n), w, 1));
}

static inline void fib_dump(struct fib_world *w, enum kernel_part part, uint32_t routes)
{
    bool is_ours =
        (part == KERNEL_ROUTES_IPV4 || part == KERNEL_RULES_IPV4) == (w->family == FAMILY_IPV4);
    fib_dump_begins(w->fib, part);
    if (part == KERNEL_LINKS) {
        fib_hears_dumped(w, fib_link_is(ETH1, true, true));
        fib_hears_dumped(w, fib_link_is(ETH2, true, true));
    } else if (part == KERNEL_NEIGHBOURS) {
        fib_hears_dumped(w, fib_neighbour_is(w, 1, 1, 2));
    } else if (part == KERNEL_ROUTES_IPV4 || part == KERNEL_ROUTES_IPV6) {
        if (is_ours)
            fib_dump_routes(w, routes);
    } else if (part == KERNEL_RULES_IPV4 || part == KERNEL_RULES_IPV6) {
        struct fib_world of = *w;
        of.family = part == KERNEL_RULES_IPV4 ? FAMILY_IPV4 : FAMILY_IPV6;
        fib_hears_dumped(w, fib_policy(&of, 0, KERNEL_TABLE_LOCAL));
        fib_hears_dumped(w, fib_policy(&of, 32766, KERNEL_TABLE_MAIN));
    }
    fib_dump_ends(w->fib, w->now, part, true);
}

// Answers whatever is asked for, as long as something is.
static inline void fib_dump_all(struct fib_world *w, uint32_t routes)
{
    enum kernel_part part;
    while (fib_wants_dump(w->fib, w->now, &part))
        fib_dump(w, part, routes);
}

// A router that chose gateway 1 for all its prefixes, and whose kernel agrees.
static inline void fib_world_init(struct fib_world *w, enum family family)
{
    *w = (struct fib_world){.family = family, .now = {NS_PER_S}, .metric = METRIC};
    w->rib = rib_new((size_t)1 << 24, (struct siphash_key){1, 2});
    struct fib_options options = {.net = &w->net,
                                  .table = KERNEL_TABLE_MAIN,
                                  .settle_ns = (int64_t)SETTLE_MS * NS_PER_MS,
                                  .context = w,
                                  .override = fib_say_override,
                                  .tell = fib_keep_told};
    w->net.router_count = 2;
    w->fib = fib_new(w->rib, &options, (struct siphash_key){3, 4});
    for (uint32_t peer = 0; peer < 2; peer++) {
        rib_peer_complete(w->rib, peer, FAMILY_IPV4);
        rib_peer_complete(w->rib, peer, FAMILY_IPV6);
    }
    for (uint32_t n = 1; n <= PREFIXES; n++)
        fib_learns(w, 0, fib_prefix(w, n), fib_gateway(w, 1), 0);
    fib_dump_all(w, PREFIXES);
    fib_check_told(w, "in the beginning", "");
}

static inline void fib_world_done(struct fib_world *w)
{
    fib_free(w->fib);
    rib_free(w->rib);
}
