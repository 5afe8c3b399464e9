// SPDX-License-Identifier: ISC
#include "net/check.h"

#include "net/check_inside.h"

#include <stdio.h>
#include <string.h>

// Lists whose entries have names, for checks that are the same for all.
static const struct {
    const char *list, *what;
    size_t offset, stride, count_offset;
} named[] = {
    {"routers", "router", offsetof(struct net, routers[0].name), sizeof(struct net_router),
     offsetof(struct net, router_count)},
    {"upstreams", "upstream", offsetof(struct net, upstreams[0].name), sizeof(struct net_upstream),
     offsetof(struct net, upstream_count)},
    {"targets", "target", offsetof(struct net, targets[0].name), sizeof(struct net_target),
     offsetof(struct net, target_count)},
    {"groups", "group", offsetof(struct net, groups[0].name), sizeof(struct net_group),
     offsetof(struct net, group_count)},
    {"hooks", "hook", offsetof(struct net, hooks[0].name), sizeof(struct net_hook),
     offsetof(struct net, hook_count)},
    {"links", "link", offsetof(struct net, links[0].name), sizeof(struct net_link),
     offsetof(struct net, link_count)},
};

static void check_names(const struct check *c)
{
    for (size_t n = 0; n < sizeof named / sizeof named[0]; n++) {
        const char *base = (const char *)c->net, *first = base + named[n].offset;
        uint32_t count;
        memcpy(&count, base + named[n].count_offset, sizeof count);
        for (uint32_t i = 1; i < count; i++)
            for (uint32_t j = 0; j < i; j++) {
                const char *name = first + i * named[n].stride;
                if (name[0] && strcmp(name, first + j * named[n].stride) == 0) {
                    net_errors_add(c->errors, NET_ERROR, line_of(c, named[n].list, i, "name"),
                                   "%s[%u].name: '%s' is also the name of %s[%u]: give each %s its "
                                   "own",
                                   named[n].list, i, name, named[n].list, j, named[n].what);
                    break;
                }
            }
    }
    for (uint32_t i = 0; i < c->net->upstream_count; i++)
        if (strcmp(c->net->upstreams[i].name, "as-routed") == 0)
            net_errors_add(c->errors, NET_ERROR, line_of(c, "upstreams", i, "name"),
                           "upstreams[%u].name: 'as-routed' is what the way of customers' packets "
                           "is called: write another name",
                           i);
}

// This host has one table for one router.
static void check_fib(const struct check *c, uint32_t i)
{
    const struct net_router *router = &c->net->routers[i];
    for (uint32_t j = 0; router->fib.from == NET_FIB_LOCAL && j < i; j++)
        if (c->net->routers[j].fib.from == NET_FIB_LOCAL)
            net_errors_add(c->errors, NET_ERROR, line_of(c, "routers", i, "fib"),
                           "routers[%u].fib: this host's routes are already those of '%s': write "
                           "the agent of '%s', or remove the key",
                           i, c->net->routers[j].name, router->name);
    if (c->sound && router->fib.from != NET_FIB_AGENT && router->fib.md5_key[0])
        net_errors_add(c->errors, NET_WARNING, line_of(c, "routers", i, "fib"),
                       "routers[%u].fib.md5_key: there is no connection to an agent: remove it, or "
                       "write from: agent ADDRESS:PORT",
                       i);
}

