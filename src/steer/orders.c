// SPDX-License-Identifier: ISC
#include "steer/orders.h"

#include "steer/limits.h"

#include <assert.h>
#include <stdio.h>

enum {
    TOGETHER = 32
};  // orders whose memory is fetched at once: more would not fit the nearest cache

static const char killed[] = "S20: the kill file stands";

static struct gate_request request_of(const struct permit *permit)
{
    return (struct gate_request){
        .router = permit->router,
        .upstream = permit->upstream,
        .prefix = permit->prefix,
        .kind = permit->kind,
    };
}

static void tell(struct orders *o, const struct gate_request *what, enum order_outcome outcome,
                 const char *why)
{
    const struct order_news news = {*what, outcome, GATE_PERMITTED, why};
    o->hearer.told(o->hearer.context, &news);
}

static void let_go(struct orders *o, const struct standing *standing, const char *reason)
{
    struct gate_request what = request_of(&standing->permit);
    o->hearer.gone(o->hearer.context, standing);
    ledger_strike(o->ledger, standing);
    tell(o, &what, ORDER_GONE, reason);
}

static bool lease_holds(const struct orders *o)
{
    return !mono_reached(o->now, o->lease_until);
}

// Our own prefixes, as usual, are never in the way of who pulls the switch.
static bool is_usual(const struct gate_request *what)
{
    return what->kind == PERMIT_OWN && !what->stances[NET_STANCE_PREPEND] &&
           !what->stances[NET_STANCE_GRACEFUL] && !what->stances[NET_STANCE_WITHHELD];
}

// NULL: it may be asked of the gate. What is too old the engine may not see now as it saw it then
// (S13), and a person may have frozen or stopped it since (I11, S20): no word of that comes faster.
static const char *why_not(const struct orders *o, const struct order *order)
{
    if (order->taken_back)
        return "taken back before it was done";
    if (order->what.kind != PERMIT_OWN &&
        mono_since_ns(o->now, order->said_at) >= STEER_ORDER_MS * (int64_t)NS_PER_MS)
        return "the order is too old";
    if (o->killed && !is_usual(&order->what))
        return killed;
    return lease_holds(o) ? NULL : "no lease from the engine";
}

static void announce(struct orders *o, const struct order *order)
{
    struct permit permit;
    char text[GATE_WHY_MAX];
    const char *why = why_not(o, order);
    if (why) {
        tell(o, &order->what, ORDER_REFUSED, why);
        return;
    }
    enum gate_answer answer = gate_announce(o->gate, &order->what, o->now, &permit, text);
    if (answer != GATE_PERMITTED) {
        const struct order_news news = {order->what, ORDER_REFUSED, answer, text};
        o->hearer.told(o->hearer.context, &news);
        return;
    }
    bool is_new = ledger_act(o->ledger, &permit, o->now);
    if (is_new)
        o->hearer.stands(o->hearer.context, &permit);
    tell(o, &order->what, ORDER_STANDS, is_new ? "" : "stood already");
}

// Only what was announced is withdrawn (S7), and only as it was ordered: an order to let go of the
// old upstream, overtaken by one to move on, must not take the new one away.
static void withdraw(struct orders *o, const struct gate_request *what)
{
    const struct standing *standing = ledger_find(o->ledger, what->router, what->prefix);
    if (standing && standing->permit.upstream == what->upstream)
        let_go(o, standing, "");
    else
        tell(o, what, ORDER_GONE, standing ? "replaced before" : "did not stand");
}

static bool takes_back(const struct order *order, const struct order *earlier)
{
    const struct gate_request *a = &order->what, *b = &earlier->what;
    if (earlier->kind != ORDER_ANNOUNCE)
        return false;
    if (order->kind == ORDER_RELEASE)
        return b->kind != PERMIT_OWN;
    return order->kind == ORDER_WITHDRAW && a->router == b->router && a->upstream == b->upstream &&
           prefix_equal(a->prefix, b->prefix);
}

void orders_take(struct orders *o, const struct order *order)
{
    assert(o->count < ORDERS_WAITING_MAX);
    bool takes = order->kind == ORDER_RELEASE || order->kind == ORDER_WITHDRAW;
    for (uint32_t i = 0; takes && o->announces && i < o->count; i++)
        o->waiting[i].taken_back |= takes_back(order, &o->waiting[i]);
    o->announces |= order->kind == ORDER_ANNOUNCE;
    o->waiting[o->count++] = *order;
}

