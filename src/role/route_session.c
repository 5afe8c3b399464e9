// SPDX-License-Identifier: ISC
// What the sessions tell, turned into what the gate and the engine know.
#include "role/route.h"

#include "base/utf8.h"
#include "bgp/collision.h"

#include <stdio.h>
#include <string.h>

enum { CEASE_COLLISION = 7 };  // RFC 4486 §3

enum {
    TABLE_IDLE_MS = 3000,          // without End-of-RIB a table is complete after such a pause,
    TABLE_MAX_MS = 60 * 1000,      // and after so long in any case
    START_MAX_MS = 30 * 1000,      // a router not up by then is not waited for
    REASON_REPEAT_MS = 60 * 1000,  // a session that keeps failing alike is told so often
};

static const char *router_name(const struct route_link *link)
{
    return link->role->net->routers[link->router].name;
}

static struct route_router *router_of(struct route_link *link)
{
    return &link->role->routers[link->router];
}

static struct route_link *sibling(struct route_link *link)
{
    return &router_of(link)->links[ROUTE_LINKS - 1 - link->side];
}

static bool has_id(const struct route_router *router, uint32_t id)
{
    for (int side = 0; side < ROUTE_LINKS; side++) {
        const struct bgp_session *session = &router->links[side].session;
        if (session->state >= BGP_OPENCONFIRM && session->peer.id == id)
            return true;
    }
    return false;
}

// RFC 4271 §6.8, and RFC 6286 §2.1: within an AS no two speakers have the same identifier.
static struct bgp_verdict judge_open(void *context, const struct bgp_open *open)
{
    struct route_link *link = context;
    struct route_role *r = link->role;
    for (uint32_t i = 0; i < r->net->router_count; i++) {
        if (i != link->router && has_id(&r->routers[i], open->id))
            return bgp_reset(BGP_OPEN_ERROR, 3, 24, "RFC 6286 §2.1",
                             "router %s has this identifier already", r->net->routers[i].name);
    }
    if (bgp_collide(link->side == ROUTE_DIALLED, sibling(link)->session.state,
                    link->session.config.id, open->id) == BGP_COLLISION_THIS_GOES)
        return bgp_reset(BGP_CEASE, CEASE_COLLISION, 0, "RFC 4271 §6.8",
                         "the other connection stays");
    return (struct bgp_verdict){.remedy = BGP_ACCEPT};
}

void route_session_init(struct route_link *link, struct mono now)
{
    const struct net *net = link->role->net;
    const struct net_router *router = &net->routers[link->router];
    struct bgp_session_config config = {
        .asn = net->asn,
        .id = be32_at(net->router_id.bytes),
        .peer_as = net->asn,
        .hold_s = router->hold_time_s,
        .add_path = {[FAMILY_IPV4] = BGP_ADD_PATH_RECEIVE, [FAMILY_IPV6] = BGP_ADD_PATH_RECEIVE},
        .extended_message = true,
        .enhanced_refresh = true,
        .next_hop_ipv6 = true,
        .dials = link->side == ROUTE_DIALLED,
        .judge = judge_open,
        .judge_context = link,
    };
    memcpy(config.families, router->families, sizeof config.families);
    bgp_session_init(&link->session, &config, now, (uint64_t)now.ns + link->router);
}

static void tell_session(struct route_link *link, enum event_session_state state,
                         enum family family, const char *reason)
{
    struct event event = {
        .kind = EVENT_SESSION,
        .at = link->role->now,
        .session = {.router = link->router, .state = state, .family = family},
    };
    snprintf(event.session.reason, sizeof event.session.reason, "%s", reason);
    utf8_trim(event.session.reason);
    route_tell(link->role, &event);
}

// The quiet time begins once, when every router's table is complete; or, as one that is down must
// not keep the others waiting, when those are that are up after a while.
static void look_at_tables(struct route_role *r)
{
    uint32_t complete = 0, arriving = 0;
    for (uint32_t i = 0; i < r->net->router_count; i++) {
        complete += r->gate.sessions[i].up && r->gate.sessions[i].complete;
        arriving += r->gate.sessions[i].up && !r->gate.sessions[i].complete;
    }
    int64_t waited_ns = mono_since_ns(r->now, r->started_at);
    bool waited = waited_ns >= (int64_t)START_MAX_MS * NS_PER_MS;
    bool ready = complete == r->net->router_count || (waited && complete > 0 && arriving == 0);
    if (!ready || r->gate.complete_at.ns != INT64_MAX)
        return;
    r->gate.complete_at = r->now;
    route_log("tables_complete", "routers=%u of=%u quiet_s=%lld", complete, r->net->router_count,
              (long long)(r->net->steer.quiet_start_ns / NS_PER_S));
}

