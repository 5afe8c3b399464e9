// SPDX-License-Identifier: ISC
// What only some sites have: exits, prefixes of their own, a pair of switches with programs; and
// what befalls those.
#pragma once

#include "sim/world.h"

void sim_make_exits(struct sim_site *site);
// Its routers say what they chose (BMP).
void sim_make_telling(struct sim_site *site);
// Of those that turn sick within a minute so many are withdrawn.
void sim_make_own(struct sim_site *site, uint32_t together_max);
void sim_make_pair(struct sim_site *site, enum sim_hook_way way);

// Drawn from the seed.
void sim_make_more(struct sim_world *w, uint8_t site);
void sim_make_more_faults(struct sim_world *w, uint8_t site);
