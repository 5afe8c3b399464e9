// SPDX-License-Identifier: ISC
// Roving probes of every path: sends what probe/rove.h wants sent, tells it what became of it, and
// people of 5-tuples that are dead. To targets whose packets have ports of ours to vary (STAMP).
#pragma once

#include "role/probe.h"

struct probe_rove;

// How many flows beside those of the schedule it takes; 0: none rove.
uint32_t probe_rove_flows(const struct probe_role *r);
// Uses the flows from `first` on. NULL without memory, or when none rove.
struct probe_rove *probe_rove_new(struct probe_role *r, uint32_t first);
void probe_rove_free(struct probe_rove *rove);

// Takes NULL, as all of these: then nothing roves.
void probe_rove_start(struct probe_rove *rove);
struct mono probe_rove_due(const struct probe_rove *rove);
void probe_rove_send(struct probe_rove *rove);
// Fresh 5-tuples by this path to this target are wished for soon.
void probe_rove_hasten(struct probe_rove *rove, uint32_t path, uint32_t target);
// Soon a sentinel's answer is told.
void probe_rove_fetch(const struct probe_rove *rove, uint32_t path, uint32_t target);
// What was found, in the log.
void probe_rove_sum_up(const struct probe_rove *rove);
