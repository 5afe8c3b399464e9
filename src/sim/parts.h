// SPDX-License-Identifier: ISC
// What is no route: a pair of switches that all packets pass one of, programs that take one out of
// use, localisation that names the one that loses; and the services behind our own prefixes, with
// the programs that find them well or sick.
#pragma once

#include "sim/world.h"

// What a program does in vain is taken back by then: steer.verify_max_ms, and its own time.
enum { SIM_TRIED_MS = 18000 };

enum { SIM_HOOK_TIMEOUT_MS = 2000, SIM_HOOK_SETTLE_MS = 500 };

// The engine wants a program run.
void sim_parts_run(struct sim_world *w, uint8_t site, uint8_t controller,
                   const struct effect_hook *hook);
// One has ended.
void sim_parts_ran(struct sim_world *w, const struct sim_message *message);
// Every SIM_STEP_MS: what localisation and health programs say.
void sim_parts_step(struct sim_world *w, uint8_t site, uint8_t controller);
// The share of packets that is lost by the pair for this fault of one of it; of one 5-tuple.
double sim_parts_loss(const struct sim_site *site, const struct sim_fault *f, uint32_t tuple);
// Whether the service behind one of our own prefixes is sick.
bool sim_parts_is_sick(const struct sim_world *w, uint8_t site, uint8_t own);
