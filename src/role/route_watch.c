// SPDX-License-Identifier: ISC
#include "role/route_watch.h"

#include "role/route.h"

#include <stdio.h>
#include <stdlib.h>

const char *route_peer_name(const struct route_role *r, uint32_t peer, char *text)
{
    if (peer < r->net->router_count)
        snprintf(text, ROUTE_PEER_NAME_MAX, "%s", r->net->routers[peer].name);
    else if (!route_bmp_peer_name(r, peer, text))
        snprintf(text, ROUTE_PEER_NAME_MAX, "peer %u", peer);
    return text;
}

uint32_t route_peer_router(const struct route_role *r, uint32_t peer)
{
    return peer < r->net->router_count ? peer : route_bmp_peer_router(r, peer);
}

static void tell_of_peer(struct route_role *r, uint32_t peer, struct notice notice)
{
    notice.router = NET_NOBODY;
    if (peer != RIB_NO_PEER) {
        notice.router = route_peer_router(r, peer);
        route_peer_name(r, peer, notice.peer);
    }
    route_notice(r, &notice);
}

static void tell_visible(void *context, uint32_t peer, const struct notice *notice)
{
    tell_of_peer(context, peer, *notice);
}

static const char *name_peer(void *context, uint32_t peer, char *text)
{
    return route_peer_name(context, peer, text);
}

bool route_watch_open(struct route_role *r)
{
    r->watch.visibility =
        visibility_new(r->net, r->rib, (struct visibility_tell){tell_visible, r, name_peer});
    r->watch.churn = calloc(RIB_PEERS_MAX, sizeof *r->watch.churn);
    return r->watch.visibility && r->watch.churn;
}

void route_watch_close(struct route_role *r)
{
    visibility_free(r->watch.visibility);
    free(r->watch.churn);
}

void route_watch_change(struct route_role *r, uint32_t peer, struct prefix prefix)
{
    visibility_change(r->watch.visibility, r->now, peer, prefix);
}

void route_watch_count(struct route_role *r, uint32_t peer, enum churn_what what, uint32_t count)
{
    churn_add(&r->watch.churn[peer], r->now, what, count);
}

void route_watch_complete(struct route_role *r, uint32_t peer, enum family family)
{
    visibility_complete(r->watch.visibility, r->now, peer, family);
    churn_complete(&r->watch.churn[peer], r->now);
}

void route_watch_down(struct route_role *r, uint32_t peer)
{
    visibility_forget(r->watch.visibility, r->now, peer);
    churn_lost(&r->watch.churn[peer], r->now);
}

static void tell_churn(struct route_role *r, uint32_t peer)
{
    struct churn *churn = &r->watch.churn[peer];
    struct notice notice = {.kind = NOTICE_CHURN, .raised = churn->unusual};
    uint32_t announced = churn_count(churn, r->now, CHURN_10S, CHURN_ANNOUNCED);
    uint32_t withdrawn = churn_count(churn, r->now, CHURN_10S, CHURN_WITHDRAWN);
    uint32_t routes =
        rib_route_count(r->rib, peer, FAMILY_IPV4) + rib_route_count(r->rib, peer, FAMILY_IPV6);
    notice.count = announced + withdrawn;
    notice.total = churn_threshold(churn, routes);
    snprintf(notice.text, sizeof notice.text,
             "%u announced and %u withdrawn in 10 s, unusual is %u; %u routes", announced,
             withdrawn, notice.total, routes);
    tell_of_peer(r, peer, notice);
}

static void tell_flapping(struct route_role *r, uint32_t peer)
{
    struct churn *churn = &r->watch.churn[peer];
    struct notice notice = {.kind = NOTICE_SESSION_FLAPPING, .raised = churn->flapping};
    notice.count = churn_count(churn, r->now, CHURN_10MIN, CHURN_LOST);
    snprintf(notice.text, sizeof notice.text, "lost %u times in 10 min, %u times in an hour",
             notice.count, churn_count(churn, r->now, CHURN_1H, CHURN_LOST));
    tell_of_peer(r, peer, notice);
}

static void look_at_churn(struct route_role *r, uint32_t peer)
{
    uint32_t routes =
        rib_route_count(r->rib, peer, FAMILY_IPV4) + rib_route_count(r->rib, peer, FAMILY_IPV6);
    struct churn_news news = churn_look(&r->watch.churn[peer], r->now, routes);
    if (news.unusual_changed)
        tell_churn(r, peer);
    if (news.flapping_changed)
        tell_flapping(r, peer);
}

static void look_at_room(struct route_role *r, uint32_t peer)
{
    struct notice notice = {.kind = NOTICE_TABLE_FULL};
    notice.raised = rib_peer_is_full(r->rib, peer);
    if (notice.raised == r->watch.is_full[peer])
        return;
    r->watch.is_full[peer] = notice.raised;
    notice.count = (uint32_t)(rib_bytes(r->rib) >> 20);
    notice.total = r->net->table_mib_max;
    snprintf(notice.text, sizeof notice.text,
             notice.raised ? "%u of %u MiB are used: routes of this peer are missing%s"
                           : "its table is forgotten; %u of %u MiB are used%s",
             notice.count, notice.total,
             notice.raised && route_peer_router(r, peer) == peer ? ", nothing is steered" : "");
    tell_of_peer(r, peer, notice);
}

void route_watch_doubt(struct route_role *r, uint32_t peer)
{
    struct notice notice = {.kind = NOTICE_TABLE_DOUBTFUL};
    notice.raised = rib_peer_is_doubted(r->rib, peer);
    if (notice.raised == r->watch.is_doubted[peer])
        return;
    r->watch.is_doubted[peer] = notice.raised;
    snprintf(notice.text, sizeof notice.text, "%s",
             notice.raised ? "an UPDATE could not be used: the table is known in part"
                           : "its table is forgotten, or sent anew");
    tell_of_peer(r, peer, notice);
}

void route_watch_gone(struct route_role *r, uint32_t peer)
{
    look_at_room(r, peer);
    route_watch_doubt(r, peer);
    struct churn *churn = &r->watch.churn[peer];
    visibility_close(r->watch.visibility, r->now, peer);
    bool unusual = churn->unusual, flapping = churn->flapping;
    *churn = (struct churn){0};
    if (unusual)
        tell_churn(r, peer);
    if (flapping)
        tell_flapping(r, peer);
}

static void look_at(struct route_role *r, uint32_t peer)
{
    look_at_churn(r, peer);
    look_at_room(r, peer);
    route_watch_doubt(r, peer);
}

void route_watch_tick(struct route_role *r)
{
    enum { LOOK_MS = 1000 };
    visibility_tick(r->watch.visibility, r->now);
    if (!mono_reached(r->now, r->watch.look_at))
        return;
    r->watch.look_at = mono_add_ms(r->now, LOOK_MS);
    for (uint32_t peer = 0; peer < RIB_PEERS_MAX; peer++) {
        if (rib_peer_kind(r->rib, peer) != RIB_PEER_NONE)
            look_at(r, peer);
    }
}
