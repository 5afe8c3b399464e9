// SPDX-License-Identifier: ISC
// The engine's orders, through the gate, into the routers; and back when an order's ground is gone.
// What stands is in the ledger; whatever leaves it is told.
#include "role/route.h"

#include "base/utf8.h"
#include "role/route_wire.h"

#include <stdio.h>

enum { CEASE_RESET = 4 };  // RFC 4486 §3

static const char *router_name(const struct route_role *r, uint32_t router)
{
    return r->net->routers[router].name;
}

static void tell(struct route_role *r, const struct gate_request *what,
                 enum event_override_state state, const char *reason)
{
    static const char *const names[OVERRIDE_STATES] = {"override_announced", "override_withdrawn",
                                                       "override_refused"};
    char text[PREFIX_TEXT_MAX];
    struct event event = {
        .kind = EVENT_OVERRIDE,
        .at = r->now,
        .override = {what->router, what->upstream, what->prefix, state, ""},
    };
    snprintf(event.override.reason, sizeof event.override.reason, "%s", reason);
    utf8_trim(event.override.reason);
    route_log(names[state], "router=%s prefix=%s upstream=%s reason=\"%s\"",
              router_name(r, what->router), prefix_format(what->prefix, text),
              r->net->upstreams[what->upstream].name, event.override.reason);
    route_tell(r, &event);
}

static bool say(struct route_role *r, const struct permit *permit)
{
    struct route_link *live = r->routers[permit->router].live;
    uint8_t bytes[BGP_MESSAGE_MAX];
    struct writer w = writer_over(bytes, sizeof bytes);
    route_wire_announce(&w, permit, &live->session.context);
    return route_link_send(live, &w);
}

// A router that does not take our withdrawal forgets the route with the session.
static void unsay(struct route_role *r, const struct permit *permit)
{
    struct route_link *live = r->routers[permit->router].live;
    uint8_t bytes[BGP_MESSAGE_MAX];
    struct writer w = writer_over(bytes, sizeof bytes);
    if (!live)
        return;
    route_wire_withdraw(&w, permit, &live->session.context);
    if (!route_link_send(live, &w))
        route_link_cut(live, CEASE_RESET, "a withdrawal could not be sent");
}

static struct gate_request request_of(const struct permit *permit)
{
    return (struct gate_request){permit->router, permit->upstream, permit->prefix};
}

static void let_go(struct route_role *r, const struct permit *permit, const char *reason)
{
    struct gate_request what = request_of(permit);
    unsay(r, permit);
    ledger_strike(r->ledger, permit);
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
    const struct permit *standing = ledger_find(r->ledger, request->router, request->prefix);
    bool stands = standing && permit_equal(standing, &permit);
    if (!stands && !say(r, &permit)) {
        tell(r, request, OVERRIDE_REFUSED, "the router reads too slowly");
        return;
    }
    ledger_put(r->ledger, &permit);
    tell(r, request, OVERRIDE_ANNOUNCED, stands ? "stood already" : "");
}

// Only what was announced is withdrawn (S7), and only as it was ordered: an order to let go of the
// old upstream, overtaken by one to move on, must not take the new one away.
static void withdraw(struct route_role *r, const struct gate_request *request)
{
    const struct permit *standing = ledger_find(r->ledger, request->router, request->prefix);
    if (standing && standing->upstream == request->upstream)
        let_go(r, standing, "");
    else
        tell(r, request, OVERRIDE_WITHDRAWN, standing ? "replaced before" : "did not stand");
}

void route_steer_withdraw_all(struct route_role *r, const char *reason)
{
    while (r->ledger->count > 0)
        let_go(r, &r->ledger->permits[r->ledger->count - 1], reason);
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
    if (r->ledger->count > 0 && !lease_holds(r)) {
        route_log("lease_expired", "overrides=%u does=\"withdraws all\"", r->ledger->count);
        route_steer_withdraw_all(r, "the engine's lease ran out");
    }
}

static void recheck(struct route_role *r, const struct permit *standing)
{
    struct permit permit;
    char why[GATE_WHY_MAX];
    if (gate_stand(&r->gate, standing, &permit, why) != GATE_PERMITTED)
        let_go(r, standing, why);
    else if (permit_equal(standing, &permit))
        return;
    else if (say(r, &permit))
        ledger_put(r->ledger, &permit);
    else
        let_go(r, standing, "the router reads too slowly");
}

// From the end: whoever is struck out, the last takes its place, and that was looked at already.
void route_steer_recheck(struct route_role *r, struct prefix prefix)
{
    for (uint32_t i = r->ledger->count; i-- > 0;) {
        const struct permit *standing = &r->ledger->permits[i];
        if (prefix.address.family == FAMILY_NONE || prefix_equal(standing->prefix, prefix))
            recheck(r, standing);
    }
}

// RFC 2918: the router wants to hear everything again.
void route_steer_refresh(struct route_role *r, uint32_t router, enum family family)
{
    for (uint32_t i = 0; i < r->ledger->count; i++) {
        const struct permit *standing = &r->ledger->permits[i];
        if (standing->router == router && standing->prefix.address.family == family)
            (void)say(r, standing);  // what does not fit stands there already
    }
}

void route_steer_session_down(struct route_role *r, uint32_t router, const char *reason)
{
    for (uint32_t i = r->ledger->count; i-- > 0;) {
        if (r->ledger->permits[i].router == router)
            let_go(r, &r->ledger->permits[i], reason);
    }
    route_steer_recheck(r, (struct prefix){0});
}
