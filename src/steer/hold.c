// SPDX-License-Identifier: ISC
#include "steer/hold.h"

static const int64_t hour_ns = 3600 * (int64_t)NS_PER_S;

static void fade(struct hold *hold, struct mono now)
{
    while (hold->failures > 0 && mono_since_ns(now, hold->clean_since) >= hour_ns) {
        hold->failures--;
        hold->clean_since = mono_add_ns(hold->clean_since, hour_ns);
    }
}

int64_t hold_length_ns(struct hold *hold, const struct net_steer *steer, struct mono now,
                       struct random *random)
{
    fade(hold, now);
    int64_t length = steer->hold_min_ns;
    for (uint32_t i = 0; i < hold->failures && length < steer->hold_max_ns; i++)
        length *= 2;
    if (length > steer->hold_max_ns)
        length = steer->hold_max_ns;
    return (int64_t)((double)length * (0.8 + 0.4 * random_unit(random)));
}

void hold_failed(struct hold *hold, struct mono now)
{
    fade(hold, now);
    hold->failures++;
    hold->clean_since = now;
}

uint32_t hold_recent(const struct hold *hold, struct mono now)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < STEER_ACTS_PER_HOUR_MAX && i < hold->act_count; i++)
        count += mono_since_ns(now, hold->acts[i]) < hour_ns;
    return count;
}

bool hold_allows(const struct hold *hold, struct mono now)
{
    return hold_recent(hold, now) < STEER_ACTS_PER_HOUR_MAX;
}

void hold_acted(struct hold *hold, struct mono now)
{
    hold->acts[hold->act_count++ % STEER_ACTS_PER_HOUR_MAX] = now;
}
