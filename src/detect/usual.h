// SPDX-License-Identifier: ISC
// What share of attempts fails usually, as an upper bound from above: a step of a ladder from the
// configured least to a hundred times that. At the step that holds, independent failures explain
// all but one block of a hundred, and what was counted is surely (99.9 %) no more. Begins at the
// top: who was never well is not expected to be. Forgets by half each two days of blocks.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { USUAL_STEPS = 7, USUAL_PPM_MAX = 100 * 1000 };

struct usual {
    uint64_t ok, lost;
    uint32_t blocks, over[USUAL_STEPS];  // blocks that the step does not explain
    uint32_t step;                       // that holds
    uint32_t unreviewed;                 // blocks since it was chosen
};

void usual_init(struct usual *usual);
// The rate of a step, where `least_ppm` (10 to USUAL_PPM_MAX) is that of the first.
uint32_t usual_step_ppm(uint32_t step, uint32_t least_ppm);
// One more block of a time without alarm; true when another step holds now.
bool usual_add(struct usual *usual, uint32_t least_ppm, uint64_t ok, uint64_t lost);
