// SPDX-License-Identifier: ISC
#include "rib/fib_inside.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

const char *fib_verdict_name(enum fib_verdict verdict)
{
    static const char *const names[FIB_VERDICTS] = {
        "match",     "unknown", "missing",       "next_hop", "discard", "nexthop_gone",
        "link_down", "alien",   "more_specific", "stale",    "rule",    "neighbour",
    };
    return names[verdict];
}

const char *fib_say_mac(const uint8_t *mac, uint8_t size, char *text)
{
    text[0] = '\0';
    for (uint8_t i = 0; i < size; i++)
        snprintf(text + 3 * i - (i > 0), 4, i > 0 ? ":%02x" : "%02x", mac[i]);
    return text;
}

const char *fib_say_hops(const struct fib *fib, const struct kernel_hop *hops, uint8_t count,
                         char *text, size_t size)
{
    size_t at = 0;
    text[0] = '\0';
    for (uint8_t i = 0; i < count && at < size; i++) {
        char gateway[ADDRESS_TEXT_MAX], link[KERNEL_NAME_MAX];
        bool is_direct = hops[i].gateway.family == FAMILY_NONE;
        int wrote = snprintf(text + at, size - at, "%s%s%s%s%s", i > 0 ? ", " : "",
                             is_direct ? "" : address_format(hops[i].gateway, gateway),
                             is_direct ? "" : " ", fib_link_name(&fib->state, hops[i].link, link),
                             hops[i].is_wrapped ? " wrapped" : "");
        at += (size_t)wrote;
    }
    return text;
}

// "10.0.0.1 eth1", or "10.9.9.9 by 10.0.0.1 eth1".
static const char *say_choice(const struct fib *fib, const struct fib_choice *choice, char *text,
                              size_t size)
{
    char address[ADDRESS_TEXT_MAX];
    snprintf(text, size, "nothing");
    if (choice->count == 0)
        return text;
    struct address next_hop = choice->ways[0].next_hop;
    struct fib_next_hop_key key = {.family = next_hop.family};
    memcpy(key.bytes, next_hop.bytes, sizeof key.bytes);
    const struct fib_next_hop *followed = keyed_find(&fib->next_hops, &key);
    size_t at = (size_t)snprintf(text, size, "%s", address_format(next_hop, address));
    if (!followed || followed->lead != FIB_LEADS || at >= size)
        return text;
    if (followed->count == 1 && address_equal(followed->hops[0].gateway, next_hop)) {
        char link[KERNEL_NAME_MAX];
        snprintf(text + at, size - at, " %s",
                 fib_link_name(&fib->state, followed->hops[0].link, link));
        return text;
    }
    char hops[100];
    snprintf(text + at, size - at, " by %s",
             fib_say_hops(fib, followed->hops, followed->count, hops, sizeof hops));
    return text;
}

// "blackhole (bgp, metric 20)", "10.0.0.1 eth1 (bgp, metric 20)".
static const char *say_route(const struct fib *fib, const struct fib_view *view, char *text,
                             size_t size)
{
    char number[4], where[100];
    struct fib_hops hops;
    const struct fib_route *route = &view->route;
    fib_follow_route(fib, route, &hops);
    if (hops.lead == FIB_LEADS)
        fib_say_hops(fib, hops.hops, hops.count, where, sizeof where);
    else
        snprintf(where, sizeof where, "%s", kernel_route_type_name(route->type));
    snprintf(text, size, "%s (%s, metric %u)", where, kernel_protocol_name(route->protocol, number),
             route->metric);
    return text;
}

static void say_object_gone(const struct fib *fib, const struct fib_view *view, char *text)
{
    char prefix[PREFIX_TEXT_MAX];
    const struct fib_nexthop *object = fib_nexthop(&fib->state, view->number);
    snprintf(text, FIB_TEXT_MAX, "it was deleted by netlink port %u, and the routes with it, as %s",
             object ? object->gone_by : 0, prefix_format(view->prefix, prefix));
}

static void say_link_down(const struct fib *fib, const struct fib_view *view, char *text)
{
    char prefix[PREFIX_TEXT_MAX];
    const struct fib_link *link = fib_link(&fib->state, view->number);
    snprintf(text, FIB_TEXT_MAX, "%s; routes lead over it, as %s",
             link && !link->is.is_up ? "it is down" : "it has no carrier",
             prefix_format(view->prefix, prefix));
}

void fib_say(const struct fib *fib, const struct fib_view *view, char *text)
{
    char chosen[100], found[140], covering[PREFIX_TEXT_MAX];
    say_choice(fib, &view->choice, chosen, sizeof chosen);
    found[0] = '\0';
    if (view->has_route)
        say_route(fib, view, found, sizeof found);
    switch (view->verdict) {
    case FIB_MISSING:
        snprintf(text, FIB_TEXT_MAX, "BGP chose %s; the kernel has no route", chosen);
        return;
    case FIB_NEXT_HOP:
    case FIB_DISCARD:
    case FIB_ALIEN:
        snprintf(text, FIB_TEXT_MAX, "BGP chose %s; the kernel has %s", chosen, found);
        return;
    case FIB_MORE_SPECIFIC:
        snprintf(text, FIB_TEXT_MAX, "the kernel has %s; BGP has no such path, but one for %s",
                 found, prefix_format(view->covering, covering));
        return;
    case FIB_STALE:
        snprintf(text, FIB_TEXT_MAX, "BGP withdrew it; the kernel still has %s", found);
        return;
    case FIB_NEXTHOP_GONE:
        say_object_gone(fib, view, text);
        return;
    case FIB_LINK_DOWN:
        say_link_down(fib, view, text);
        return;
    case FIB_MATCH:
    case FIB_UNKNOWN:
    case FIB_RULE:
    case FIB_NEIGHBOUR:
    case FIB_VERDICTS:
        break;
    }
    text[0] = '\0';
}
