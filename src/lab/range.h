// SPDX-License-Identifier: ISC
// Percentiles of a few numbers, by nearest rank: always one of them, never a mean of two.
#pragma once

#include <stddef.h>

enum { RANGE_VALUES_MAX = 1000 };

// Sorts `values`; INFINITY stands for what did not happen. NAN when there are none.
double range_percentile(double *values, size_t count, unsigned percent);
