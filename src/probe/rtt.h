// SPDX-License-Identifier: ISC
// How long answers usually take, and so how long to wait for one: a histogram in steps of a
// sixteenth of an octave that forgets slowly, 0.8 kB. Late answers belong in it, or a path that
// became slower would look lossy for ever.
#pragma once

#include "base/region.h"

#include <stdint.h>

enum { RTT_BUCKETS = 384 };

struct rtt_place {  // where a quantile lies
    uint32_t bucket;
    uint32_t below, here;  // counts in the buckets before it, and in it
};

// What each answer needs but for its own count lies in one line of a processor's caches.
struct rtt {
    uint16_t counts[RTT_BUCKETS];
    _Alignas(REGION_LINE_BYTES) uint32_t total;  // added
    struct rtt_place p50, p999;
    int64_t p50_ns, p999_ns;
};

void rtt_add(struct rtt *rtt, int64_t ns);
// p99.9 + 4 (p99.9 - p50), within the limits; the upper one while too little is known.
int64_t rtt_timeout_ns(const struct rtt *rtt, int64_t min_ns, int64_t max_ns);