static void set_complete(struct route_link *link, enum family family, const char *how)
{
    struct route_router *router = router_of(link);
    struct gate_session *gate = &link->role->gate.sessions[link->router];
    if (router->complete[family] || !link->role->net->routers[link->router].families[family])
        return;
    router->complete[family] = true;
    rib_peer_complete(link->role->rib, link->router, family);
    route_fib_tables_changed(link->role);
    if (link->session.context.families[family])  // or there is no table to know
        route_watch_complete(link->role, link->router, family);
    gate->complete = true;
    for (enum family f = FAMILY_IPV4; f < FAMILIES; f++)
        gate->complete &= router->complete[f] || !link->session.context.families[f];
    route_log("table_complete", "router=%s family=%s routes=%u how=\"%s\"", router_name(link),
              family_name(family), rib_route_count(link->role->rib, link->router, family), how);
    look_at_tables(link->role);  // before the engine hears of it: it counts the quiet time too
    tell_session(link, SESSION_COMPLETE, family, how);
}

static const char *families_word(const bool families[FAMILIES])
{
    static const char *const words[2][2] = {{"none", "IPv6"}, {"IPv4", "IPv4 and IPv6"}};
    return words[families[FAMILY_IPV4]][families[FAMILY_IPV6]];
}

static void go_up(struct route_link *link)
{
    struct route_role *r = link->role;
    struct route_router *router = router_of(link);
    const struct bgp_context *context = &link->session.context;
    router->live = link;
    router->up_at = r->now;
    router->reason[0] = '\0';
    route_limit_forget(r, link->router);
    memset(router->complete, 0, sizeof router->complete);
    struct gate_session *gate = &r->gate.sessions[link->router];
    *gate = (struct gate_session){.up = true};
    memcpy(gate->families, context->families, sizeof gate->families);
    memcpy(gate->add_path, context->add_path, sizeof gate->add_path);

    char what[96];
    snprintf(what, sizeof what, "hold time %u s, families %s, ADD-PATH for %s",
             link->session.hold_s, families_word(context->families),
             families_word(context->add_path));
    route_log("session_up", "router=%s dialled=%s as=%u hold_s=%u families=\"%s\" add_path=\"%s\"",
              router_name(link), link->side == ROUTE_DIALLED ? "us" : "router",
              link->session.peer.asn, link->session.hold_s, families_word(context->families),
              families_word(context->add_path));
    tell_session(link, SESSION_UP, FAMILY_NONE, what);
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        router->heard_at[family] = r->now;
        if (!context->families[family])
            set_complete(link, family, "the router does not offer this family");
    }
}

// A session that keeps failing in the same way is told now and then, not each time.
static bool is_news(struct route_router *router, struct mono now, const char *reason)
{
    bool same = strcmp(router->reason, reason) == 0;
    if (same && mono_since_ns(now, router->reason_at) < (int64_t)REASON_REPEAT_MS * NS_PER_MS)
        return false;
    snprintf(router->reason, sizeof router->reason, "%s", reason);
    router->reason_at = now;
    return true;
}

static void go_down(struct route_link *link, const struct bgp_session_event *event)
{
    struct route_router *router = router_of(link);
    struct route_role *r = link->role;
    bool was_live = router->live == link;
    if (!was_live && sibling(link)->session.state > BGP_CONNECT)
        return;  // only the loser of two connections
    if (!was_live && (r->stopping || !is_news(router, r->now, event->reason)))
        return;
    route_log(was_live ? "session_down" : "session_failed", "router=%s reason=\"%s\"",
              router_name(link), event->reason);
    if (was_live) {
        is_news(router, r->now, event->reason);
        router->live = NULL;
        r->gate.sessions[link->router] = (struct gate_session){0};
    }
    tell_session(link, SESSION_DOWN, FAMILY_NONE, event->reason);
    if (was_live) {
        route_table_forget(r, link->router);
        route_steer_session_down(r, link->router, event->reason);
    }
}

