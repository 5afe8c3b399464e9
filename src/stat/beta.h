// SPDX-License-Identifier: ISC
// What a loss rate may be after so many probes: 99.9 % bounds, each side, from Beta(lost + 1/2,
// ok + 1/2) (Jeffreys' prior). With few probes they are wide, which is the point.
#pragma once

#include <stdint.h>

struct beta_bounds {
    uint32_t low_ppm, high_ppm;  // without any probe: 0 and 1000000
};

struct beta_bounds beta_bounds(uint64_t ok, uint64_t lost);
// One of them, for half the time.
uint32_t beta_low_ppm(uint64_t ok, uint64_t lost);
uint32_t beta_high_ppm(uint64_t ok, uint64_t lost);
// The regularised incomplete beta function I_x(a, b): P(X <= x) of Beta(a, b). a, b > 0.
double beta_cdf(double a, double b, double x);
