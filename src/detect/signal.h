// SPDX-License-Identifier: ISC
// What a detector says of a path, with the numbers that made it say so. The same struct feeds the
// log, the recording, the status page and the engine: there is one truth. Integers only, so that a
// recording replays to the same bytes.
#pragma once

#include "base/clock.h"

#include <stdint.h>

enum signal_kind {
    SIGNAL_SUSPECT,    // the CUSUM bank alarmed: cheap, may be wrong once a day
    SIGNAL_CONFIRMED,  // more than harmless bursts explain: wrong less than once in ten years
    SIGNAL_CLEAR,      // good again
    SIGNAL_SILENT,     // no usable sample for too long: never "no problem", never a reason to move
    SIGNAL_HEARD,      // usable samples again
    SIGNAL_KINDS
};

struct detect_evidence {
    uint32_t samples, lost, voided;       // scored since `began_at`
    uint32_t lost_forward, lost_reverse;  // of those lost, where a stateful reflector told
    uint32_t targets_lossy, targets;
    uint32_t flows_lossy, flows;
    uint32_t loss_ppm;          // lost / samples
    uint32_t member_ppm;        // the bank's member that alarmed: tuned to this loss rate
    uint32_t score, threshold;  // of that member, on its integer lattice
    uint32_t burst_millinats, burst_threshold_millinats;  // against "a harmless burst"
    int64_t span_ns;                                      // from the first to the last loss
    int64_t rtt_p50_ns;
    // What was asked: one false alarm as sure as this in so long, of the whole system; and what was
    // taken for harmless: that share of probes, and bursts so long and so far apart in the mean.
    int64_t asked_s;
    uint32_t normal_ppm;
    int64_t burst_mean_ns, burst_apart_ns;
};

struct signal {
    enum signal_kind kind;
    uint32_t path;         // index, see net_path()
    struct mono at;        // when it was said
    struct mono began_at;  // most likely start of the change: send time of its first probe
    struct detect_evidence evidence;
};