static void check_router(const struct check *c, uint32_t i)
{
    const struct net_router *router = &c->net->routers[i];
    char text[ADDRESS_TEXT_MAX];
    check_fib(c, i);
    address_format(router->address, text);
    for (uint32_t j = 0; j < i; j++)
        if (same(router->address, c->net->routers[j].address))
            net_errors_add(c->errors, NET_ERROR, line_of(c, "routers", i, "address"),
                           "routers[%u].address: %s is also the address of '%s': write each router "
                           "once",
                           i, text, c->net->routers[j].name);
    if (same(router->address, c->net->router_id))
        net_errors_add(c->errors, NET_ERROR, line_in(c, "bgp", "router_id"),
                       "bgp.router_id: %s is the address of '%s': write an address of this host",
                       text, router->name);
    if (same(router->address, router->local_address))
        net_errors_add(c->errors, NET_ERROR, line_of(c, "routers", i, "local_address"),
                       "routers[%u].local_address: %s is the router's own: write one of this host",
                       i, text);
    if (router->address.family && router->local_address.family &&
        router->address.family != router->local_address.family)
        net_errors_add(c->errors, NET_ERROR, line_of(c, "routers", i, "local_address"),
                       "routers[%u].local_address: %s and %s do not reach each other: write both "
                       "in one family",
                       i, family_name(router->local_address.family),
                       family_name(router->address.family));
    if (c->net->steer.lease_ns > (int64_t)router->hold_time_s * NS_PER_S && router->hold_time_s > 0)
        net_errors_add(c->errors, NET_ERROR, line_in(c, "steer", "lease_s"),
                       "steer.lease_s: longer than the hold time of '%s': write at most %u",
                       router->name, router->hold_time_s);
}

static bool selection_is_empty(const struct net_selection *s)
{
    return !s->source[FAMILY_IPV4].family && !s->source[FAMILY_IPV6].family && s->mark == 0 &&
           s->device[0] == '\0';
}

static bool selection_is_same(const struct net_selection *a, const struct net_selection *b)
{
    return a->mark == b->mark && strcmp(a->device, b->device) == 0 &&
           address_equal(a->source[FAMILY_IPV4], b->source[FAMILY_IPV4]) &&
           address_equal(a->source[FAMILY_IPV6], b->source[FAMILY_IPV6]);
}

// Whether sources are given, and are all that tells this way from others, but none of `family`.
static bool selection_lacks(const struct net_selection *s, enum family family)
{
    return !selection_is_empty(s) && s->mark == 0 && s->device[0] == '\0' &&
           !s->source[family].family;
}

static void check_next_hops(const struct check *c, uint32_t i, enum family family)
{
    const struct net_upstream *upstream = &c->net->upstreams[i];
    char text[ADDRESS_TEXT_MAX];
    if (!upstream->next_hop[family].family)
        return;
    for (uint32_t j = 0; j < i; j++)
        if (same(upstream->next_hop[family], c->net->upstreams[j].next_hop[family]))
            net_errors_add(c->errors, NET_ERROR, line_of(c, "upstreams", i, "next_hop"),
                           "upstreams[%u].next_hop: %s is also that of '%s': routes could not be "
                           "told apart: write the next hop of each",
                           i, address_format(upstream->next_hop[family], text),
                           c->net->upstreams[j].name);
    if (c->sound && selection_lacks(&upstream->select, family))
        net_errors_add(c->errors, NET_ERROR, line_of(c, "upstreams", i, "probe"),
                       "upstreams[%u].probe.source: no %s address, but next_hop has one: add one, "
                       "or a mark or device",
                       i, family_name(family));
    const struct net_router *router = &c->net->routers[upstream->router];
    if (c->sound && !router->families[family])
        net_errors_add(c->errors, NET_WARNING, line_of(c, "upstreams", i, "next_hop"),
                       "upstreams[%u].next_hop: the session with '%s' does not carry %s: nothing "
                       "of it will move; add it to the router's families",
                       i, router->name, family_name(family));
}

static void check_upstream(const struct check *c, uint32_t i)
{
    const struct net_upstream *upstream = &c->net->upstreams[i];
    uint32_t line = line_of(c, "upstreams", i, "probe");
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        check_next_hops(c, i, family);
    if (c->sound && c->net->upstream_count > 1 && selection_is_empty(&upstream->select)) {
        net_errors_add(
            c->errors, NET_ERROR, line,
            "upstreams[%u].probe: nothing says how a packet leaves by '%s' and no other: "
            "write source, mark or device",
            i, upstream->name);
        return;
    }
    for (uint32_t j = 0; j < i; j++)
        if (!selection_is_empty(&upstream->select) &&
            selection_is_same(&upstream->select, &c->net->upstreams[j].select))
            net_errors_add(
                c->errors, NET_ERROR, line,
                "upstreams[%u].probe: the same as of '%s': probes would take one way for "
                "both: give each its own source, mark or device",
                i, c->net->upstreams[j].name);
}

