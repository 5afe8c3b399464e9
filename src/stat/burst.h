// SPDX-License-Identifier: ISC
// Tells an outage from harmless bursts of loss (detection.md 2.7). Harmless is: each probe lost
// with at most the normal probability, and total loss in bursts that begin at most at a given rate
// and last exponentially with at most a given mean. Two kinds of evidence are kept:
//
//   starts  a loss right after an answer: a burst begins only so often, however long it lasts, so a
//           CUSUM bank over the probes that follow an answer needs no idea of lengths;
//   run     a total loss that lasts: each moment more divides its probability by e^(time / mean).
//
// Partial loss interleaves answers and losses and shows in the starts within some 20 probes; total
// loss shows in the run after about D = mean * ln(rate * asked interval).
#pragma once

#include "stat/cusum_book.h"

struct burst_ask {
    uint32_t loss_normal_ppm;
    int64_t mean_ns;          // mean length of a harmless burst
    int64_t apart_ns;         // mean time from one harmless burst to the next
    int64_t interval_ns;      // between probes, at the usual rate
    int64_t interval_min_ns;  // between probes, at the fastest
    double false_alarm_s;     // asked mean time between false alarms
};

struct burst_rule {
    struct cusum_rule starts;
    double loss_normal;  // probability
    double mean_ns, begin_per_ns;
    double run_threshold;  // nats
    int64_t gap_max_ns;    // after a longer one nothing is known of how a loss began
};

struct burst {
    struct cusum_bank starts;
    double run_score;       // nats, at the last answer
    double normal, inside;  // weight of "no burst now" and "in a burst", since the last answer
    uint32_t losses;        // since
    int64_t last_ns;
    bool any, last_lost;
};

struct burst_evidence {
    uint32_t millinats, threshold_millinats;  // of the kind of evidence nearest to its threshold
};

bool burst_rule_init(struct burst_rule *rule, const struct burst_ask *ask, struct cusum_book *book);
void burst_init(struct burst *burst);
// Adds one result, in order of sending; true while the evidence is at its threshold.
bool burst_add(struct burst *burst, const struct burst_rule *rule, bool lost, int64_t sent_ns);
// The same where a burst may hit some of what is pooled and not the rest: then an answer just
// before does not make a loss a start, nor does any answer end a burst, and the caller says which
// results can be one or the other.
struct burst_result {
    bool lost, may_start, may_end;
    int64_t sent_ns;
};
bool burst_add_part(struct burst *burst, const struct burst_rule *rule,
                    const struct burst_result *result);
struct burst_evidence burst_evidence(const struct burst *burst, const struct burst_rule *rule);
