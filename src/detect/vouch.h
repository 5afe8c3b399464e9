// SPDX-License-Identifier: ISC
// Whether our own side can vouch for what it measures: how many samples are void and why, and
// whether our own process ran. A prober that is stalled, starved or overloaded says so of itself
// here; of the network it says nothing with those samples (probe/sample.h). Counts over ten
// seconds; told when one in a hundred is void, and five at least, or when we stood still for longer
// than any busy host's scheduler explains; over when that is ten seconds past.
#pragma once

#include "detect/notice.h"
#include "probe/sample.h"

enum { VOUCH_SECONDS = 10 };

struct vouch_second {
    int64_t number;  // of the second, on the monotonic clock
    uint32_t samples, voided[SAMPLE_VOID_REASONS];
    int64_t stall_ns;  // the longest
};

struct vouch {
    struct vouch_second seconds[VOUCH_SECONDS];
    bool raised, looks_soon;  // looks_soon: since a stall; more of them do not put it off
    struct mono since, told_at, look_at;
};

// A zeroed struct has seen nothing.
void vouch_sample(struct vouch *vouch, const struct sample *sample, struct mono now);
// Our loop ran so much later than it should have.
void vouch_stall(struct vouch *vouch, int64_t late_ns, struct mono now);
// Time passes; call some times a second. True: `notice` is to be told.
bool vouch_tick(struct vouch *vouch, struct mono now, struct notice *notice);