static void check_target(const struct check *c, uint32_t i)
{
    const struct net_target *target = &c->net->targets[i];
    const struct tree_node *entry = tree_at(tree_find(c->root, "targets"), i);
    char text[ADDRESS_TEXT_MAX];
    if (target->protocol == NET_TCP && !tree_find(entry, "port"))
        net_errors_add(c->errors, NET_ERROR, line_of(c, "targets", i, "protocol"),
                       "targets[%u].port is missing: write the TCP port that '%s' is asked at", i,
                       target->name);
    for (uint32_t j = 0; j < i; j++)
        for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
            if (target->protocol == c->net->targets[j].protocol &&
                same(target->address[family], c->net->targets[j].address[family]))
                net_errors_add(c->errors, NET_ERROR, line_of(c, "targets", i, "address"),
                               "targets[%u].address: %s is also that of '%s': write each host once",
                               i, address_format(target->address[family], text),
                               c->net->targets[j].name);
}

// Which of its rates is too high for that: its variants' where they alone are too many.
static const char *rate_to_lower(const struct net *net, const struct net_target *target,
                                 uint32_t max_pps)
{
    struct net_target barely = *target;
    barely.rate_mpps = 1;
    bool are_variants = net_target_asked_mpps(net, &barely) > (uint64_t)max_pps * 1000;
    return are_variants ? "variant_rate_pps" : "rate_pps";
}

// Strangers' hosts are no test equipment of ours (detection.md 1.6).
static void check_rate(const struct check *c, uint32_t i)
{
    const struct net_target *target = &c->net->targets[i];
    uint64_t asked_mpps = net_target_asked_mpps(c->net, target);
    uint32_t max_pps = net_target_rate_max_pps(target);
    if (asked_mpps > (uint64_t)max_pps * 1000 && max_pps == NET_THIRD_PARTY_PPS_MAX &&
        target->rate_max_pps == 0)
        net_errors_add(
            c->errors, NET_ERROR, line_of(c, "targets", i, "rate_pps"),
            "targets[%u].rate_pps: over all paths '%s' is asked %.6g times a second, but "
            "others' hosts at most %u: write ours: true if it is ours, or lower %s",
            i, target->name, (double)asked_mpps / 1000, max_pps,
            rate_to_lower(c->net, target, max_pps));
    else if (asked_mpps > (uint64_t)max_pps * 1000)
        net_errors_add(
            c->errors, NET_ERROR, line_of(c, "targets", i, "rate_max_pps"),
            "targets[%u].rate_max_pps: over all paths '%s' is asked %.6g times a second: "
            "write at least that, or lower %s",
            i, target->name, (double)asked_mpps / 1000, rate_to_lower(c->net, target, max_pps));
}

static void check_variants(const struct check *c, uint32_t i)
{
    const struct net_target *target = &c->net->targets[i];
    if (target->protocol == NET_TCP && target->sizes_bytes.count > 0)
        net_errors_add(c->errors, NET_ERROR, line_of(c, "targets", i, "sizes_bytes"),
                       "targets[%u].sizes_bytes: a SYN has but one size: remove it, or probe '%s' "
                       "by stamp or icmp",
                       i, target->name);
    for (enum family f = FAMILY_IPV4; f < FAMILIES; f++)
        if (target->protocol != NET_STAMP && target->node[f].family != FAMILY_NONE)
            net_errors_add(c->errors, NET_ERROR, line_of(c, "targets", i, "node"),
                           "targets[%u].node: only stamp asks who answers: remove it", i);
    if (target->protocol == NET_TCP && target->flows + target->dscp.count > NET_FLOWS_MAX)
        net_errors_add(
            c->errors, NET_ERROR, line_of(c, "targets", i, "flows"),
            "targets[%u].flows: with one for each of dscp more than %u: write at most %u", i,
            NET_FLOWS_MAX, NET_FLOWS_MAX - target->dscp.count);
    const struct net_numbers *lists[] = {&target->sizes_bytes, &target->dscp};
    const char *const keys[] = {"sizes_bytes", "dscp"};
    for (size_t k = 0; k < 2; k++)
        for (uint32_t a = 1; a < lists[k]->count; a++)
            for (uint32_t b = 0; b < a; b++)
                if (lists[k]->items[a] == lists[k]->items[b])
                    net_errors_add(c->errors, NET_ERROR, line_of(c, "targets", i, keys[k]),
                                   "targets[%u].%s: %u stands there twice: write it once", i,
                                   keys[k], lists[k]->items[a]);
}

