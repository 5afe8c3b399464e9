// SPDX-License-Identifier: ISC
// How often something may happen: `burst` times at once, and then once in `interval_ns`. One number
// of state (the generic cell rate algorithm, ITU-T I.371); zeroed, all of the burst is there.
#pragma once

#include "base/clock.h"

struct web_rate {
    int64_t interval_ns;
    int64_t burst;
};

struct web_bucket {
    struct mono full_at;  // when it is as if nothing had ever happened
};

// How long until it may happen; 0: now.
static inline int64_t web_bucket_wait_ns(const struct web_bucket *bucket, struct web_rate rate,
                                         struct mono now)
{
    int64_t owed = mono_since_ns(bucket->full_at, now) - (rate.burst - 1) * rate.interval_ns;
    return owed > 0 ? owed : 0;
}

// It happens.
static inline void web_bucket_take(struct web_bucket *bucket, struct web_rate rate, struct mono now)
{
    if (mono_reached(now, bucket->full_at))
        bucket->full_at = now;
    bucket->full_at = mono_add_ns(bucket->full_at, rate.interval_ns);
}

// It did not count after all.
static inline void web_bucket_give(struct web_bucket *bucket, struct web_rate rate)
{
    bucket->full_at = mono_add_ns(bucket->full_at, -rate.interval_ns);
}
