// SPDX-License-Identifier: ISC
// What clocks on walls show in a team's time zone: UTC and an offset that changes at known moments.
// Who knows those moments tells them; nothing is read here.
#pragma once

#include <stdint.h>

enum { ZONE_CHANGES_MAX = 24 };  // ten years of daylight saving

struct zone_change {
    int64_t at_s;  // UTC; from here on
    int32_t offset_s;
};

struct zone {  // all zero: UTC
    uint32_t count;
    struct zone_change changes[ZONE_CHANGES_MAX];  // in order; the first holds before it too
};

// Whatever was known from that moment on is forgotten: so a table may be told anew. The oldest
// makes room.
void zone_add(struct zone *zone, struct zone_change change);

// Local times are seconds as if they were UTC.
int64_t zone_local_s(const struct zone *zone, int64_t utc_s);
// The first moment at which the clock shows that time, or, where it leaps over it, a later one.
int64_t zone_utc_s(const struct zone *zone, int64_t local_s);
