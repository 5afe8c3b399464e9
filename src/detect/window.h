// SPDX-License-Identifier: ISC
// How much a path lost since a given moment, with cautious bounds: for the decision rule of
// detection.md 4.2 ("at least so much is lost here, at most so much there") and to prove that an
// alternative is healthy.
#pragma once

#include "base/clock.h"

#include <stdint.h>

enum {
    WINDOW_SLOT_MS = 50,
    WINDOW_SLOTS = 2048,  // 102 s in all
};

struct window_sum {  // modulo 2^32: of one window, less than that is added
    uint32_t ok, lost, voided;
};

// A zeroed struct is empty. 24 kB.
struct window {
    int64_t newest;                          // slot, counted from the clock's zero
    struct window_sum all;                   // ever added,
    struct window_sum before[WINDOW_SLOTS];  // and what of it before each of the latest slots
};

struct window_count {
    uint64_t ok, lost, voided;
};
// Of what is lost, of that which is not void; 0 without samples.
uint32_t window_count_ppm(struct window_count count);

struct window_loss {
    uint64_t ok, lost;
    uint32_t loss_ppm;           // 0 without samples
    uint32_t low_ppm, high_ppm;  // 99.9 % bounds each; 0 and 1000000 without samples
};

void window_add(struct window *w, struct mono at, struct window_sum sum);
// So many of those added as lost since then, the latest, are ok after all; what is more than were
// lost is left.
void window_answered(struct window *w, struct mono since, uint32_t count);
// Of what was added from `since` to `until`, both rounded to whole slots outwards.
struct window_count window_count(const struct window *w, struct mono since, struct mono until);
struct window_loss window_loss(const struct window *w, struct mono since, struct mono until);
