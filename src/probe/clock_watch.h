// SPDX-License-Identifier: ISC
// Whether the wall clock was stepped: it then moves against the monotonic one by more than it may
// be slewed. What was timed by it meanwhile is void. Reads no clock.
#pragma once

#include "base/clock.h"

struct clock_watch {
    int64_t ahead_ns;  // the wall clock less the monotonic one, at the last reading
    struct mono read_at;
};

void clock_watch_init(struct clock_watch *watch, struct mono now, struct wall wall);
// How far it was stepped since the last reading, in either direction: 0: it was not.
int64_t clock_watch_stepped_ns(struct clock_watch *watch, struct mono now, struct wall wall);
