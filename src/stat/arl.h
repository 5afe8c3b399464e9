// SPDX-License-Identifier: ISC
// How long a CUSUM on an integer lattice runs until it alarms, exactly: under the normal loss rate
// that is its false-alarm interval, under a higher one its delay (detection.md 2.1). Only sums,
// products and quotients of positive numbers, so 10^15 probes come out as true as 10.
#pragma once

#include <stdint.h>

enum { ARL_LOST_STEP_MAX = 4096, ARL_OK_STEP_MAX = 8 };

// From 0: a loss adds `lost_step`, an answer takes `ok_step` away, but never below 0; at
// `threshold` or above it alarms.
struct arl_test {
    double loss;         // probability of a loss, 0 < loss <= 1
    uint32_t lost_step;  // 1 to ARL_LOST_STEP_MAX
    uint32_t ok_step;    // 1 to ARL_OK_STEP_MAX
    uint32_t threshold;  // > 0
};

// Mean number of probes until the alarm, starting at 0.
double arl_probes(const struct arl_test *test);
// The lowest threshold whose alarms are at least `probes` apart; `test->threshold` is not read.
// 0 when there is none up to `threshold_max`.
uint32_t arl_threshold(const struct arl_test *test, double probes, uint32_t threshold_max);
