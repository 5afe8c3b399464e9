// SPDX-License-Identifier: ISC
// Do our packets leave when we send them? What waits in a queue of our own is late by our doing,
// and what vanishes there is not lost by anybody else. So of each path a packet now and then is
// asked of: the kernel tells when it handed it to the device. Not every device does; then nothing
// is in doubt. Knows no clock.
#pragma once

#include "base/clock.h"

#include <stdbool.h>

enum {
    DEPARTURE_EVERY_MS = 50,          // one is asked of
    DEPARTURE_LATE_MS = 10,           // what any queue of a busy host may hold
    DEPARTURE_UNTOLD_MS = 1000,       // then it is not told at all,
    DEPARTURE_UNTOLD_LATE_MS = 4000,  // and of a queue that grew before
};

// A zeroed struct has asked of none.
struct departure {
    struct mono asked_at;  // when the last one asked of was sent
    struct mono late_at;   // when one was told to have left late
    bool waits, is_told;   // of that one, nothing is known yet; they are told here
};

// Whether the next packet is one to ask of.
bool departure_is_due(const struct departure *departure, struct mono now);
void departure_asked(struct departure *departure, struct mono sent_at);
// One left; the last one, or one before it. How late it was, as far as that is known.
int64_t departure_told(struct departure *departure, struct mono left_at, struct mono now);
// What seems lost now may not have left in time.
bool departure_is_in_doubt(const struct departure *departure, struct mono now);
