// SPDX-License-Identifier: ISC
// What is known of every path by its tallies and signals: how it is, since when, how much it loses,
// and how that compares with the other ways to the same targets. Everything ages: what was not
// confirmed lately is no knowledge.
#pragma once

#include "detect/relative.h"
#include "detect/signal.h"
#include "detect/window.h"
#include "engine/event.h"

enum {
    WATCH_FRESH_MS = 1000,  // no tally for longer: nothing is known of now
    WATCH_RECENT_S = 10,    // what "now" means for a loss that has been standing for a while
    WATCH_HALF_S = 4,
    WATCH_TALLY_MAX = 1000 * 1000,  // samples in one tally that are believed
    WATCH_REVERSE_MIN = 5,          // losses in one direction that tell
    WATCH_GREAT_PPM = 100 * 1000,  // of a smaller loss a way that is moved to must have been spared
};

#define WATCH_ALIKE 0.003  // chance of so few losses there, were they as many as here: not alike

// What became of a target's probes on a path lately: halved every WATCH_HALF_S.
struct watch_cell {
    int64_t period;
    uint32_t ok, lost, voided;
    uint32_t lost_forward, lost_reverse;  // as far as reflectors counted
};

enum watch_state { WATCH_GOOD, WATCH_SUSPECT, WATCH_CONFIRMED };

struct watch_path {
    enum watch_state state;
    bool silent;                              // a detector said so
    bool heard;                               // any usable sample ever
    struct mono usable_at;                    // the last tally with usable samples
    struct mono lost_at;                      // the last tally with a loss
    struct mono good_since;                   // neither confirmed nor silent since
    struct mono told_at[NET_TARGETS_MAX];     // last tally of each target,
    uint32_t counted;                         // targets of which any counted: set of bits,
    struct mono counted_at[NET_TARGETS_MAX];  // and when last
    struct signal bad;                        // the last confirmation, with its evidence
    int64_t rtt_p50_ns;
    struct window window;
    struct watch_cell cells[NET_TARGETS_MAX];
    struct window_sum totals[NET_TARGETS_MAX];  // ever, modulo 2^32
};

struct watch {
    const struct net *net;
    uint32_t as_routed;   // the first path that is no upstream's
    bool told;            // any tally ever
    struct mono told_at;  // last tally of any path, usable or not: the prober lives
    bool lagged;          // see watch_lagged()
    struct mono lagged_at;
    struct mono usable_at;                 // last tally of any path with usable samples
    struct mono well_at[NET_TARGETS_MAX];  // when a target last answered most, on any upstream
    struct watch_path paths[NET_PATHS_MAX];
    struct relative relative;
};

// Of a zeroed struct.
void watch_init(struct watch *watch, const struct net *net);
// The previous tally of this path and target came at `*before`: the tally counts what followed.
void watch_tally(struct watch *watch, struct mono now, const struct event_tally *tally,
                 struct mono *before);
// The engine was stopped, or the prober: what comes next counts what became of packets since then,
// and is no knowledge of now. For WATCH_FRESH_MS tallies tell only that the prober lives.
void watch_lagged(struct watch *watch, struct mono now);
void watch_signal(struct watch *watch, struct mono now, const struct signal *signal);

// Usable samples arrive.
bool watch_is_fresh(const struct watch *watch, uint32_t path, struct mono now);
// Nothing is missing: the prober tells, and the detector, who knows how often the path is asked,
// does not call it silent. Few probes may be further apart than what is fresh.
bool watch_is_heard(const struct watch *watch, uint32_t path, struct mono now);
// The target's results count on this path: it can tell of what becomes of packets.
bool watch_hears(const struct watch *watch, uint32_t path, uint32_t target, struct mono now);
// Something was lost lately: detectors need some time to be sure that a loss is over.
bool watch_is_losing(const struct watch *watch, uint32_t path, struct mono now);
// Nothing is known against it, and samples arrive.
bool watch_is_good(const struct watch *watch, uint32_t path, struct mono now);
// Good for as long as the configuration asks (S13).
bool watch_is_proven(const struct watch *watch, uint32_t path, struct mono now);
// Lately, with cautious bounds, or without.
struct window_loss watch_loss_recent(const struct watch *watch, uint32_t path, struct mono now);
uint32_t watch_ppm_recent(const struct watch *watch, uint32_t path, struct mono now);
// Of a path that was confirmed bad, since then and lately: what it loses, and at least.
struct watch_bad {
    uint32_t loss_ppm, low_ppm;
};
struct watch_bad watch_loss_bad(const struct watch *watch, uint32_t path, struct mono now);
// Reflectors counted lately that what it loses is lost on the way back.
bool watch_loses_in_reverse(const struct watch *watch, uint32_t path, struct mono now);
// They counted a part of it, a tenth at least, there.
bool watch_loses_back(const struct watch *watch, uint32_t path, struct mono now);
// The first of the way out.
bool watch_loses_forward(const struct watch *watch, uint32_t path, struct mono now);
// Whether what it lost since `bad` began to lose can hardly be as much as is lost there: how it was
// before says nothing of what hit both.
bool watch_is_spared(const struct watch *watch, uint32_t path, uint32_t bad, struct mono now);
// Whether what it was asked since then, or lately, tells of it. Its detector has no doubts where
// our own side cannot vouch for what seems lost (I7), unless even with all of that it would lose
// less than `low_ppm`; nor before its losses are known, where answers take longer than on `bad`.
bool watch_is_known(const struct watch *watch, uint32_t path, uint32_t bad, uint32_t low_ppm,
                    struct mono now);
// Of a good one, over the time for which it had to be good: what it loses at most.
uint32_t watch_high_ppm_good(const struct watch *watch, uint32_t path, struct mono now);
// What became lately of the probes of this target: halved every WATCH_HALF_S.
struct watch_cell watch_cell_recent(const struct watch *watch, uint32_t path, uint32_t target,
                                    struct mono now);
// The share of samples that tell nothing, beside targets of which none does: the prober's own
// trouble (I7).
uint32_t watch_void_percent(const struct watch *watch, struct mono now);
// Targets that have turned bad on every upstream within the last minute (S12).
uint32_t watch_targets_turned(const struct watch *watch, struct mono now);
// When a probe sent now would be known as lost, at the latest, as far as round trips tell.
int64_t watch_timeout_ns(const struct watch *watch, uint32_t path);