static void check_link(const struct check *c, uint32_t i)
{
    const struct net_link *link = &c->net->links[i];
    char text[ADDRESS_TEXT_MAX];
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        bool has_neighbour = link->neighbour[family].family, has_own = link->address[family].family;
        if (c->sound && has_neighbour != has_own)
            net_errors_add(c->errors, NET_ERROR, line_of(c, "links", i, "address"),
                           "links[%u].address: %s %s address, but neighbour has %s: write both or "
                           "neither",
                           i, has_own ? "an" : "no", family_name(family), has_own ? "none" : "one");
        if (c->sound && has_neighbour && net_link_path(c->net, link, family) == NET_NOBODY)
            net_errors_add(c->errors, NET_ERROR, line_of(c, "links", i, "device"),
                           "links[%u].device: no upstream with %s is left by it, and none is "
                           "attached to a router at its neighbour: write one of theirs",
                           i, family_name(family));
        if (has_own && same(link->neighbour[family], link->address[family]))
            net_errors_add(c->errors, NET_ERROR, line_of(c, "links", i, "address"),
                           "links[%u].address: %s is the neighbour's: write one of this host", i,
                           address_format(link->address[family], text));
    }
}

static bool family_is_served(const struct net *net, enum family family)
{
    bool served = false;
    for (uint32_t i = 0; i < net->upstream_count; i++)
        served |= net->upstreams[i].next_hop[family].family != FAMILY_NONE;
    return served;
}

// Whether there is enough to measure in a family, and not more than the budget.
static void check_family(const struct check *c, enum family family)
{
    uint64_t rate_mpps = 0;
    uint32_t targets = 0;
    for (uint32_t i = 0; i < c->net->target_count; i++)
        if (c->net->targets[i].address[family].family && c->net->targets[i].rate_mpps > 0) {
            rate_mpps +=
                c->net->targets[i].rate_mpps + net_target_variants(&c->net->targets[i]) *
                                                   (uint64_t)c->net->targets[i].variant_rate_mpps;
            targets++;
        }
    const char *name = family_name(family);
    if (targets == 0)
        net_errors_add(c->errors, NET_ERROR, line_in(c, "targets", NULL),
                       "targets: an upstream carries %s, but no target has such an address: add "
                       "one, or take the next_hop away",
                       name);
    else if (targets == 1)
        net_errors_add(c->errors, NET_WARNING, line_in(c, "targets", NULL),
                       "targets: only one for %s: its own outage looks like that of every way to "
                       "it; add another, in another network",
                       name);
    if (rate_mpps > (uint64_t)c->net->probe.path_rate_max_pps * 1000)
        net_errors_add(c->errors, NET_ERROR, line_in(c, "probe", "path_rate_max_pps"),
                       "probe.path_rate_max_pps: the targets ask for %.6g probes a second on each "
                       "%s path: write at least that, or lower their rate_pps",
                       (double)rate_mpps / 1000, name);
    if (net_may_move(c->net) && selection_lacks(&c->net->probe.as_routed, family))
        net_errors_add(c->errors, NET_ERROR, line_in(c, "probe", "as_routed"),
                       "probe.as_routed.source: no %s address: moves of %s are verified by "
                       "it: add one",
                       name, name);
}

struct span {
    const char *section, *low_key, *high_key;
    int64_t low_ns, high_ns;
};

