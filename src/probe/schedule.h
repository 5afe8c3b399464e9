// SPDX-License-Identifier: ISC
// What to send when. Every flow goes at its own rate, each gap with 20 % of jitter; after a loss it
// goes every 20 ms until 44 answers have outweighed it, more losses adding as many up to a bound
// (detection.md 2.5: while its S_4 > 0), out of what the caps of its path and its target leave
// over. In any second no path sends, and no target and no host that several targets are gets, more
// than its cap over all flows, and nobody sends more than asked for unless accelerated. Packets
// beside the flows' own count like them. Knows no packet and no clock.
#pragma once

#include "base/clock.h"
#include "base/region.h"

#include <stdbool.h>
#include <stdint.h>

#define SCHEDULE_NOBODY UINT32_MAX
#define SCHEDULE_JITTER 0.2                  // of a gap, either way
enum { SCHEDULE_FAST_NS = 20 * NS_PER_MS };  // after a loss
enum { SCHEDULE_SUSPICION = 44 };            // answers that outweigh one loss,
enum { SCHEDULE_HASTE = 13 };           // answers, when somebody wishes to know more: for 250 ms
enum { SCHEDULE_SUSPICION_MAX = 176 };  // and all: four, which raise the alarm of S_4

struct schedule_flow {  // as planned
    uint32_t path, target;
    int64_t interval_ns;
    int64_t phase_ns;  // of its first probe after a start
};

#define SCHEDULE_UNLIMITED UINT32_MAX

struct schedule_caps {
    uint32_t path_count, path_pps;  // probes in any second on each path, at least 1
    uint32_t target_count;
    const uint32_t *target_pps;  // to each target, at least 1, or SCHEDULE_UNLIMITED
    // Several targets may be one host: of each target the one that stands for its host, and what
    // such a host may get over all that it is. NULL: none is.
    const uint32_t *host_of, *host_pps;
    struct region *memory;  // for what is written all over; NULL: its own
};

struct schedule;

// NULL without memory.
struct schedule *schedule_new(const struct schedule_flow *flows, uint32_t flow_count,
                              const struct schedule_caps *caps, uint64_t seed);
void schedule_free(struct schedule *schedule);

// Begins, or begins afresh after a stall, so that flows are spread over time again.
void schedule_start(struct schedule *schedule, struct mono now);
// When schedule_take() may next give a flow; far away when there is none.
struct mono schedule_due(const struct schedule *schedule);
// A flow to send on now, counted as sent; SCHEDULE_NOBODY: nothing yet.
uint32_t schedule_take(struct schedule *schedule, struct mono now);
// Soon schedule_told() is called for it.
void schedule_fetch(const struct schedule *schedule, uint32_t flow);
// What became of a probe of the flow: a loss accelerates it, answers calm it.
void schedule_told(struct schedule *schedule, uint32_t flow, bool lost, struct mono now);
// The flow's next probes are wished for soon: they are accelerated as after a loss, but few.
void schedule_hasten(struct schedule *schedule, uint32_t flow, struct mono now);
// When there is room for a packet beyond the flows' own, as accelerated ones need; far away when
// there never is. SCHEDULE_NOBODY as the target: as far as the path goes.
struct mono schedule_spare_due(const struct schedule *schedule, uint32_t path, uint32_t target);
// One such packet is sent, for which there is room.
void schedule_spend_spare(struct schedule *schedule, uint32_t path, uint32_t target,
                          struct mono now);
// When there is room for a packet that is to expire on its way to a target. It may get there all
// the same: of what the target may be sent it takes the place of a flow's own.
struct mono schedule_trace_due(const struct schedule *schedule, uint32_t path, uint32_t target);
void schedule_spend_trace(struct schedule *schedule, uint32_t path, uint32_t target,
                          struct mono now);
