// SPDX-License-Identifier: ISC
// Do packets arrive later than usual? The detector of the round-trip times of one path to one
// target (detection.md 2.9). Usual is learned: quantiles of what came, which follow slowly and
// stand still while something is suspected.
//
//   test     how many round trips exceed the 95 % quantile by a margin, and how many the 99 %: a
//            CUSUM bank each, within the budget of acts, and for half a second at least
//   kind     the floor rose (the least time of the flows concerned): another, longer way; or only
//            what varies above it did: a queue, congestion
//   over     Wald's test says that few exceed any more, for two seconds; or the new time has lasted
//            so long that it is the usual one now
//
// Where our own host was late (probe/lateness.h), what is later by no more than that is left out.
// Round trips of one flow that overlap or follow closely say the same thing, so each flow counts
// once in the longer of a round trip and 100 ms. Knows no clock; losses are none of its business.
#pragma once

#include "net/net.h"
#include "probe/sample.h"
#include "stat/cusum_book.h"
#include "stat/sprt.h"

#include <stdbool.h>

enum delay_kind { DELAY_REROUTED, DELAY_QUEUED, DELAY_KINDS };
enum delay_word {
    DELAY_BEGAN,
    DELAY_OTHERWISE,  // it is of the other kind than was said
    DELAY_OVER,       // back to usual
    DELAY_USUAL,      // it has become the usual
    DELAY_WORDS
};

enum { DELAY_LEVELS = 2, DELAY_RECENT = 64 };
enum { DELAY_TICK_LOG2 = 20 };  // of ns: 1.05 ms

struct delay_ask {
    double false_alarm_s;  // asked mean time between false alarms of this detector
    int64_t interval_ns;   // between its samples, all flows together, at the fastest
};

struct delay_rule {
    struct cusum_rule exceed[DELAY_LEVELS];
};

struct delay_recent {  // 16 bytes: there is a ring of them for each path and target
    int64_t sent_ns;
    uint32_t rtt_ns;  // at most 4.3 s
    uint16_t flow;
    bool exceeds;  // the lower level
};

// Levels: 95 % and 99 %.
struct delay_usual {
    int64_t quantile_ns[DELAY_LEVELS];
    int64_t median_ns, deviation_ns;  // half of all are no further from the median
    int64_t high_ns;                  // 90 % quantile
    int64_t floor_ns;                 // the least of a second, in the mean
    int64_t since_ns;                 // when it was first known, of what was sent before
    int64_t second_ns, least_ns;      // that began there, and the least since
    uint32_t second_count;
};

// What each sample needs comes first.
struct delay {
    uint32_t path, target;
    uint64_t count;  // of all samples; the latest are in the ring
    struct delay_usual usual;
    struct cusum_bank bank[DELAY_LEVELS];
    bool shifted;
    enum delay_kind kind;
    struct cusum_trail trail[DELAY_LEVELS];
    int64_t began_ns, exceeded_ns;  // the latter: when the last that exceeds was sent
    uint32_t otherwise;             // samples in a row that speak for the other kind
    struct sprt back;
    int64_t back_since_ns;   // when the evidence against that was highest,
    double back_since_nats;  // and how high
    struct delay_recent recent[DELAY_RECENT];
    uint32_t next[NET_FLOWS_MAX];  // earliest sample of each flow that counts again, in ticks
};

// What is said, with its numbers.
struct delay_shift {
    enum delay_word word;
    enum delay_kind kind;
    uint32_t path, target;
    struct mono at, began_at;
    int64_t before_ns, after_ns;  // floors, or what nine of ten round trips stay below
    uint32_t samples, exceeding;  // since `began_at`, of the latest 64
    uint32_t flows, flows_exceeding;
    uint32_t millinats, asked_millinats;  // evidence, of what was asked for
};

struct delay_tally {
    uint32_t samples, exceeding;
};

// False when what is asked has no rule.
bool delay_rule_init(struct delay_rule *rule, const struct delay_ask *ask, struct cusum_book *book);
void delay_init(struct delay *delay, uint32_t path, uint32_t target);
// Takes one sample of its path and target, around which our own loop was so late; true when that
// makes it say something, in `out`.
bool delay_add(struct delay *delay, const struct delay_rule *rule, const struct sample *sample,
               int64_t own_late_ns, struct delay_shift *out);
// Adds its latest samples since then, whether or not anything was said of them. False: what is
// usual was not known before, so that they tell nothing.
bool delay_count(const struct delay *delay, int64_t since_ns, struct delay_tally *tally);
