// SPDX-License-Identifier: ISC
// The engine's orders, through the gate, into the routers; and back when an order's ground is gone.
// What stands is in the ledger; whatever leaves it is told.
#include "role/route.h"

#include "base/utf8.h"
#include "steer/moves.h"

#include <stdio.h>
#include <unistd.h>

enum { LINES_PER_TICK_MAX = 32 };

static const char *router_name(const struct route_role *r, uint32_t router)
{
    return r->net->routers[router].name;
}

static void log_one(struct route_role *r, const struct event_override *o)
{
    static const char *const names[OVERRIDE_STATES] = {"override_announced", "override_withdrawn",
                                                       "override_refused"};
    struct route_steer_log *log = &r->steer_log;
    char text[PREFIX_TEXT_MAX];
    if (log->lines >= LINES_PER_TICK_MAX) {
        log->more[o->state]++;
        return;
    }
    log->lines++;
    route_log(names[o->state], "router=%s prefix=%s upstream=%s reason=\"%s\"",
              router_name(r, o->router), prefix_format(o->prefix, text),
              o->upstream == NET_NOBODY ? "own" : r->net->upstreams[o->upstream].name, o->reason);
}

static void log_more(struct route_role *r)
{
    const uint32_t *more = r->steer_log.more;
    if (more[OVERRIDE_ANNOUNCED] + more[OVERRIDE_WITHDRAWN] + more[OVERRIDE_REFUSED] > 0)
        route_log("overrides_more", "announced=%u withdrawn=%u refused=%u",
                  more[OVERRIDE_ANNOUNCED], more[OVERRIDE_WITHDRAWN], more[OVERRIDE_REFUSED]);
    r->steer_log = (struct route_steer_log){0};
}

static void tell(struct route_role *r, const struct gate_request *what,
                 enum event_override_state state, const char *reason)
{
    struct event event = {
        .kind = EVENT_OVERRIDE,
        .at = r->now,
        .override = {what->router, what->upstream, what->prefix, state, ""},
    };
    if (reason[0] != '\0') {
        snprintf(event.override.reason, sizeof event.override.reason, "%s", reason);
        utf8_trim(event.override.reason);
    }
    log_one(r, &event.override);
    route_tell(r, &event);
}

static struct gate_request request_of(const struct permit *permit)
{
    struct gate_request request = {
        .router = permit->router,
        .upstream = permit->upstream,
        .prefix = permit->prefix,
        .kind = permit->kind,
    };
    return request;
}

static void let_go(struct route_role *r, const struct standing *standing, const char *reason)
{
    struct gate_request what = request_of(&standing->permit);
    route_say_gone(r, standing);
    ledger_strike(r->ledger, standing);
    tell(r, &what, OVERRIDE_WITHDRAWN, reason);
}

static bool lease_holds(const struct route_role *r)
{
    return !mono_reached(r->now, r->lease_until);
}

// A limit that was reached refuses, and a person must know: here is where it would have gone wrong.
static void refuse(struct route_role *r, const struct gate_request *request,
                   enum gate_answer answer, const char *why)
{
    tell(r, request, OVERRIDE_REFUSED, why);
    if (!gate_is_limit(answer))
        return;
    struct notice notice = {
        .kind = NOTICE_LIMIT_REACHED,
        .raised = true,
        .router = request->router,
        .prefix = request->prefix,
    };
    snprintf(notice.peer, sizeof notice.peer, "%s", router_name(r, request->router));
    snprintf(notice.text, sizeof notice.text, "%s", why);
    route_notice(r, &notice);
}

static const char killed[] = "S20: the kill file stands";

// Our own prefixes, as usual, are never in the way of who pulls the switch.
static bool is_usual(const struct gate_request *request)
{
    return request->kind == PERMIT_OWN && !request->stances[NET_STANCE_PREPEND] &&
           !request->stances[NET_STANCE_GRACEFUL] && !request->stances[NET_STANCE_WITHHELD];
}

static void announce(struct route_role *r, const struct gate_request *request)
{
    struct permit permit;
    char why[GATE_WHY_MAX];
    rib_expect(r->rib, request->prefix);
    ledger_expect(r->ledger, request->router, request->prefix);
    if (!lease_holds(r) || (r->killed && !is_usual(request))) {
        tell(r, request, OVERRIDE_REFUSED, r->killed ? killed : "no lease from the engine");
        return;
    }
    enum gate_answer answer = gate_announce(&r->gate, request, r->now, &permit, why);
    if (answer != GATE_PERMITTED) {
        refuse(r, request, answer, why);
        return;
    }
    bool is_new = ledger_act(r->ledger, &permit, r->now);
    tell(r, request, OVERRIDE_ANNOUNCED, is_new ? "" : "stood already");
}

// Only what was announced is withdrawn (S7), and only as it was ordered: an order to let go of the
// old upstream, overtaken by one to move on, must not take the new one away.
static void withdraw(struct route_role *r, const struct gate_request *request)
{
    const struct standing *standing = ledger_find(r->ledger, request->router, request->prefix);
    if (standing && standing->permit.upstream == request->upstream)
        let_go(r, standing, "");
    else
        tell(r, request, OVERRIDE_WITHDRAWN, standing ? "replaced before" : "did not stand");
}

