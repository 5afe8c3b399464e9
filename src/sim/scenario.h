// SPDX-License-Identifier: ISC
// Named worlds: the hard negatives and positives of detection.md 6, and the shared backbones
// of 4.4. Each seed draws what its name leaves open.
#pragma once

#include "sim/world.h"

struct sim_scenario {
    const char *name, *words;
    void (*make)(struct sim_world *w);
    void (*check)(struct sim_world *w);  // at the end, beside the rules of all worlds
};

// NULL behind the last.
const struct sim_scenario *sim_scenario_at(uint32_t n);
const struct sim_scenario *sim_scenario_find(const char *name);
