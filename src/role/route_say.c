// SPDX-License-Identifier: ISC
// Messages are made only when there is room for them in the session's output, so that a router
// which reads slowly delays and loses nothing, and what changed meanwhile is said once, in its last
// form. Withdrawals go first.
#include "role/route_say.h"

#include "bgp/refresh.h"
#include "role/route.h"
#include "role/route_wire.h"

#include <assert.h>
#include <stdlib.h>

enum {
    RUN_MAX = 256,  // prefixes of one message
    AHEAD = 4,      // standings fetched from memory before they are looked at
};

bool route_say_open(struct route_role *r)
{
    for (uint32_t i = 0; i < r->net->router_count; i++) {
        struct route_saying *s = &r->routers[i].saying;
        s->gone_max = ledger_router_room(&r->ledger->limits);
        s->gone = calloc(s->gone_max, sizeof *s->gone);
        if (!s->gone)
            return false;
    }
    return true;
}

void route_say_close(struct route_role *r)
{
    for (uint32_t i = 0; i < NET_ROUTERS_MAX; i++)
        free(r->routers[i].saying.gone);
}

static uint32_t unsaid(const struct route_role *r, uint32_t router)
{
    const uint32_t *counts = r->ledger->unsaid[router];
    return counts[FAMILY_IPV4] + counts[FAMILY_IPV6];
}

bool route_say_waits(const struct route_role *r, uint32_t router)
{
    const struct route_saying *s = &r->routers[router].saying;
    bool marks = s->begins[FAMILY_IPV4] || s->begins[FAMILY_IPV6] || s->ends[FAMILY_IPV4] ||
                 s->ends[FAMILY_IPV6];
    return s->gone_count > 0 || marks || unsaid(r, router) > 0;
}

void route_say_gone(struct route_role *r, const struct standing *standing)
{
    const struct permit *permit = &standing->permit;
    struct route_saying *s = &r->routers[permit->router].saying;
    if (!standing->heard || !r->routers[permit->router].live)
        return;
    // As many have been heard as may stand, and no other is told before these are gone.
    assert(s->gone_count < s->gone_max);
    s->gone[(s->gone_first + s->gone_count++) % s->gone_max] = permit->prefix;
}

void route_say_again(struct route_role *r, uint32_t router, enum family family)
{
    struct route_saying *s = &r->routers[router].saying;
    ledger_say_again(r->ledger, router, family);
    // RFC 7313 §4: the marks around it, for who knows them.
    bool marks = r->routers[router].live->session.context.enhanced_refresh;
    s->begins[family] = s->ends[family] = marks;
}

void route_say_forget(struct route_role *r, uint32_t router)
{
    struct route_saying *s = &r->routers[router].saying;
    s->gone_first = s->gone_count = 0;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        s->begins[family] = s->ends[family] = false;
}

// The first of those to withdraw that can share a message. What stands again in a new form will be
// announced in the place of the old.
static size_t take_gone(struct route_role *r, uint32_t router, struct prefix *run)
{
    struct route_saying *s = &r->routers[router].saying;
    size_t count = 0;
    while (count < RUN_MAX && s->gone_count > 0) {
        struct prefix prefix = s->gone[s->gone_first];
        if (count > 0 && prefix.address.family != run[0].address.family)
            break;
        s->gone_first = (s->gone_first + 1) % s->gone_max;
        s->gone_count--;
        const struct standing *standing = ledger_find(r->ledger, router, prefix);
        if (standing)
            ledger_heard(r->ledger, standing);
        else
            run[count++] = prefix;
    }
    return count;
}

static void say_gone(struct route_role *r, uint32_t router, struct writer *w)
{
    const struct bgp_context *context = &r->routers[router].live->session.context;
    struct prefix run[RUN_MAX];
    size_t count = take_gone(r, router, run);
    for (size_t done = 0; done < count;)
        done += route_wire_withdraw(w, context, run + done, count - done);
}

// The next that are to be told and can share a message, from where the search stopped last.
static size_t find_unsaid(struct route_role *r, uint32_t router, const struct standing **run)
{
    struct route_saying *s = &r->routers[router].saying;
    const struct ledger *ledger = r->ledger;
    size_t count = 0;
    for (uint32_t looked = 0; looked < ledger->count && count < RUN_MAX; looked++) {
        if (s->at >= ledger->count && count > 0)
            break;  // and what comes in next is found here
        if (s->at >= ledger->count)
            s->at = 0;
        const struct standing *standing = &ledger->standings[s->at];
        ledger_fetch(ledger, s->at + AHEAD);
        bool wanted = standing->permit.router == router && !standing->said;
        if (wanted && count > 0 && !permit_same_attributes(&run[0]->permit, &standing->permit))
            break;
        if (wanted)
            run[count++] = standing;
        else if (count > 0)
            break;
        s->at++;
    }
    return count;
}

static void say_unsaid(struct route_role *r, uint32_t router, struct writer *w)
{
    const struct bgp_context *context = &r->routers[router].live->session.context;
    const struct standing *run[RUN_MAX];
    const struct permit *permits[RUN_MAX];
    size_t count = find_unsaid(r, router, run);
    for (size_t i = 0; i < count; i++)
        permits[i] = &run[i]->permit;
    size_t said = route_wire_announce(w, context, r->net, permits, count);
    assert(said > 0);  // the longest permit fits the shortest message
    for (size_t i = 0; i < said; i++)
        ledger_said(r->ledger, run[i]);
}

static bool say_mark(struct route_saying *s, const uint32_t *left, struct writer *w)
{
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        if (s->begins[family]) {
            bgp_refresh_encode(w, family, BGP_REFRESH_BEGIN);
            s->begins[family] = false;
            return true;
        }
        if (s->ends[family] && left[family] == 0) {
            bgp_refresh_encode(w, family, BGP_REFRESH_END);
            s->ends[family] = false;
            return true;
        }
    }
    return false;
}

void route_say_turn(struct route_role *r, uint32_t router)
{
    struct route_router *own = &r->routers[router];
    while (own->live && own->live->session.state == BGP_ESTABLISHED && route_say_waits(r, router)) {
        struct writer w = bgp_session_writer(&own->live->session);
        if (w.capacity < ROUTE_SAY_ROOM)
            return;
        if (own->saying.gone_count > 0)
            say_gone(r, router, &w);
        else if (!say_mark(&own->saying, r->ledger->unsaid[router], &w))
            say_unsaid(r, router, &w);
        bgp_session_written(&own->live->session, r->now, &w);
    }
}
