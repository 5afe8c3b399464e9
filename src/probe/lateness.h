// SPDX-License-Identifier: ISC
// How late our own loop ran lately. A host whose processors are taken is late to answer timers, and
// as late to pass on packets, in either direction, before the kernel dates them: what packets seem
// to take longer by no more than that says nothing of the network. Knows no clock.
#pragma once

#include "base/clock.h"

enum {
    LATENESS_SLOTS = 4,
    LATENESS_SLOT_MS = 250,
    LATENESS_NS_MIN = 2 * NS_PER_MS,  // what timers of whole milliseconds are late at any rate
};

// A zeroed struct was never late.
struct lateness {
    struct {
        int64_t number, worst_ns;  // of the slot: since the clock's zero
    } slots[LATENESS_SLOTS];
};

// Our loop ran so much later than it should have.
void lateness_note(struct lateness *lateness, int64_t late_ns, struct mono now);
// The worst of the last second; 0: it ran in time.
int64_t lateness_worst_ns(const struct lateness *lateness, struct mono now);
