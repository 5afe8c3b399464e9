// SPDX-License-Identifier: ISC
#include "rib/fib_compare.h"

#include "rib/fib_inside.h"

#include <linux/rtnetlink.h>

enum { PROTOCOL_FRR_STATIC = 196 };

// Whose routes follow from a routing daemon's own decisions: not only BGP's, but an IGP's or a
// static one of its configuration.
static bool is_daemon(uint8_t protocol)
{
    switch (protocol) {
    case RTPROT_GATED:
    case RTPROT_ZEBRA:
    case RTPROT_BIRD:
    case RTPROT_XORP:
    case RTPROT_BABEL:
    case RTPROT_OPENR:
    case RTPROT_BGP:
    case RTPROT_ISIS:
    case RTPROT_OSPF:
    case RTPROT_RIP:
    case RTPROT_EIGRP:
    case PROTOCOL_FRR_STATIC:
        return true;
    default:
        return false;
    }
}

static bool is_among(const struct fib *fib, const struct kernel_hop *hop,
                     const struct kernel_hop *wanted, uint8_t count)
{
    for (uint8_t i = 0; i < count; i++) {
        if (fib_is_same_hop(fib, hop, &wanted[i]))
            return true;
    }
    return false;
}

static bool meets(const struct fib *fib, const struct fib_hops *found,
                  const struct fib_next_hop *wanted, const struct fib_way *way)
{
    for (uint8_t i = 0; i < found->count; i++) {
        const struct kernel_hop *hop = &found->hops[i];
        if (is_among(fib, hop, wanted->hops, wanted->count) ||
            (way && way->link_local.family != FAMILY_NONE &&
             address_equal(hop->gateway, way->link_local)))
            return true;
    }
    return false;
}

// Whether every hop is one that BGP uses for something: of several paths used together (multipath)
// a router without ADD-PATH sends one only.
static bool are_all_known(struct fib *fib, const struct fib_hops *found)
{
    uint8_t known_count = 0;
    fib_follow_all(fib);
    for (uint8_t i = 0; i < found->count; i++) {
        bool is_known = false;
        for (uint32_t n = 0; n < fib->next_hops.count && !is_known; n++) {
            const struct fib_next_hop *known = keyed_at(&fib->next_hops, n);
            is_known = known->lead == FIB_LEADS &&
                       is_among(fib, &found->hops[i], known->hops, known->count);
        }
        known_count += is_known;
    }
    return known_count == found->count;
}

enum fit { FITS, FITS_NOT, CANNOT_SAY };

static enum fit fit_of(struct fib *fib, const struct fib_view *view, const struct fib_hops *found)
{
    const struct fib_choice *choice = &view->choice;
    enum fit fit = choice->is_open ? CANNOT_SAY : FITS_NOT;
    for (uint8_t i = 0; i < choice->count; i++) {
        const struct fib_next_hop *wanted = fib_follow(fib, choice->ways[i].next_hop);
        // What another router offers cannot be in use here when nothing leads to it.
        if (wanted && wanted->lead == FIB_LEADS_NOWHERE && choice->is == FIB_CHOICE_NONE)
            continue;
        // A next hop that only the prefix itself leads to says nothing about where it should lead.
        if (!wanted || wanted->lead != FIB_LEADS || prefix_equal(wanted->by, view->prefix))
            fit = CANNOT_SAY;
        else if (meets(fib, found, wanted, &choice->ways[i]))
            return found->count == 1 || are_all_known(fib, found) ? FITS : fit;
    }
    return fit;
}

// Whether the one that would forward, were it not for the first, is the one BGP wants.
static bool is_outdone(struct fib *fib, const struct fib_view *view)
{
    struct rib_path path;
    struct fib_route route;
    struct fib_hops hops;
    for (struct rib_paths paths = rib_peer_paths(fib->rib, view->path.peer, view->prefix);
         rib_paths_next(&paths, &path);) {
        if (path.path_id == view->path.path_id)
            continue;
        fib_route_read(fib->rib, &fib->tables[view->prefix.address.family], &path, &route);
        fib_follow_route(fib, &route, &hops);
        if (hops.lead == FIB_LEADS && fit_of(fib, view, &hops) == FITS)
            return true;
    }
    return false;
}

static enum fib_verdict verdict_of_hops(struct fib *fib, const struct fib_view *view,
                                        const struct fib_hops *found)
{
    switch (fit_of(fib, view, found)) {
    case FITS:
        return FIB_MATCH;
    case CANNOT_SAY:
        return FIB_UNKNOWN;
    case FITS_NOT:
        break;
    }
    return !is_daemon(view->route.protocol) || is_outdone(fib, view) ? FIB_ALIEN : FIB_NEXT_HOP;
}

// BGP chose a path.
static enum fib_verdict verdict_of_chosen(struct fib *fib, struct fib_view *view)
{
    struct fib_hops found;
    if (view->choice.is_own)
        return FIB_MATCH;
    if (!view->has_route)
        return FIB_MISSING;
    fib_follow_route(fib, &view->route, &found);
    view->number = found.number;
    switch (found.lead) {
    case FIB_LEADS:
        return verdict_of_hops(fib, view, &found);
    case FIB_LEADS_HOME:
        return is_daemon(view->route.protocol) ? FIB_UNKNOWN : FIB_ALIEN;
    case FIB_DISCARDED:
        return FIB_DISCARD;
    case FIB_OBJECT_GONE:
        return FIB_NEXTHOP_GONE;
    case FIB_OVER_DOWN_LINK:
        return FIB_LINK_DOWN;
    case FIB_LEADS_NOWHERE:
    case FIB_LEAD_UNKNOWN:
        break;
    }
    return FIB_UNKNOWN;
}

