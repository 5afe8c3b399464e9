// SPDX-License-Identifier: ISC
#include "role/route_bmp_note.h"

#include "base/utf8.h"
#include "role/route.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

const char *route_bmp_sender_name(const struct route_bmp_sender *s)
{
    return s->role->net->bmp.senders[s->number].name;
}

uint32_t route_bmp_sender_router(const struct route_bmp_sender *s)
{
    return net_router_by_name(s->role->net, route_bmp_sender_name(s));
}

enum { PEER_NAME_MAX = NET_NAME_MAX + BMP_KNOWN_TEXT_MAX };

static_assert(PEER_NAME_MAX + 10 <= NOTICE_PEER_MAX, "no name is cut: two could become one");

// "edge1/192.0.2.1", into `text` (PEER_NAME_MAX bytes).
static void name_peer(const struct route_bmp_sender *s, uint32_t peer, char *text)
{
    char known[BMP_KNOWN_TEXT_MAX];
    bmp_known_text(bmp_monitor_peer(s->monitor, peer), known);
    snprintf(text, PEER_NAME_MAX, "%s/%s", route_bmp_sender_name(s), known);
}

static const struct route_bmp_owner *owner_of(const struct route_role *r, uint32_t rib_peer)
{
    return rib_peer < RIB_PEERS_MAX && r->bmp.owners[rib_peer].used ? &r->bmp.owners[rib_peer]
                                                                    : NULL;
}

bool route_bmp_peer_name(const struct route_role *r, uint32_t rib_peer, char *text)
{
    const struct route_bmp_owner *owner = owner_of(r, rib_peer);
    if (!owner)
        return false;
    char name[PEER_NAME_MAX];
    name_peer(&r->bmp.senders[owner->sender], owner->peer, name);
    bool loc = owner->table == BMP_LOC;  // its peer is the table
    snprintf(text, NOTICE_PEER_MAX, "%s%s%s", name, loc ? "" : " ",
             loc ? "" : bmp_table_name((enum bmp_table)owner->table));
    return true;
}

uint32_t route_bmp_peer_router(const struct route_role *r, uint32_t rib_peer)
{
    const struct route_bmp_owner *owner = owner_of(r, rib_peer);
    return owner ? route_bmp_sender_router(&r->bmp.senders[owner->sender]) : NET_NOBODY;
}

void route_bmp_note_router(struct route_bmp_sender *s, bool down)
{
    struct notice notice = {
        .kind = NOTICE_BMP_ROUTER_DOWN, .raised = down, .router = route_bmp_sender_router(s)};
    snprintf(notice.peer, sizeof notice.peer, "%s", route_bmp_sender_name(s));
    if (down) {
        utf8_trim(s->reason);
        snprintf(notice.text, sizeof notice.text, "%s", s->reason);
        route_log("bmp_router_down", "router=%s messages=%llu reason=\"%s\"",
                  route_bmp_sender_name(s), (unsigned long long)s->messages, s->reason);
    } else {
        s->reason[0] = '\0';
        route_log("bmp_router_up", "router=%s", route_bmp_sender_name(s));
    }
    if (down != s->down_told)
        route_notice(s->role, &notice);
    s->down_told = down;
}

void route_bmp_note_peer(struct route_bmp_sender *s, uint32_t number)
{
    struct route_bmp_peer *peer = &s->peers[number];
    bool down = peer->down[0] != '\0';
    struct notice notice = {
        .kind = NOTICE_BMP_PEER_DOWN, .raised = down, .router = route_bmp_sender_router(s)};
    name_peer(s, number, notice.peer);
    snprintf(notice.text, sizeof notice.text, "%s", peer->down);
    if (down && route_log_may(s->role))
        route_log("bmp_peer_down", "peer=\"%s\" reason=\"%s\"", notice.peer, peer->down);
    else if (!down && s->fd >= 0 && route_log_may(s->role))
        route_log("bmp_peer_up", "peer=\"%s\" as=%u table_name=\"%s\" admin_label=\"%s\"",
                  notice.peer, bmp_monitor_peer(s->monitor, number)->asn, peer->table_name,
                  peer->admin_label);
    if (down != peer->down_told)
        route_notice(s->role, &notice);
    peer->down_told = down;
}

void route_bmp_note_untold(struct route_bmp_sender *s, uint32_t peer)
{
    char name[PEER_NAME_MAX];
    if (!route_log_may(s->role))
        return;
    name_peer(s, peer, name);
    route_log("bmp_peer_untold",
              "peer=\"%s\" does=\"takes its routes as without ADD-PATH\" spec=\"RFC 7854 §4.10\"",
              name);
}

