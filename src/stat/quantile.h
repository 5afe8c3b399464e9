// SPDX-License-Identifier: ISC
// Quantiles of a stream of durations, such as round-trip times: a histogram whose bins are 1/16 of
// an octave wide (4 %), and whose past fades by half every QUANTILE_FADE values. Integers only.
#pragma once

#include <stdint.h>

enum {
    QUANTILE_OCTAVES = 24,  // from 1 us to 16 s; outside counts as the nearest
    QUANTILE_BINS = QUANTILE_OCTAVES * 16,
    QUANTILE_FADE = 16384,
};

struct quantile {
    uint32_t total;
    uint16_t count[QUANTILE_BINS];
};

// A zeroed struct is empty.
void quantile_add(struct quantile *q, int64_t ns);
// The upper edge of the bin that holds the value below which lie `ppm` millionths of all: 500000 is
// the median, 999000 p99.9. 0 when there are none.
int64_t quantile_ns(const struct quantile *q, uint32_t ppm);
