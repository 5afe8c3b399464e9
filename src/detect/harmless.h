// SPDX-License-Identifier: ISC
// What is harmless on a path: how many of its probes are lost one by one, and bursts of total loss,
// how long and how far apart. Configured, or learned from what the path does while nobody suspects
// it of anything worse (detection.md 2.4, 2.7):
//
//   losses   in runs of one or two, per probe: an upper bound, put up to the next of a few steps
//   bursts   runs of three and more: how long they last after the third probe (what is exponential
//            does not remember the first two), and how often they begin: upper bounds of both
//
// Bounds are of 99 %. What is learned fades with a week or so. Slow harm can teach it: so nothing
// is learned from time under suspicion, no outage that was confirmed, and at most ten times the
// bursts that are configured.
#pragma once

#include "net/net.h"

#include <stdbool.h>
#include <stdint.h>

struct harmless {
    uint32_t loss_ppm;
    int64_t burst_mean_ns, burst_apart_ns;
};

enum {
    HARMLESS_PROBES_MIN = 100 * 1000,  // before losses are known,
    HARMLESS_BURSTS_MIN = 16,          // and bursts
    HARMLESS_FACTOR_MAX = 10,          // that configured bursts may grow by, and come oftener
    HARMLESS_LASTS_MS_MIN = 500,       // an outage, however short the bursts that were learned
};

// Sums; `time_ns` is that of the probes, of which `lost` were lost one by one.
struct harmless_sums {
    double probes, lost, time_ns;
    double bursts, burst_ns, third_ns;  // after the third probe, and until it
};

struct harmless_learner {
    struct harmless_sums known, pending;
    bool disturbed;  // something was suspected since the last take
    bool any;
    uint32_t run;                       // losses in a row until now
    int64_t last_ns, run_ns, third_ns;  // of the last probe; of the run's first and third
};

struct harmless harmless_configured(const struct net *net);
bool harmless_is_equal(const struct harmless *a, const struct harmless *b);

// A zeroed learner knows nothing. Adds one result, in order of sending.
void harmless_add(struct harmless_learner *learner, bool lost, int64_t sent_ns);
// Something is suspected: single losses since the last take are not counted.
void harmless_disturb(struct harmless_learner *learner);
// It was real: nothing since the last take counts.
void harmless_drop(struct harmless_learner *learner);
// It was calm for a while: what was added counts.
void harmless_take(struct harmless_learner *learner);

// What holds now, by what is configured, `net->detect.learn` and what is known. `act_s` is the
// asked time between false alarms of the path.
struct harmless harmless_now(const struct harmless_learner *learner, const struct net *net,
                             double act_s);
