// SPDX-License-Identifier: ISC
// What there is in a world and what befalls it, drawn from its seed.
#pragma once

#include "sim/world.h"

struct sim_shape {                      // of a site; all 0: drawn
    uint8_t routers, upstreams, plain;  // plain: prefixes of each family
    bool specials;                      // prefixes that must never be moved
};

// Sites with their networks, routes and demand, without faults.
void sim_make_sites(struct sim_world *w, const struct sim_shape *shape);
// A time line of its own for each seed, and how long the world lasts.
void sim_make_faults(struct sim_world *w);

// From `low` to `high`, both included.
int64_t sim_draw(struct sim_world *w, int64_t low, int64_t high);
bool sim_chance(struct sim_world *w, double probability);
