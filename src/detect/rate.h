// SPDX-License-Identifier: ISC
// What became of the probes of one path in some seconds: what is kept when the samples are gone.
#pragma once

#include "probe/sample.h"
#include "stat/quantile.h"

enum { RATE_S = 10 };

struct rate {
    uint32_t path;
    uint32_t ok, lost;                           // what tells nothing is in neither
    uint32_t lost_forward, lost_reverse;         // where a reflector that counts told
    int64_t rtt_p50_ns, rtt_p90_ns, rtt_p99_ns;  // of the ok ones, to 6 %; 0: none
};

// A zeroed one is empty.
struct rate_sum {
    struct rate rate;
    struct quantile rtts;
};

// One that came late was lost before; what it tells of directions is news.
void rate_add(struct rate_sum *sum, const struct sample *sample);
struct rate rate_of(const struct rate_sum *sum, uint32_t path);
