// SPDX-License-Identifier: ISC
// The engine's orders, through the gate, into the routers; and back when an order's ground is gone.
#pragma once

#include "base/prefix.h"

struct effect;
struct route_role;

void route_steer_effect(struct route_role *r, const struct effect *effect);
void route_steer_tick(struct route_role *r);  // the lease
// A path to it changed: what was copied from that follows it, or falls.
void route_steer_recheck(struct route_role *r, struct prefix prefix);
void route_steer_refresh(struct route_role *r, uint32_t router, enum family family);
void route_steer_session_down(struct route_role *r, uint32_t router, const char *reason);
void route_steer_withdraw_all(struct route_role *r, const char *reason);
