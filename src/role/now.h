// SPDX-License-Identifier: ISC
// The two clocks, read: once per turn of a loop, then handed down.
#pragma once

#include "base/clock.h"

#include <time.h>

static inline int64_t now_of(clockid_t clock)
{
    struct timespec at;
    clock_gettime(clock, &at);
    return at.tv_sec * (int64_t)NS_PER_S + at.tv_nsec;
}

static inline struct mono now_mono(void)
{
    return (struct mono){now_of(CLOCK_MONOTONIC)};
}

static inline struct wall now_wall(void)
{
    return (struct wall){now_of(CLOCK_REALTIME)};
}