// Every flow that is probed for ever is one of those that are traced.
static void check_tracing(const struct check *c)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < c->net->target_count; i++)
        if (c->net->targets[i].flows > most)
            most = c->net->targets[i].flows;
    if (c->net->probe.trace_rate_mpps > 0 && c->net->probe.trace_flows < most)
        net_errors_add(c->errors, NET_ERROR, line_in(c, "probe", "trace_flows"),
                       "probe.trace_flows: a target has more flows: write at least %u", most);
}

// A rule that may never be wrong never says anything.
static void check_budgets(const struct check *c)
{
    const struct net_detect *detect = &c->net->detect;
    const struct {
        const char *key;
        uint32_t thousandths;
    } budgets[] = {
        {"false_suspicions_per_day", detect->false_suspicions_mpd},
        {"false_acts_per_year", detect->false_acts_mpy},
    };
    for (size_t i = 0; i < sizeof budgets / sizeof budgets[0]; i++)
        if (budgets[i].thousandths == 0)
            net_errors_add(c->errors, NET_ERROR, line_in(c, "detect", budgets[i].key),
                           "detect.%s: 0 is never, and nothing is as sure: write 0.001 to 1000",
                           budgets[i].key);
}

static void check_spans(const struct check *c)
{
    const struct net *net = c->net;
    const struct span spans[] = {
        {"probe", "timeout_min_ms", "timeout_max_ms", net->probe.timeout_min_ns,
         net->probe.timeout_max_ns},
        {"steer", "hold_min_s", "hold_max_s", net->steer.hold_min_ns, net->steer.hold_max_ns},
        {"detect", "burst_mean_ms", "burst_interval_s", net->detect.burst_mean_ns,
         net->detect.burst_interval_s * NS_PER_S},
    };
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++)
        if (spans[i].low_ns > spans[i].high_ns)
            net_errors_add(c->errors, NET_ERROR, line_in(c, spans[i].section, spans[i].low_key),
                           "%s.%s: longer than %s: write it smaller", spans[i].section,
                           spans[i].low_key, spans[i].high_key);
}

static void check_site(const struct check *c)
{
    const struct net *net = c->net;
    if (c->sound && net_may_move(net) && selection_is_empty(&net->probe.as_routed))
        net_errors_add(c->errors, NET_ERROR, line_in(c, "probe", "as_routed"),
                       "probe.as_routed is missing: moves are verified by probes that go the "
                       "way customers' packets go: write the source, mark or device that does so");
    if (c->sound && net_may_move(net) && !net->audit_path[0])
        net_errors_add(c->errors, NET_ERROR, line_in(c, "mode", NULL),
                       "audit is missing: mode act does nothing that is not on record: write "
                       "'audit: /var/lib/fairlead/audit.jsonl'");
    if (net->upstream_count == 1)
        net_errors_add(c->errors, NET_WARNING, line_in(c, "upstreams", NULL),
                       "upstreams: only one: there is nowhere to move to");
}

static void check_prefixes(const struct check *c)
{
    const struct net_prefixes *steered = &c->net->steer.prefixes;
    const struct net_prefixes *protected_prefixes = &c->net->guard.protected_prefixes;
    char text[PREFIX_TEXT_MAX];
    if (c->sound && steered->count == 0)
        net_errors_add(c->errors, NET_NOTE, line_in(c, "steer", "prefixes"),
                       "steer.prefixes: empty: nothing may be moved");
    for (uint32_t i = 0; i < steered->count; i++)
        for (uint32_t j = 0; j < protected_prefixes->count; j++)
            if (prefix_contains(protected_prefixes->items[j], steered->items[i]))
                net_errors_add(c->errors, NET_WARNING, line_in(c, "steer", "prefixes"),
                               "steer.prefixes[%u]: %s lies in limits.protected_prefixes[%u]: it "
                               "will never move",
                               i, prefix_format(steered->items[i], text), j);
}

