// SPDX-License-Identifier: ISC
// What the world sends to the site: by the upstreams that offer our own prefixes, as it likes them.
// It follows what routers tell it after a while, meets the same faults, and is lost likewise.
#pragma once

#include "base/random.h"
#include "sim/world.h"

// Some of it comes; the engine may ask the world to leave an upstream that loses.
void sim_inbound_make(struct sim_site *site, struct random *random);
// Every SIM_STEP_MS: the world follows, and what we ask of it is judged.
void sim_inbound_step(struct sim_world *w, uint8_t site);
// Mbit/s of the family that come in by each upstream, where it is offered by these stances.
void sim_inbound_spread(const struct sim_site *site, enum family family, const uint8_t *stances,
                        double *load);
// Mbit/s that come in by it now.
double sim_inbound_load(const struct sim_site *site, uint8_t upstream);
