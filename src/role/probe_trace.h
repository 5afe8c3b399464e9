// SPDX-License-Identifier: ISC
// Traces the ways that flows to each target take, on every path, one target after the other: sends
// what probe/trace.h wants sent, hears the ICMP errors that quote it, and gives sentinels the
// 5-tuples that together meet every bucket. People are told of a map that has changed.
#pragma once

#include "role/probe.h"

struct probe_trace;

// NULL, with `why`, when that fails; also when nothing is to be traced, `why` untouched. Needs
// privileges.
struct probe_trace *probe_trace_new(struct probe_role *r, char *why);
void probe_trace_free(struct probe_trace *trace);

// Takes NULL, as all of these: then nothing is traced.
void probe_trace_start(struct probe_trace *trace);
struct mono probe_trace_due(const struct probe_trace *trace);
// Hears what has come, and sends what is due.
void probe_trace_turn(struct probe_trace *trace);
// Whether this is an answer of a target itself to a packet of a trace: it was not so far away.
bool probe_trace_reached(struct probe_trace *trace, enum probe_carrier carrier,
                         const struct probe_address *from, const void *bytes, size_t size);
// The distance of a target has changed on a path: its ways are other ones.
void probe_trace_again(struct probe_trace *trace, uint32_t path, uint32_t target);
