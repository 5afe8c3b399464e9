// SPDX-License-Identifier: ISC
// Messages between the world's parts, each due at its moment; among those of one moment what has
// waited comes first, then the one sent first.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum sim_message_kind {
    SIM_TO_ROUTER_IBGP,    // `from` tells router `router` of its best way to `prefix`, or of none
    SIM_TO_FIB,            // the router forwards by its choice from now on
    SIM_TO_ROUTER_UPDATE,  // a controller's override to the router, or its end
    SIM_TO_ROUTER_DOWN,    // the router sees the controller's session gone
    SIM_TO_ROUTE_PATH,     // the router tells a controller of a path, or of its end
    SIM_TO_ROUTE_EOR,      // and that this was all
    SIM_TO_ROUTE_ORDER,    // the engine's
    SIM_TO_ROUTE_DOWN,     // the route process sees a session gone
    SIM_TO_ENGINE_ROUTE,
    SIM_TO_ENGINE_SESSION,
    SIM_TO_ENGINE_OVERRIDE,
    SIM_TO_ENGINE_APPROVAL,  // person `from` approves number `said_ms`; 0: the lift asked for last
    SIM_TO_ENGINE_PERSON,    // says what fault `said_ms` is; `present`: it begins
    SIM_TO_ENGINE_HOOK,      // of hook `router`, run `said_ms`; `present`: the undo
    SIM_TO_ENGINE_ROLE,      // role `router` is in `state`
    SIM_TO_ENGINE_HEALTH,    // of own prefix `router`; `present`: it is well
    SIM_TO_SESSION,          // a session is tried
    SIM_TO_MEMBER,           // a program of hook `router` ends, and has done its work or not
    SIM_TO_CROWD,            // the router has heard nothing for the hold time
    SIM_MESSAGE_KINDS
};

struct sim_message {
    int64_t at_ms, said_ms;  // said_ms: of an order of the engine
    int64_t came_ms;         // before at_ms: it waits for who is stopped
    uint32_t order;
    uint16_t life;  // of the role that it goes to, or of the session
    uint8_t kind, site, controller, router, prefix, upstream;
    uint8_t state;  // of a session or an override; the kind of an order
    bool present, best;
    uint8_t from, length;
    // Of an update; and how one of our own prefixes is offered, bit sets of upstreams.
    bool tells_on;
    uint8_t withheld, graceful, prepend;
    uint16_t local_pref;
};

enum { SIM_MESSAGES_MAX = 8192 };

struct sim_messages {
    uint32_t count, sent;
    struct sim_message heap[SIM_MESSAGES_MAX];
};

void sim_message_send(struct sim_messages *m, const struct sim_message *message);
// Taken once more at `until_ms`, and not after what came later than it.
void sim_message_put_off(struct sim_messages *m, const struct sim_message *message,
                         int64_t until_ms);
// The next one due at `now_ms` or before; false: none.
bool sim_message_next(struct sim_messages *m, int64_t now_ms, struct sim_message *message);
// When the first is due; INT64_MAX: none waits.
int64_t sim_message_due(const struct sim_messages *m);
