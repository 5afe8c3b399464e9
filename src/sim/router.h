// SPDX-License-Identifier: ISC
// Routers: what eBGP and iBGP told them, the decision of RFC 4271 §9.1 over that and Fairlead's
// overrides, and forwarding that follows after a while.
#pragma once

#include "sim/world.h"

// A way of its own to the prefix comes, changes or goes; `way->upstream` says by which upstream.
void sim_router_own(struct sim_world *w, uint8_t site, uint8_t router, uint8_t prefix,
                    const struct sim_way *way);
// What another router told it.
void sim_router_hear(struct sim_world *w, const struct sim_message *message);
void sim_router_override(struct sim_world *w, const struct sim_message *message);
// The controller's session is gone: what it said is forgotten.
void sim_router_forget(struct sim_world *w, uint8_t site, uint8_t router, uint8_t controller);
// Its policy lets nothing of ours in, or everything again.
void sim_router_reject(struct sim_world *w, uint8_t site, uint8_t router, bool rejects);
// Whether its packets go, or are about to go, as the controller says.
bool sim_router_takes(const struct sim_router *router, uint8_t controller, uint8_t place);
void sim_router_forward(struct sim_world *w, const struct sim_message *message);
// All at once, as at the world's beginning.
void sim_router_settle(struct sim_world *w, uint8_t site);
// Tells the controller's session all that it shows, for the first time.
void sim_router_tell_all(struct sim_world *w, uint8_t site, uint8_t router, uint8_t controller);
// The upstream that the router itself would use if there were no overrides anywhere; SIM_NOBODY.
uint8_t sim_router_bare(const struct sim_site *site, uint8_t router, uint8_t prefix);
// Whether any way but an override leads there, by eBGP or from another router.
bool sim_router_knows(const struct sim_router *router, uint8_t prefix);
// The upstream by which a packet leaves that comes in at the router, as all forward now;
// SIM_NOBODY: it is dropped, or circles, which `circles` tells. Of `bare` the same without
// overrides.
uint8_t sim_router_exit(const struct sim_site *site, uint8_t router, uint8_t prefix, bool *circles);
