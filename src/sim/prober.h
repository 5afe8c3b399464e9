// SPDX-License-Identifier: ISC
// The prober of one controller: a probe to each target on each path every SIM_PROBE_MS, which meets
// what the traffic model says, and the real detectors over that. Solving their rules takes a
// millisecond each: worlds of the same shape share them.
#pragma once

#include "sim/world.h"

enum {
    SIM_TARGETS = 3,
    SIM_PROBE_MS = 100,
    SIM_TALLY_MS = 200,
    SIM_PATHS_MAX = 2 * (SIM_UPSTREAMS_MAX + 1),
    SIM_FLOWS = 4,
};

struct sim_rules *sim_rules_new(void);
void sim_rules_free(struct sim_rules *rules);

struct sim_prober *sim_prober_new(void);  // NULL when memory is out
void sim_prober_free(struct sim_prober *prober);
// A new life: nothing is known.
void sim_prober_start(struct sim_world *w, uint8_t site, uint8_t controller);
// Every SIM_STEP_MS.
void sim_prober_step(struct sim_world *w, uint8_t site, uint8_t controller);
// The prefix of the site that the target is in; SIM_NOBODY.
uint8_t sim_target_prefix(const struct sim_site *site, uint32_t target, enum family family);