static void check_own(const struct check *c, uint32_t i)
{
    const struct net_own *own = &c->net->own[i];
    char text[PREFIX_TEXT_MAX];
    if (own->prefix.address.family == FAMILY_NONE)
        return;  // that is an error already
    for (uint32_t j = 0; j < i; j++)
        if (prefix_equal(own->prefix, c->net->own[j].prefix))
            net_errors_add(c->errors, NET_ERROR, line_of(c, "own", i, "prefix"),
                           "own[%u].prefix: %s is also own[%u]: write each prefix once", i,
                           prefix_format(own->prefix, text), j);
    uint8_t bits = family_bits(own->prefix.address.family);
    if (own->length_max > 0 && (own->length_max < own->prefix.length || own->length_max > bits))
        net_errors_add(c->errors, NET_ERROR, line_of(c, "own", i, "length_max"),
                       "own[%u].length_max: %u does not fit %s: write %u to %u", i, own->length_max,
                       prefix_format(own->prefix, text), own->prefix.length, bits);
}

// The line of bmp.senders[index].key.
static uint32_t sender_line(const struct check *c, uint32_t index, const char *key)
{
    const struct tree_node *list = tree_find(tree_find(c->root, "bmp"), "senders");
    const struct tree_node *value = tree_find(tree_at(list, index), key);
    return value ? value->key_line : line_in(c, "bmp", "senders");
}

static void check_sender_is_one(const struct check *c, uint32_t i, uint32_t j)
{
    const struct net_bmp_sender *sender = &c->net->bmp.senders[i], *other = sender - i + j;
    char text[ADDRESS_TEXT_MAX];
    if (sender->name[0] && strcmp(sender->name, other->name) == 0)
        net_errors_add(c->errors, NET_ERROR, sender_line(c, i, "name"),
                       "bmp.senders[%u].name: '%s' is also the name of bmp.senders[%u]: give each "
                       "sender its own",
                       i, sender->name, j);
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        if (same(sender->address[family], other->address[family]))
            net_errors_add(c->errors, NET_ERROR, sender_line(c, i, "address"),
                           "bmp.senders[%u].address: %s is also that of '%s': write each router "
                           "once",
                           i, address_format(sender->address[family], text), other->name);
}

static void check_bmp(const struct check *c)
{
    const struct net_bmp *bmp = &c->net->bmp;
    for (uint32_t i = 0; i < bmp->sender_count; i++) {
        for (uint32_t j = 0; j < i; j++)
            check_sender_is_one(c, i, j);
        for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
            if (c->sound && bmp->senders[i].port == 0 && !bmp->listen[family].family &&
                bmp->senders[i].address[family].family)
                net_errors_add(c->errors, NET_ERROR, sender_line(c, i, "address"),
                               "bmp.senders[%u].address: nobody listens for it on %s: add such an "
                               "address to bmp.listen, or write its port, to call it",
                               i, family_name(family));
    }
    bool listens = bmp->listen[FAMILY_IPV4].family || bmp->listen[FAMILY_IPV6].family;
    if (c->sound && listens && bmp->sender_count == 0)
        net_errors_add(c->errors, NET_WARNING, line_in(c, "bmp", "listen"),
                       "bmp.listen: bmp.senders is empty: every connection will be refused");
}

static bool is_open_beyond_loopback(const struct address addresses[FAMILIES], char *text)
{
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        if (addresses[family].family && !check_is_loopback(addresses[family])) {
            address_format(addresses[family], text);
            return true;
        }
    return false;
}

static void check_counters(const struct check *c)
{
    const struct net_counters *counters = &c->net->counters;
    char text[ADDRESS_TEXT_MAX];
    bool has_http = counters->http[FAMILY_IPV4].family || counters->http[FAMILY_IPV6].family;
    if (is_open_beyond_loopback(counters->http, text))
        net_errors_add(c->errors, NET_ERROR, line_in(c, "counters", "http"),
                       "counters.http: %s is reachable from elsewhere: Fairlead refuses to listen "
                       "beyond loopback without TLS: write 127.0.0.1 or ::1, and a proxy before it",
                       text);
    if (c->sound && has_http && !counters->token[0] && !c->net->changes.token_file[0])
        net_errors_add(c->errors, NET_ERROR, line_in(c, "counters", "http"),
                       "counters.token is missing: anybody on this host could say what servers "
                       "see: write a secret of 16 bytes or more");
    if (c->sound && counters->token[0] && !has_http)
        net_errors_add(c->errors, NET_WARNING, line_in(c, "counters", "token"),
                       "counters.token: only HTTP asks for it: remove it, or write http");
    if (c->sound && counters->sources.count == 0 && is_open_beyond_loopback(counters->listen, text))
        net_errors_add(c->errors, NET_WARNING, line_in(c, "counters", "listen"),
                       "counters.listen: counters.sources is empty: all lines but those from "
                       "loopback will be refused at %s",
                       text);
}

