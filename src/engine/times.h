// SPDX-License-Identifier: ISC
// Times of a recording or a store, which may be damaged: sums of them must not overflow.
#pragma once

#include <stdint.h>

#define ENGINE_TIME_MAX_NS (INT64_MAX / 4)  // 73 years of uptime

static inline int64_t engine_bounded_ns(int64_t ns)
{
    return ns > ENGINE_TIME_MAX_NS    ? ENGINE_TIME_MAX_NS
           : ns < -ENGINE_TIME_MAX_NS ? -ENGINE_TIME_MAX_NS
                                      : ns;
}
