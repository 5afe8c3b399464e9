// SPDX-License-Identifier: ISC
// The engine's orders, through the gate, into the routers; and back when an order's ground is gone.
// What stands is in the ledger; whatever leaves it is told.
#include "role/route.h"

#include "base/utf8.h"

#include <stdio.h>

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
              r->net->upstreams[o->upstream].name, o->reason);
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
    snprintf(event.override.reason, sizeof event.override.reason, "%s", reason);
    utf8_trim(event.override.reason);
    log_one(r, &event.override);
    route_tell(r, &event);
}

static struct gate_request request_of(const struct permit *permit)
{
    return (struct gate_request){permit->router, permit->upstream, permit->prefix};
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

static void announce(struct route_role *r, const struct gate_request *request)
{
    struct permit permit;
    char why[GATE_WHY_MAX];
    if (!lease_holds(r)) {
        tell(r, request, OVERRIDE_REFUSED, "no lease from the engine");
        return;
    }
    if (gate_announce(&r->gate, request, r->now, &permit, why) != GATE_PERMITTED) {
        tell(r, request, OVERRIDE_REFUSED, why);
        return;
    }
    bool is_new = ledger_put(r->ledger, &permit);
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

void route_steer_effect(struct route_role *r, const struct effect *effect)
{
    struct gate_request request = {
        .router = effect->override.router,
        .upstream = effect->override.upstream,
        .prefix = effect->override.prefix,
    };
    if (effect->kind == EFFECT_ANNOUNCE)
        announce(r, &request);
    else if (effect->kind == EFFECT_WITHDRAW)
        withdraw(r, &request);
    else if (effect->kind == EFFECT_RELEASE)
        route_steer_withdraw_all(r, "released");
    else if (effect->kind == EFFECT_LEASE)
        r->lease_until = mono_add_ns(r->now, r->net->steer.lease_ns);
}

void route_steer_tick(struct route_role *r)
{
    log_more(r);
    if (r->ledger->count > 0 && !lease_holds(r)) {
        route_log("lease_expired", "overrides=%u does=\"withdraws all\"", r->ledger->count);
        route_steer_withdraw_all(r, "the engine's lease ran out");
    }
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
