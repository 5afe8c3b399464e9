// SPDX-License-Identifier: ISC
// What becomes of samples: detectors hear them, the engine what these say, and sums.
#pragma once

#include "role/probe.h"

// What became of a probe. The detectors hear of sentinels alone.
void probe_tell(struct probe_role *r, const struct sample *sample);
// While very many answers come they wait, until something else is told or this is called.
void probe_tell_gathered(struct probe_role *r);
void probe_void(struct probe_role *r, uint32_t flow, enum sample_void_reason reason);
// What is out of every flow for which `is_void` says so.
void probe_void_where(struct probe_role *r, bool (*is_void)(const struct probe_role *, uint32_t),
                      enum sample_void_reason reason);
void probe_tick_detectors(struct probe_role *r);
void probe_send_tallies(struct probe_role *r);
// What became of each path's probes, every RATE_S: in times that begin and end together, so that
// paths can be compared, and with full tens of seconds of the wall clock as it was when we began.
void probe_send_rates(struct probe_role *r);
// The end of the time that `now` is in; the wall clock is `wall_ns` later.
struct mono probe_rates_end(struct mono now, int64_t wall_ns);

// probe_flows.c: a sentinel's sample; what a detector said; the path's rate was told; and a turn.
void probe_flows_sample(struct probe_role *r, const struct sample *sample);
void probe_flows_signal(struct probe_role *r, const struct signal *signal);
void probe_flows_rated(struct probe_role *r, uint32_t path);
void probe_flows_turn(struct probe_role *r);
// True when the engine took it; an engine that is gone ends us.
bool probe_send_event(struct probe_role *r, const struct event *event);
