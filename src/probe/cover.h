// SPDX-License-Identifier: ISC
// Which flows to keep as sentinels: few, and together through every bucket that was found, by
// greedy set cover (Chvátal (1979): at most ln n times as many as the best choice). With 64 buckets
// 64 flows instead of the 557 that chance would need (detection.md 1.5).
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { COVER_BUCKETS_MAX = 512 };

struct cover_flow {  // the buckets that it passes
    uint64_t bits[COVER_BUCKETS_MAX / 64];
};

static inline void cover_add(struct cover_flow *flow, uint32_t bucket)
{
    flow->bits[bucket / 64] |= (uint64_t)1 << bucket % 64;
}

static inline bool cover_has(const struct cover_flow *flow, uint32_t bucket)
{
    return flow->bits[bucket / 64] >> bucket % 64 & 1;
}

// Chooses `want` of the flows, or all when they are fewer, into `chosen`; how many. Of equals the
// first, so those that are sentinels already should come first. Once all buckets are covered the
// rest is spread over them evenly. `missed`: buckets with a flow, but none chosen.
uint32_t cover_choose(const struct cover_flow *flows, uint32_t count, uint32_t want,
                      uint32_t *chosen, uint32_t *missed);