void route_bmp_note_paths(struct route_bmp_sender *s, uint32_t rib_peer)
{
    char name[NOTICE_PEER_MAX];
    if (route_bmp_peer_name(s->role, rib_peer, name) && route_log_may(s->role))
        route_log("bmp_paths_missing",
                  "peer=\"%s\" does=\"reads its routes without the path identifiers that were "
                  "negotiated: of several paths the last counts\" spec=\"RFC 7854 §4.6\"",
                  name);
}

struct malformed {
    const char *remedy, *reason, *spec;
    size_t at;
    uint64_t count;
};

static void tell_malformed(struct route_bmp_sender *s, uint32_t peer, const char *event,
                           const struct malformed *malformed)
{
    struct notice notice = {
        .kind = NOTICE_MALFORMED_MESSAGES, .raised = true, .router = route_bmp_sender_router(s)};
    if (peer == BMP_NOBODY)
        snprintf(notice.peer, sizeof notice.peer, "%s", route_bmp_sender_name(s));
    else
        name_peer(s, peer, notice.peer);
    snprintf(notice.text, sizeof notice.text, "%s: %s (%s)", malformed->remedy, malformed->reason,
             malformed->spec);
    notice.count = malformed->count > UINT32_MAX ? UINT32_MAX : (uint32_t)malformed->count;
    if (route_log_may(s->role))
        route_log(event, "peer=\"%s\" remedy=%s reason=\"%s\" spec=\"%s\" at=%zu count=%llu",
                  notice.peer, malformed->remedy, malformed->reason, malformed->spec, malformed->at,
                  (unsigned long long)malformed->count);
    route_notice(s->role, &notice);
}

void route_bmp_note_bad(struct route_bmp_sender *s, const struct bmp_verdict *verdict,
                        const struct bmp_reading *reading)
{
    s->malformed++;
    if (reading->peer != BMP_NOBODY)
        s->peers[reading->peer].malformed++;
    struct malformed malformed = {bmp_remedy_name(verdict->remedy), verdict->reason, verdict->spec,
                                  verdict->at, s->malformed};
    tell_malformed(s, reading->peer, "bmp_malformed", &malformed);
}

void route_bmp_note_update(struct route_bmp_sender *s, uint32_t peer, const char *event,
                           const struct bgp_verdict *verdict)
{
    s->malformed++;
    s->peers[peer].malformed++;
    struct malformed malformed = {bgp_remedy_name(verdict->remedy), verdict->reason, verdict->spec,
                                  verdict->at, s->malformed};
    tell_malformed(s, peer, event, &malformed);
}

// The first is told: more of the same say nothing new.
void route_bmp_note_unknown(struct route_bmp_sender *s, const struct bmp_verdict *verdict,
                            const struct bmp_reading *reading)
{
    (void)reading;
    if (s->unknown++ == 0 && route_log_may(s->role))
        route_log("bmp_ignored", "router=%s reason=\"%s\" spec=\"%s\"", route_bmp_sender_name(s),
                  verdict->reason, verdict->spec);
}

bool route_bmp_gauge_of(uint16_t type, enum route_bmp_gauge *gauge)
{
    static const uint16_t types[ROUTE_BMP_GAUGES] = {
        [ROUTE_BMP_IN_ROUTES] = 9,
        [ROUTE_BMP_LOC_ROUTES] = 10,
        [ROUTE_BMP_OUT_PRE_ROUTES] = 16,
        [ROUTE_BMP_OUT_POST_ROUTES] = 17,
    };
    for (*gauge = 0; *gauge < ROUTE_BMP_GAUGES; ++*gauge)
        if (types[*gauge] == type)
            return true;
    return false;
}

static void keep_statistic(struct route_bmp_peer *peer, const struct bmp_statistic *statistic)
{
    if (!statistic->readable || statistic->type >= BMP_STATISTICS)
        return;
    peer->statistics_told |= UINT32_C(1) << statistic->type;
    peer->statistics[statistic->type] = statistic->value;
    enum family family = bgp_family(statistic->afi, statistic->safi);
    enum route_bmp_gauge gauge;
    if (family != FAMILY_NONE && route_bmp_gauge_of(statistic->type, &gauge))
        peer->gauges[gauge][family] = statistic->value;
}

void route_bmp_note_statistics(struct route_bmp_sender *s, const struct bmp_reading *reading)
{
    struct cursor counters = reading->message.body;
    for (struct bmp_statistic statistic; bmp_statistic_next(&counters, &statistic);)
        keep_statistic(&s->peers[reading->peer], &statistic);
}