// The line of groups[group].members[member].
static uint32_t member_line(const struct check *c, uint32_t group, uint32_t member)
{
    const struct tree_node *entry = tree_at(tree_find(c->root, "groups"), group);
    const struct tree_node *list = tree_find(entry, "members");
    const struct tree_node *node = tree_at(list, member);
    return node ? node->line : line_of(c, "groups", group, "members");
}

static bool is_link(const struct net *net, const char *text)
{
    for (uint32_t i = 0; i < net->link_count; i++)
        if (strcmp(net->links[i].name, text) == 0 || strcmp(net->links[i].device, text) == 0)
            return true;
    return false;
}

// One group of a name, and within it one member: that is how faults are told.
static void check_group(const struct check *c, uint32_t i)
{
    const struct net_group *group = &c->net->groups[i];
    if (c->sound && group->kind == NET_REDUNDANCY && group->member_count < 2)
        net_errors_add(c->errors, NET_ERROR, line_of(c, "groups", i, "members"),
                       "groups[%u].members: one alone is not redundant: write at least two, or "
                       "shared-risk",
                       i);
    for (uint32_t m = 0; m < group->member_count; m++) {
        const struct net_member *member = &group->members[m];
        if (c->sound && member->upstreams == 0 && member->hops.count == 0 && !member->link[0])
            net_errors_add(c->errors, NET_ERROR, member_line(c, i, m),
                           "groups[%u].members[%u]: nothing passes it: write upstreams, hops or "
                           "link",
                           i, m);
        if (c->sound && member->link[0] && !is_link(c->net, member->link))
            net_errors_add(c->errors, NET_ERROR, member_line(c, i, m),
                           "groups[%u].members[%u].link: '%s' is neither name nor device of one of "
                           "links: write one of theirs",
                           i, m, member->link);
        for (uint32_t n = 0; n < m; n++)
            if (member->name[0] && strcmp(member->name, group->members[n].name) == 0)
                net_errors_add(c->errors, NET_ERROR, member_line(c, i, m),
                               "groups[%u].members[%u].name: '%s' is also the name of "
                               "members[%u]: give each its own",
                               i, m, member->name, n);
    }
}

void check_net(const struct net *net, const struct tree_node *root, struct net_errors *errors)
{
    const struct check c = {net, root, errors, errors->fatal == 0};
    check_names(&c);
    for (uint32_t i = 0; i < net->router_count; i++)
        check_router(&c, i);
    for (uint32_t i = 0; i < net->upstream_count; i++) {
        check_upstream(&c, i);
        check_use(&c, i);
    }
    for (uint32_t i = 0; i < net->target_count; i++) {
        check_target(&c, i);
        check_variants(&c, i);
        if (c.sound)
            check_rate(&c, i);
    }
    for (uint32_t i = 0; i < net->link_count; i++)
        check_link(&c, i);
    for (uint32_t i = 0; i < net->own_count; i++)
        check_own(&c, i);
    for (uint32_t i = 0; i < net->group_count; i++)
        check_group(&c, i);
    check_announce(&c);
    check_hooks(&c);
    check_maintenance(&c);
    check_bmp(&c);
    check_counters(&c);
    check_syslog(&c);
    check_changes(&c);
    check_ssh(&c);
    check_traps(&c);
    check_access(&c);
    check_alert(&c);
    check_selections(&c);
    check_hosts(&c);
    check_locations(&c);
    check_countries(&c);
    check_status_page(&c);
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        if (c.sound && family_is_served(net, family))
            check_family(&c, family);
    check_budgets(&c);
    check_tracing(&c);
    check_spans(&c);
    check_site(&c);
    check_prefixes(&c);
}
