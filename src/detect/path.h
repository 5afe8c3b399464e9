// SPDX-License-Identifier: ISC
// The detector of one path: pools the samples of all its flows and targets, in order of sending,
// and says when loss rose (suspect, then confirmed), fell (clear), or can no longer be judged
// (silent, heard).
//
//   suspect    the CUSUM bank alarmed: independent losses would do so as often as the budget of
//              suspicions allows (detect/budget.h)
//   confirmed  also more than harmless bursts explain (stat/burst.h), at two targets at least
//              unless only one is alive: over all paths as often as the budget of acts allows
//   clear      Wald's test says the loss is back to normal, and no loss for half a second
//   silent     no usable sample for the longer of one second and ten probe intervals
//
// Verdicts may come in any order. An answer is known at once and a loss only after its time-out, so
// each sample is put where it was sent and what was sent after it is scored again: the result never
// depends on the order of verdicts. That costs no time: only a loss can raise an alarm, and when it
// is known so is everything sent before it. A late answer turns its loss into an answer likewise.
//
// What is normal and harmless is learned meanwhile (detect/harmless.h), and the rules are made anew
// in a calm moment when that has changed.
//
// A target that loses while all others are clean is that target's affair: it is set aside until it
// is clean again, and the path is judged by the others.
#pragma once

#include "detect/harmless.h"
#include "detect/history.h"
#include "detect/signal.h"
#include "net/net.h"
#include "probe/sample.h"
#include "stat/burst.h"
#include "stat/cusum_book.h"
#include "stat/quantile.h"
#include "stat/sprt.h"

#include <stdbool.h>

enum detect_state { DETECT_GOOD, DETECT_SUSPECT, DETECT_CONFIRMED };

// Everything that scoring changes, so that it can be taken back and done again.
struct detect_score {
    struct cusum_bank bank;
    struct cusum_trail trail;
    struct burst burst;
    uint32_t alarmed;                 // set of members that alarmed since the last clear,
    int64_t began_ns[CUSUM_MEMBERS];  // and where each says the change began
    bool outlasts;                    // more than harmless bursts explain, since then,
    struct burst_evidence outlasts_with;
};

struct detect_target {
    struct mono usable_at;
    bool heard, aside;
    struct sprt back;  // of one set aside: is it clean again?
};

struct detect_path {
    uint32_t path;
    enum detect_state state;
    bool started, silent;
    const struct net *net;
    struct cusum_book *book;
    struct harmless harmless;  // what the rules are made for
    struct harmless_learner learner;
    uint64_t disturbed_to;  // of history: what was sent before is not all learned of, and suspect
    struct mono calm_since, ruled_at;
    int64_t interval_ns;                   // between probes, at the usual rate
    int64_t suspect_asked_s, act_asked_s;  // between false alarms, of the whole system
    int64_t silence_ns;
    struct cusum_rule bank_rule;
    struct burst_rule burst_rule;
    struct detect_score base, now;  // before position `floor`; at present,
    bool behind;                    // but for answers that can only lower it
    uint64_t floor;                 // of history: scored again from here, which is
    uint32_t reorder_max;           // that many samples at most: those sent in the longest time-out
    struct history history;
    struct detect_target targets[NET_TARGETS_MAX];
    struct mono usable_at;     // when the last usable sample was known
    struct mono lost_sent_at;  // when the last lost one was sent
    struct sprt clear;         // is the path clean again?
    struct mono clear_since;   // when the evidence against that was highest,
    double clear_since_nats;   // and how high
    struct quantile rtt;
};

// False when the configuration asks for a rule that cannot be solved. `net` and `book` are
// lent and must outlive it. About 66 kB: keep on the heap.
bool detect_path_init(struct detect_path *d, const struct net *net, uint32_t path,
                      struct cusum_book *book);
void detect_path_fetch(const struct detect_path *d, uint32_t target);  // soon a sample comes
// Takes one sample of this path; true when that makes the detector say something, in `out`.
bool detect_path_sample(struct detect_path *d, const struct sample *sample, struct signal *out);
// Time passes; call at least ten times a second. True as above.
bool detect_path_tick(struct detect_path *d, struct mono now, struct signal *out);
// Whether the target's results are its own affair at present, not the path's.
bool detect_path_has_aside(const struct detect_path *d, uint32_t target);
// Whether a recent loss makes it worth to probe the whole path faster (detection.md 2.5).
bool detect_path_quickens(struct detect_path *d);
