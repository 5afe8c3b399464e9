// SPDX-License-Identifier: ISC
// What steer/orders.c decides on the engine's orders, with sockets, log and notices around it.
#include "role/route.h"

#include "base/utf8.h"
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
                                                       "override_refused",   "override_taken",
                                                       "override_not_taken", "override_untold"};
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
    uint32_t words = more[OVERRIDE_TAKEN] + more[OVERRIDE_NOT_TAKEN] + more[OVERRIDE_UNTOLD];
    if (more[OVERRIDE_ANNOUNCED] + more[OVERRIDE_WITHDRAWN] + more[OVERRIDE_REFUSED] + words > 0)
        route_log("overrides_more", "announced=%u withdrawn=%u refused=%u words=%u",
                  more[OVERRIDE_ANNOUNCED], more[OVERRIDE_WITHDRAWN], more[OVERRIDE_REFUSED],
                  words);
    r->steer_log = (struct route_steer_log){0};
}

void route_steer_tell(struct route_role *r, const struct event_override *what)
{
    struct event event;  // much larger than what is told of an override
    event.kind = EVENT_OVERRIDE;
    event.at = r->now;
    event.override = *what;
    utf8_trim(event.override.reason);
    log_one(r, &event.override);
    route_tell(r, &event);
}

static void tell(struct route_role *r, const struct order_news *news)
{
    static const enum event_override_state states[] = {
        [ORDER_STANDS] = OVERRIDE_ANNOUNCED,
        [ORDER_GONE] = OVERRIDE_WITHDRAWN,
        [ORDER_REFUSED] = OVERRIDE_REFUSED,
    };
    const struct gate_request *what = &news->what;
    struct event_override told = {what->router, what->upstream, what->prefix, states[news->outcome],
                                  ""};
    snprintf(told.reason, sizeof told.reason, "%s", news->why);
    route_steer_tell(r, &told);
}

// A limit that was reached refuses, and a person must know: here is where it would have gone wrong.
static void on_told(void *role, const struct order_news *news)
{
    struct route_role *r = role;
    tell(r, news);
    if (news->outcome != ORDER_REFUSED || !gate_is_limit(news->answer))
        return;
    struct notice notice = {
        .kind = NOTICE_LIMIT_REACHED,
        .raised = true,
        .router = news->what.router,
        .prefix = news->what.prefix,
    };
    snprintf(notice.peer, sizeof notice.peer, "%s", router_name(r, news->what.router));
    snprintf(notice.text, sizeof notice.text, "%s", news->why);
    route_notice(r, &notice);
}

// The ledger knows that it is to be said, and links look there.
static void on_stands(void *role, const struct permit *permit)
{
    (void)role;
    (void)permit;
}

static void on_gone(void *role, const struct standing *standing)
{
    route_say_gone(role, standing);
}

void route_steer_start(struct route_role *r)
{
    r->orders.gate = &r->gate;
    r->orders.ledger = r->ledger;
    r->orders.hearer = (struct orders_hearer){r, on_told, on_stands, on_gone};
    r->orders.now = r->orders.lease_until = r->now;
}

void route_steer_withdraw_all(struct route_role *r, const char *reason)
{
    orders_withdraw_all(&r->orders, reason);
    log_more(r);
}

void route_steer_watch_kill(struct route_role *r)
{
    bool stands = r->net->kill_path[0] && access(r->net->kill_path, F_OK) == 0;
    if (stands == r->orders.killed)
        return;
    route_log("kill_file", "stands=%s overrides=%u does=\"%s\"", stands ? "true" : "false",
              r->ledger->count, stands ? "withdraws all, takes none" : "takes orders again");
    orders_kill(&r->orders, stands);
    log_more(r);
}

static void take_stance(const struct route_role *r, const struct effect_stance *stance,
                        struct order *order)
{
    order->kind = stance->announced ? ORDER_ANNOUNCE : ORDER_WITHDRAW;
    order->what = (struct gate_request){
        .router = stance->router,
        .upstream = NET_NOBODY,
        .prefix = r->net->announce[stance->own].prefix,
        .kind = PERMIT_OWN,
        .stances = {[NET_STANCE_PREPEND] = stance->prepend,
                    [NET_STANCE_GRACEFUL] = stance->graceful,
                    [NET_STANCE_WITHHELD] = stance->withheld},
    };
}

static void take_override(const struct route_role *r, const struct effect *effect,
                          struct order *order)
{
    bool is_exit = net_exit_of(r->net, effect->override.prefix) != NET_NOBODY;
    order->kind = effect->kind == EFFECT_ANNOUNCE ? ORDER_ANNOUNCE : ORDER_WITHDRAW;
    order->what = (struct gate_request){
        .router = effect->override.router,
        .upstream = effect->override.upstream,
        .prefix = effect->override.prefix,
        .kind = is_exit ? PERMIT_EXIT : PERMIT_OVERRIDE,
    };
}

void route_steer_effect(struct route_role *r, const struct effect *effect)
{
    struct order order = {.said_at = effect->at};
    if (effect->kind == EFFECT_ANNOUNCE || effect->kind == EFFECT_WITHDRAW)
        take_override(r, effect, &order);
    else if (effect->kind == EFFECT_STANCE)
        take_stance(r, &effect->stance, &order);
    else if (effect->kind == EFFECT_RELEASE)
        order.kind = ORDER_RELEASE;
    else if (effect->kind == EFFECT_LEASE)
        order.kind = ORDER_LEASE;
    else
        return;
    orders_take(&r->orders, &order);
}

void route_steer_carry_out(struct route_role *r)
{
    orders_carry_out(&r->orders, r->now);
}

// Nobody tells when an upstream loses its routes one by one, and an exit copies none of them.
static void watch_exits(struct route_role *r)
{
    enum { EXITS_EVERY_MS = 1000 };
    if (mono_since_ns(r->now, r->exits_watched_at) < (int64_t)EXITS_EVERY_MS * NS_PER_MS)
        return;
    r->exits_watched_at = r->now;
    orders_recheck_exits(&r->orders);
}

void route_steer_tick(struct route_role *r)
{
    uint32_t stood = r->ledger->count;
    log_more(r);
    r->orders.now = r->now;
    if (orders_lease_ended(&r->orders)) {
        route_log("lease_expired", "routes=%u does=\"withdraws all\"", stood);
        log_more(r);
    }
    watch_exits(r);
    route_taken_tick(r);
}

void route_steer_recheck(struct route_role *r, struct prefix prefix)
{
    orders_recheck(&r->orders, prefix);
}

// RFC 2918: the router wants to hear everything again.
void route_steer_refresh(struct route_role *r, uint32_t router, enum family family)
{
    route_say_again(r, router, family);
}

void route_steer_session_down(struct route_role *r, uint32_t router, const char *reason)
{
    orders_session_down(&r->orders, router, reason);
    route_say_forget(r, router);
}