void route_steer_withdraw_all(struct route_role *r, const char *reason)
{
    while (r->ledger->count > 0)
        let_go(r, &r->ledger->standings[r->ledger->count - 1], reason);
    log_more(r);
}

// Our own prefixes are not the engine's doing: that it doubts its measurements, or dropped its
// plans, is no reason to take a service from the world.
static void release(struct route_role *r, const char *reason)
{
    for (uint32_t i = r->ledger->count; i-- > 0;)
        if (r->ledger->standings[i].permit.kind != PERMIT_OWN)
            let_go(r, &r->ledger->standings[i], reason);
    log_more(r);
}

void route_steer_watch_kill(struct route_role *r)
{
    bool stands = r->net->kill_path[0] && access(r->net->kill_path, F_OK) == 0;
    if (stands == r->killed)
        return;
    r->killed = stands;
    route_log("kill_file", "stands=%s overrides=%u does=\"%s\"", stands ? "true" : "false",
              r->ledger->count, stands ? "withdraws all, takes none" : "takes orders again");
    if (stands)
        release(r, killed);
}

static void take_stance(struct route_role *r, const struct effect_stance *stance)
{
    struct gate_request request = {
        .router = stance->router,
        .upstream = NET_NOBODY,
        .prefix = r->net->announce[stance->own].prefix,
        .kind = PERMIT_OWN,
        .stances = {[NET_STANCE_PREPEND] = stance->prepend,
                    [NET_STANCE_GRACEFUL] = stance->graceful,
                    [NET_STANCE_WITHHELD] = stance->withheld},
    };
    if (stance->announced)
        announce(r, &request);
    else
        withdraw(r, &request);
}

static void take_override(struct route_role *r, const struct effect *effect)
{
    bool is_exit = net_exit_of(r->net, effect->override.prefix) != NET_NOBODY;
    struct gate_request request = {
        .router = effect->override.router,
        .upstream = effect->override.upstream,
        .prefix = effect->override.prefix,
        .kind = is_exit ? PERMIT_EXIT : PERMIT_OVERRIDE,
    };
    if (effect->kind == EFFECT_WITHDRAW)
        withdraw(r, &request);
    else if (mono_since_ns(r->now, effect->at) >= MOVES_ANSWER_MS * (int64_t)NS_PER_MS)
        // We were stopped, or the order waited: the engine has given it up, and does not see now
        // what it saw then (S13).
        tell(r, &request, OVERRIDE_REFUSED, "the order is too old");
    else
        announce(r, &request);
}

void route_steer_effect(struct route_role *r, const struct effect *effect)
{
    if (effect->kind == EFFECT_ANNOUNCE || effect->kind == EFFECT_WITHDRAW)
        take_override(r, effect);
    else if (effect->kind == EFFECT_STANCE)
        take_stance(r, &effect->stance);
    else if (effect->kind == EFFECT_RELEASE)
        release(r, "released");
    else if (effect->kind == EFFECT_LEASE)
        r->lease_until = mono_add_ns(r->now, r->net->steer.lease_ns);
}

static void recheck(struct route_role *r, const struct standing *standing)
{
    struct permit permit;
    char why[GATE_WHY_MAX];
    if (gate_stand(&r->gate, &standing->permit, &permit, why) != GATE_PERMITTED)
        let_go(r, standing, why);
    else
        ledger_put(r->ledger, &permit);
}

// Nobody tells when an upstream loses its routes one by one, and an exit copies none of them.
static void watch_exits(struct route_role *r)
{
    enum { EXITS_EVERY_MS = 1000 };
    if (mono_since_ns(r->now, r->exits_watched_at) < (int64_t)EXITS_EVERY_MS * NS_PER_MS)
        return;
    r->exits_watched_at = r->now;
    for (uint32_t i = r->ledger->count; i-- > 0;)
        if (r->ledger->standings[i].permit.kind == PERMIT_EXIT)
            recheck(r, &r->ledger->standings[i]);
}

void route_steer_tick(struct route_role *r)
{
    log_more(r);
    if (r->ledger->count > 0 && !lease_holds(r)) {
        route_log("lease_expired", "routes=%u does=\"withdraws all\"", r->ledger->count);
        route_steer_withdraw_all(r, "the engine's lease ran out");
    }
    watch_exits(r);
}

// From the end: whoever is struck out, the last takes its place, and that was looked at already.
static void recheck_all(struct route_role *r)
{
    for (uint32_t i = r->ledger->count; i-- > 0;)
        recheck(r, &r->ledger->standings[i]);
}

void route_steer_recheck(struct route_role *r, struct prefix prefix)
{
    for (uint32_t router = 0; router < r->net->router_count; router++) {
        const struct standing *standing = ledger_find(r->ledger, router, prefix);
        if (standing)
            recheck(r, standing);
    }
}

// RFC 2918: the router wants to hear everything again.
void route_steer_refresh(struct route_role *r, uint32_t router, enum family family)
{
    route_say_again(r, router, family);
}

void route_steer_session_down(struct route_role *r, uint32_t router, const char *reason)
{
    for (uint32_t i = r->ledger->count; i-- > 0;) {
        if (r->ledger->standings[i].permit.router == router)
            let_go(r, &r->ledger->standings[i], reason);
    }
    route_say_forget(r, router);
    recheck_all(r);
}
