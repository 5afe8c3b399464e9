// SPDX-License-Identifier: ISC
#include "probe/clock_watch.h"

enum {
    STEP_MIN_NS = 1 * NS_PER_MS,  // two clocks are not read at the same moment
    SLEW_PER_THOUSAND = 1,        // beside what adjtime(3) may (500 ppm) and some
};

void clock_watch_init(struct clock_watch *watch, struct mono now, struct wall wall)
{
    *watch = (struct clock_watch){.ahead_ns = wall.ns - now.ns, .read_at = now};
}

int64_t clock_watch_stepped_ns(struct clock_watch *watch, struct mono now, struct wall wall)
{
    int64_t ahead_ns = wall.ns - now.ns, moved_ns = ahead_ns - watch->ahead_ns;
    int64_t passed_ns = mono_since_ns(now, watch->read_at);
    watch->ahead_ns = ahead_ns;
    watch->read_at = now;
    int64_t size_ns = moved_ns < 0 ? -moved_ns : moved_ns;
    return size_ns > STEP_MIN_NS + passed_ns / 1000 * SLEW_PER_THOUSAND ? moved_ns : 0;
}
