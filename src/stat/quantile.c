// SPDX-License-Identifier: ISC
#include "stat/quantile.h"

enum {
    SUB_BITS = 4,    // 16 bins an octave
    UNIT_BITS = 10,  // the first octave begins at 2^10 ns
};

static uint32_t bin_of(int64_t ns)
{
    uint64_t value = ns < 1 << UNIT_BITS ? 1 << UNIT_BITS : (uint64_t)ns;
    uint32_t octave = 63 - (uint32_t)__builtin_clzll(value) - UNIT_BITS;
    if (octave >= QUANTILE_OCTAVES)
        return QUANTILE_BINS - 1;
    uint32_t sub = value >> (octave + UNIT_BITS - SUB_BITS) & ((1 << SUB_BITS) - 1);
    return octave << SUB_BITS | sub;
}

static int64_t upper_edge_ns(uint32_t bin)
{
    uint32_t octave = bin >> SUB_BITS, sub = bin & ((1 << SUB_BITS) - 1);
    return (int64_t)(sub + (1 << SUB_BITS) + 1) << (octave + UNIT_BITS - SUB_BITS);
}

static void fade(struct quantile *q)
{
    q->total = 0;
    for (uint32_t i = 0; i < QUANTILE_BINS; i++) {
        q->count[i] /= 2;
        q->total += q->count[i];
    }
}

void quantile_add(struct quantile *q, int64_t ns)
{
    q->count[bin_of(ns)]++;
    if (++q->total >= QUANTILE_FADE)
        fade(q);
}

int64_t quantile_ns(const struct quantile *q, uint32_t ppm)
{
    if (q->total == 0)
        return 0;
    uint64_t rank = ((uint64_t)q->total * ppm + 999999) / 1000000, below = 0;
    uint32_t bin = 0;
    for (; bin < QUANTILE_BINS - 1; bin++) {
        below += q->count[bin];
        if (below >= rank && below > 0)
            break;
    }
    return upper_edge_ns(bin);
}
