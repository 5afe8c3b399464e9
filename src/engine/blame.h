// SPDX-License-Identifier: ISC
// Parts of upstreams that are named at fault as reasons to move, where the configuration says so
// (steer.act_on_faults), by the rules of every move. Part of the engine; see state.h.
#pragma once

#include <stdint.h>

struct engine;

void blame_advance(struct engine *e);  // on every tick
// What the path loses at least by what is named there.
uint32_t blame_loss_low_ppm(const struct engine *e, uint32_t path);
