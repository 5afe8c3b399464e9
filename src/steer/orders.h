// SPDX-License-Identifier: ISC
// The engine's orders on their way through the gate, and what stands by them: held up by its lease,
// looked at again when its ground changes. Orders that wait are read before the first is carried
// out: who wakes up late must not announce what is taken back a few words later (safety.md S20).
// Talks to nobody: who holds the sessions is told.
#pragma once

#include "steer/gate.h"

enum order_kind { ORDER_ANNOUNCE, ORDER_WITHDRAW, ORDER_RELEASE, ORDER_LEASE };

struct order {
    enum order_kind kind;
    struct gate_request what;  // of ORDER_ANNOUNCE, ORDER_WITHDRAW
    struct mono said_at;
    bool taken_back;  // by a later one that waits too
};

enum order_outcome { ORDER_STANDS, ORDER_GONE, ORDER_REFUSED };

struct order_news {
    struct gate_request what;
    enum order_outcome outcome;
    enum gate_answer answer;  // with ORDER_REFUSED; GATE_PERMITTED: it was not the gate
    const char *why;          // for as long as the call lasts
};

struct orders_hearer {
    void *context;
    void (*told)(void *context, const struct order_news *news);
    // What the router is to be told: that it stands so now, or no more.
    void (*stands)(void *context, const struct permit *permit);
    void (*gone)(void *context, const struct standing *standing);
};

// What a stop of STEER_ORDER_MS can pile up; older ones are refused anyhow.
enum { ORDERS_WAITING_MAX = 4096 };

struct orders {
    const struct gate *gate;
    struct ledger *ledger;
    struct orders_hearer hearer;
    struct mono now, lease_until;
    bool killed;  // a person wants nothing of ours to stand (S20)
    uint32_t count;
    bool announces;  // one that waits
    struct order waiting[ORDERS_WAITING_MAX];
};

// Waits until orders_carry_out(), which must be called when there are ORDERS_WAITING_MAX.
void orders_take(struct orders *orders, const struct order *order);
void orders_carry_out(struct orders *orders, struct mono now);

// From here on `now` is that of the last call that had one; owners may set it.
// Lets go of all but our own prefixes, which are not the engine's doing: that it doubts its
// measurements, or dropped its plans, is no reason to take a service from the world.
void orders_release(struct orders *orders, const char *reason);
void orders_withdraw_all(struct orders *orders, const char *reason);
void orders_kill(struct orders *orders, bool killed);
// True when the lease ran out over something that stood: all is gone now.
bool orders_lease_ended(struct orders *orders);
// Whether each may still stand: of one prefix, of a kind, all.
void orders_recheck(struct orders *orders, struct prefix prefix);
void orders_recheck_exits(struct orders *orders);
// What the router had from us is gone with its session, and others may hang by its routes.
void orders_session_down(struct orders *orders, uint32_t router, const char *reason);
