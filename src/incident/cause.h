// SPDX-License-Identifier: ISC
// Why something is broken: every fact that could be the cause, and what tells of itself by no fact
// (a provider, its unannounced work, something nobody thought of), each with its log Bayes factor,
// term by term (detection.md section 5):
//
//   ln f(how long before) / rate  +  ln sum P(part) [it hits the part] / share of the network it
//   hits  +  ln prior
//
// A change that explains an alarm that explains the loss has the sum of both.
#pragma once

#include "incident/fact.h"

enum cause_kind {
    CAUSE_CHANGE,
    CAUSE_MAINTENANCE,
    CAUSE_FAILURE,      // of a device, as its alarm tells
    CAUSE_PROVIDER,     // an upstream's network, about which nothing is known here
    CAUSE_UNANNOUNCED,  // its maintenance that it told nobody of
    CAUSE_UNKNOWN,
    CAUSE_KINDS
};

enum {
    CAUSES_MAX = 8,        // that are kept: the likeliest
    CAUSE_PARTS_MAX = 48,  // of what is broken
};
#define CAUSE_SURE 0.9    // from here on it is called the cause,
#define CAUSE_LIKELY 0.5  // from here on likely

// What is broken, as far as it is known.
struct cause_part {
    uint32_t node;  // of nodes.h
    double share;   // how likely it is what is at fault; all together 1
};

struct symptoms {
    struct mono onset;  // of the loss; where nothing is lost, of the first alarm
    double onset_sigma_s;
    bool lost;      // packets are; else alarms are all there is
    double minute;  // of the onset in its hour, 0 to 60; negative: unknown
    uint32_t part_count;
    struct cause_part parts[CAUSE_PARTS_MAX];
};

struct cause {
    enum cause_kind kind;
    uint32_t fact;      // CAUSE_CHANGE to CAUSE_FAILURE: its id
    uint32_t via;       // the id of an alarm that it explains, and that explains the rest; 0: none
    uint32_t upstream;  // CAUSE_PROVIDER, CAUSE_UNANNOUNCED
    double time_nats, place_nats, prior_nats;
    double fit_nats;    // against it: what hangs on it and is well, what is hit and does not
    double chain_nats;  // of `via`, and of sessions that fell with the loss: their time and place
    double again_nats;  // that the same came of it elsewhere too
    double odd_nats;    // that it broke just where it is odd
    double nats;        // the sum
    double share;       // of all causes: a probability
};

struct causes {
    uint32_t count;                  // at least one: unknown
    struct cause items[CAUSES_MAX];  // the likeliest first
};

extern const char *const cause_kind_names[CAUSE_KINDS];

// Only facts that were told by `now`.
void causes_rank(const struct facts *facts, const struct symptoms *symptoms, struct causes *causes);
// "crash of l2ald on ca1".
void fact_say(const struct facts *facts, const struct fact *fact, struct words *words);
// "change by anna on ca1, ca2, 2 s before a crash on ca1 (cause, 99.9 %)".
void cause_say(const struct facts *facts, const struct cause *cause,
               const struct symptoms *symptoms, struct words *words);

// Densities a second of what comes `s` seconds before what it causes.
double cause_change_density(double s, double sigma_s);
double cause_alarm_density(double s, enum fact_kind kind, bool standing);
