// SPDX-License-Identifier: ISC
// Two clocks, two types, so that mixing them does not compile. Neither is read here: the roles read
// a clock once per turn of their loop and hand it down.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct mono {  // CLOCK_MONOTONIC: for every decision
    int64_t ns;
};

struct wall {  // CLOCK_REALTIME: for records that people read
    int64_t ns;
};

enum { NS_PER_US = 1000, NS_PER_MS = 1000 * 1000, NS_PER_S = 1000 * 1000 * 1000 };

static inline struct mono mono_add_ns(struct mono at, int64_t ns)
{
    return (struct mono){at.ns + ns};
}

static inline struct mono mono_add_ms(struct mono at, int64_t ms)
{
    return (struct mono){at.ns + ms * NS_PER_MS};
}

// Nanoseconds from `earlier` to `later`; negative when they are the other way round.
static inline int64_t mono_since_ns(struct mono later, struct mono earlier)
{
    return later.ns - earlier.ns;
}

static inline bool mono_reached(struct mono now, struct mono deadline)
{
    return now.ns >= deadline.ns;
}