static bool has_path(const struct fib *fib, uint32_t peer, struct prefix prefix)
{
    struct rib_path path;
    struct rib_paths paths = rib_peer_paths(fib->rib, peer, prefix);
    return rib_paths_next(&paths, &path);
}

// The longest prefix around this one that the router chose a path for. Default routes do not count:
// everything is more specific than those.
static bool find_covering(const struct fib *fib, struct prefix prefix, struct fib_choice *choice,
                          struct prefix *covering)
{
    for (uint8_t length = prefix.length; length-- > 1;) {
        *covering = prefix_of(prefix.address, length);
        if (!has_path(fib, fib->options.router, *covering) &&
            (fib->loc_rib == RIB_NO_PEER || !has_path(fib, fib->loc_rib, *covering)))
            continue;
        fib_choose(fib, *covering, choice);
        return choice->is == FIB_CHOICE_MADE && !choice->is_own;
    }
    return false;
}

// The kernel has a route for which BGP has no path: does it take a part of a prefix that BGP sends
// elsewhere? An interface's own network does so rightly.
static enum fib_verdict verdict_of_alien(struct fib *fib, struct fib_view *view)
{
    struct fib_choice choice;
    struct fib_hops found;
    if (view->route.protocol == RTPROT_KERNEL ||
        !find_covering(fib, view->prefix, &choice, &view->covering))
        return FIB_UNKNOWN;
    fib_follow_route(fib, &view->route, &found);
    struct fib_view covering = {.prefix = view->covering, .choice = choice};
    bool goes_along = found.lead == FIB_LEADS && fit_of(fib, &covering, &found) != FITS_NOT;
    return goes_along || found.lead == FIB_LEADS_HOME ? FIB_UNKNOWN : FIB_MORE_SPECIFIC;
}

static enum fib_verdict verdict_of_unchosen(struct fib *fib, struct fib_view *view)
{
    if (!view->has_route)
        return FIB_MATCH;
    if (!is_daemon(view->route.protocol))
        return verdict_of_alien(fib, view);
    struct fib_hops found;
    fib_follow_route(fib, &view->route, &found);
    if (found.lead == FIB_OBJECT_GONE)
        return FIB_MATCH;
    view->is_unexplained = found.lead == FIB_LEADS && fit_of(fib, view, &found) == FITS_NOT;
    bool is_certain = fib->loc_rib != RIB_NO_PEER && view->route.protocol == RTPROT_BGP &&
                      rib_peer_is_complete(fib->rib, fib->loc_rib, view->prefix.address.family);
    return view->is_unexplained && is_certain ? FIB_STALE : FIB_UNKNOWN;
}

void fib_compare(struct fib *fib, struct prefix prefix, struct fib_view *view)
{
    const struct fib_table *table = &fib->tables[prefix.address.family];
    view->prefix = prefix;
    view->number = 0;
    view->is_unexplained = false;
    view->has_route =
        table->peer != RIB_NO_PEER && fib_route_first(fib->rib, table, prefix, &view->path);
    if (view->has_route)
        fib_route_read(fib->rib, table, &view->path, &view->route);
    fib_choose(fib, prefix, &view->choice);
    switch (view->choice.is) {
    case FIB_CHOICE_MADE:
        view->verdict = verdict_of_chosen(fib, view);
        return;
    case FIB_CHOICE_NONE:
        view->verdict = verdict_of_unchosen(fib, view);
        return;
    case FIB_CHOICE_UNKNOWN:
        view->verdict = FIB_UNKNOWN;
        return;
    }
}

bool fib_leads_to(struct fib *fib, const struct fib_route *route, struct address next_hop)
{
    struct fib_hops found;
    fib_follow_route(fib, route, &found);
    const struct fib_next_hop *wanted = fib_follow(fib, next_hop);
    return found.lead == FIB_LEADS && wanted && wanted->lead == FIB_LEADS &&
           meets(fib, &found, wanted, NULL);
}

enum fib_verdict fib_follows(struct fib *fib, struct prefix prefix, struct address next_hop)
{
    const struct fib_table *table = &fib->tables[prefix.address.family];
    struct fib_view view = {.prefix = prefix, .choice = {.is = FIB_CHOICE_MADE, .count = 1}};
    struct fib_hops found;
    view.choice.ways[0].next_hop = next_hop;
    if (fib_why_unknown(fib) || table->peer == RIB_NO_PEER ||
        !fib_route_first(fib->rib, table, prefix, &view.path))
        return FIB_UNKNOWN;
    fib_route_read(fib->rib, table, &view.path, &view.route);
    fib_follow_route(fib, &view.route, &found);
    enum fit fit = found.lead == FIB_LEADS ? fit_of(fib, &view, &found) : CANNOT_SAY;
    return fit == FITS ? FIB_MATCH : fit == FITS_NOT ? FIB_NEXT_HOP : FIB_UNKNOWN;
}