// Counted from when the engine said it: one that was long on its way proves no more than that the
// engine lived then (I5). A time to come proves nothing.
static void renew(struct orders *o, struct mono said_at)
{
    struct mono from = mono_reached(o->now, said_at) ? said_at : o->now;
    o->lease_until = mono_add_ns(from, o->gate->net->steer.lease_ns);
}

static void carry_out(struct orders *o, const struct order *order)
{
    switch (order->kind) {
    case ORDER_ANNOUNCE:
        announce(o, order);
        break;
    case ORDER_WITHDRAW:
        withdraw(o, &order->what);
        break;
    case ORDER_RELEASE:
        orders_release(o, "released");
        break;
    case ORDER_LEASE:
        renew(o, order->said_at);
        break;
    }
}

// What the next ones will look at comes from memory for all of them at once.
static void expect(const struct orders *o, const struct order *next, uint32_t count)
{
    struct prefix prefixes[TOGETHER];
    struct act announces[TOGETHER], withdraws[TOGETHER];
    uint32_t announced = 0, withdrawn = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct act act = {next[i].what.router, next[i].what.prefix};
        if (next[i].kind == ORDER_WITHDRAW)
            withdraws[withdrawn++] = act;
        if (next[i].kind != ORDER_ANNOUNCE)
            continue;
        prefixes[announced] = act.prefix;
        announces[announced++] = act;
    }
    rib_expect(o->gate->rib, prefixes, announced);
    ledger_expect_acts(o->ledger, announces, announced);
    ledger_expect_strikes(o->ledger, withdraws, withdrawn);
}

void orders_carry_out(struct orders *o, struct mono now)
{
    o->now = now;
    for (uint32_t i = 0; i < o->count; i++) {
        if (i % TOGETHER == 0)
            expect(o, &o->waiting[i], o->count - i < TOGETHER ? o->count - i : TOGETHER);
        carry_out(o, &o->waiting[i]);
    }
    o->count = 0;
    o->announces = false;
}

// From the end: whoever is struck out, the last takes its place, and that was looked at already.
void orders_release(struct orders *o, const char *reason)
{
    for (uint32_t i = o->ledger->count; i-- > 0;)
        if (o->ledger->standings[i].permit.kind != PERMIT_OWN)
            let_go(o, &o->ledger->standings[i], reason);
}

void orders_withdraw_all(struct orders *o, const char *reason)
{
    while (o->ledger->count > 0)
        let_go(o, &o->ledger->standings[o->ledger->count - 1], reason);
}

void orders_kill(struct orders *o, bool stands)
{
    o->killed = stands;
    if (stands)
        orders_release(o, killed);
}

bool orders_lease_ended(struct orders *o)
{
    if (o->ledger->count == 0 || lease_holds(o))
        return false;
    orders_withdraw_all(o, "the engine's lease ran out");
    return true;
}

static void recheck(struct orders *o, const struct standing *standing)
{
    struct permit permit;
    char why[GATE_WHY_MAX];
    if (gate_stand(o->gate, &standing->permit, &permit, why) != GATE_PERMITTED)
        let_go(o, standing, why);
    else if (ledger_put(o->ledger, &permit))
        o->hearer.stands(o->hearer.context, &permit);
}

void orders_recheck(struct orders *o, struct prefix prefix)
{
    for (uint32_t router = 0; router < o->gate->net->router_count; router++) {
        const struct standing *standing = ledger_find(o->ledger, router, prefix);
        if (standing)
            recheck(o, standing);
    }
}

void orders_recheck_exits(struct orders *o)
{
    for (uint32_t i = o->ledger->count; i-- > 0;)
        if (o->ledger->standings[i].permit.kind == PERMIT_EXIT)
            recheck(o, &o->ledger->standings[i]);
}

void orders_session_down(struct orders *o, uint32_t router, const char *reason)
{
    for (uint32_t i = o->ledger->count; i-- > 0;)
        if (o->ledger->standings[i].permit.router == router)
            let_go(o, &o->ledger->standings[i], reason);
    for (uint32_t i = o->ledger->count; i-- > 0;)
        recheck(o, &o->ledger->standings[i]);
}
