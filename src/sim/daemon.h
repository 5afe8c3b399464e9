// SPDX-License-Identifier: ISC
// One Fairlead of the world: the real engine with what keeps it alive, stalls it, kills it and
// starts it again; its sessions; and behind writer.h its route process.
#pragma once

#include "sim/world.h"

struct sim_message;

void sim_daemon_start(struct sim_world *w, uint8_t site, uint8_t controller);
// Every SIM_STEP_MS.
void sim_daemon_tick(struct sim_world *w, uint8_t site, uint8_t controller);
// The engine learns of it now, or never when it is dead or stalled: `event->at` is filled.
void sim_daemon_feed(struct sim_world *w, uint8_t site, uint8_t controller, struct event *event);
// A message to the engine or the route process is due; false: it must wait until `*until_ms`.
bool sim_daemon_message(struct sim_world *w, const struct sim_message *message, int64_t *until_ms);
// Whether the process runs now.
bool sim_daemon_runs(const struct sim_world *w, const struct sim_controller *ctl,
                     enum sim_role role);

// Of all controllers of the site.
void sim_daemon_stall(struct sim_world *w, uint8_t site, enum sim_role role, int64_t until_ms);
void sim_daemon_crash(struct sim_world *w, uint8_t site, enum sim_role role, bool begins);
// Records can be written, or cannot.
void sim_daemon_audit(struct sim_world *w, uint8_t site, bool fails);
// Customers' packets fill the links to the routers from now on.
void sim_daemon_crowd(struct sim_world *w, uint8_t site);
// Of one: the TCP connection breaks, which both ends see, or a new one is up.
void sim_daemon_session(struct sim_world *w, uint8_t site, uint8_t controller, uint8_t router,
                        bool up);
