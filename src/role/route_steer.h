// SPDX-License-Identifier: ISC
// The engine's orders, through the gate, into the routers; and back when an order's ground is gone.
#pragma once

#include "base/prefix.h"
#include "engine/event.h"

struct effect;
struct route_role;

// Overrides have a line each in the log; a crowd of them has the first ones, and one line at the
// next tick that counts the others. The engine is told of each.
struct route_steer_log {
    uint32_t lines;
    uint32_t more[OVERRIDE_STATES];
};

void route_steer_start(struct route_role *r);
// Takes an order; those that were taken are carried out together.
void route_steer_effect(struct route_role *r, const struct effect *effect);
void route_steer_carry_out(struct route_role *r);
void route_steer_tick(struct route_role *r);  // the lease
// A path to it changed: what was copied from that follows it, or falls.
void route_steer_recheck(struct route_role *r, struct prefix prefix);
void route_steer_refresh(struct route_role *r, uint32_t router, enum family family);
void route_steer_session_down(struct route_role *r, uint32_t router, const char *reason);
// The key kill_file: nobody is asked, nothing else need work (safety.md S20).
void route_steer_watch_kill(struct route_role *r);
// Into the log, and to the engine.
void route_steer_tell(struct route_role *r, const struct event_override *what);
void route_steer_withdraw_all(struct route_role *r, const char *reason);