// Whatever a router says amiss: a line, a number, and people are told unless it is only not for us.
static void note_verdict(struct route_link *link, const struct bgp_message *message,
                         const struct bgp_verdict *verdict)
{
    struct route_role *r = link->role;
    struct route_router *router = router_of(link);
    router->verdicts[verdict->remedy]++;
    if (verdict->remedy == BGP_ACCEPT)
        return;
    if (route_log_may(r))
        route_log("message_malformed",
                  "router=%s verdict=%s message=%s at=%zu spec=\"%s\" reason=\"%s\"",
                  router_name(link), bgp_remedy_name(verdict->remedy),
                  bgp_type_name(message->header.type), verdict->at, verdict->spec, verdict->reason);
    if (verdict->remedy == BGP_IGNORE)
        return;
    struct notice notice = {
        .kind = NOTICE_MALFORMED_MESSAGES,
        .raised = true,
        .router = link->router,
        .count = (uint32_t)router->verdicts[verdict->remedy],
    };
    snprintf(notice.peer, sizeof notice.peer, "%s", router_name(link));
    snprintf(notice.text, sizeof notice.text, "%s: %s (%s, octet %zu of %s)",
             bgp_remedy_name(verdict->remedy), verdict->reason, verdict->spec, verdict->at,
             bgp_type_name(message->header.type));
    route_notice(r, &notice);
}

static void hear_update(struct route_link *link, const struct bgp_session_event *event)
{
    struct route_role *r = link->role;
    const struct bgp_update *update = &event->message->update;
    bool withdraw_all =
        event->verdict->remedy == BGP_TREAT_AS_WITHDRAW || event->verdict->remedy == BGP_IGNORE;
    note_verdict(link, event->message, event->verdict);
    route_table_update(r, link->router, update, withdraw_all);
    if (update->end_of_rib != FAMILY_NONE)
        set_complete(link, update->end_of_rib, "End-of-RIB");
}

static void hear_refresh(struct route_link *link, const struct bgp_session_event *event)
{
    const struct bgp_refresh *refresh = &event->message->refresh;
    note_verdict(link, event->message, event->verdict);
    if (event->verdict->remedy != BGP_ACCEPT)
        return;
    switch (refresh->kind) {
    case BGP_REFRESH_REQUEST:
        route_steer_refresh(link->role, link->router, refresh->family);
        break;
    case BGP_REFRESH_BEGIN:
        route_refresh_begin(link->role, link->router, refresh->family);
        break;
    case BGP_REFRESH_END:
        route_refresh_end(link->role, link->router, refresh->family);
        break;
    }
}

void route_session_event(struct route_link *link, const struct bgp_session_event *event)
{
    bool is_live = router_of(link)->live == link;
    switch (event->kind) {
    case BGP_EVENT_DIAL:
        break;
    case BGP_EVENT_OPENED:
        if (sibling(link)->session.state == BGP_OPENCONFIRM)
            route_link_cut(sibling(link), CEASE_COLLISION, "the other connection stays");
        break;
    case BGP_EVENT_UP:
        if (link->cut_subcode == 0)
            go_up(link);
        break;
    case BGP_EVENT_UPDATE:
        if (is_live)
            hear_update(link, event);
        break;
    case BGP_EVENT_REFRESH:
        if (is_live)
            hear_refresh(link, event);
        break;
    case BGP_EVENT_DOWN:
        if (event->verdict)
            note_verdict(link, event->message, event->verdict);
        go_down(link, event);
        break;
    }
}

// Not every router sends End-of-RIB to a speaker without graceful restart. One that has paused has
// sent what it had; on the Internet's table, which never pauses, a time has to do.
static void complete_by_time(struct route_link *link)
{
    struct route_router *router = router_of(link);
    struct mono now = link->role->now;
    bool late = mono_since_ns(now, router->up_at) >= (int64_t)TABLE_MAX_MS * NS_PER_MS;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        int64_t idle_ns = mono_since_ns(now, router->heard_at[family]);
        if (idle_ns >= (int64_t)TABLE_IDLE_MS * NS_PER_MS)
            set_complete(link, family, "no End-of-RIB, but nothing new for 3 s");
        else if (late)
            set_complete(link, family, "no End-of-RIB, but long enough");
    }
}

void route_session_tick(struct route_role *r)
{
    for (uint32_t i = 0; i < r->net->router_count; i++) {
        if (r->routers[i].live)
            complete_by_time(r->routers[i].live);
    }
    look_at_tables(r);
}
