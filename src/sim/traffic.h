// SPDX-License-Identifier: ISC
// Traffic as a fluid: where it goes as routers forward now, how full upstreams and backbones are,
// and what is lost where. The truth that probes sample and checkers read.
#pragma once

#include "sim/world.h"

// What a packet to the prefix meets on that upstream now: a probability.
double sim_loss(const struct sim_world *w, uint8_t site, uint8_t upstream, uint8_t prefix);
// The same for one 5-tuple, numbered below 1000: some faults hit only some.
double sim_loss_tuple(const struct sim_world *w, uint8_t site, uint8_t upstream, uint8_t prefix,
                      uint32_t tuple);
// Works out loads after forwarding, demand or capacity changed; `ms` passed since the last time,
// whose losses are added up.
void sim_traffic_flow(struct sim_world *w, int64_t ms);
double sim_demand(const struct sim_site *site, uint8_t prefix);
