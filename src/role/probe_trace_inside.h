// SPDX-License-Identifier: ISC
// Tracing in the probe role from inside: probe_trace.c sends and hears, probe_trace_map.c makes use
// of what was found.
#pragma once

#include "probe/trace.h"
#include "role/probe_trace.h"

struct trace_tuple {
    uint16_t port;
    uint32_t label;
};

struct trace_aim {          // a target by one path
    uint32_t first, flows;  // sentinels: ids; 0 flows: it is not traced
    struct mono traced_at;  // when the last trace ended
    bool wanted, has_map;
    uint64_t map;  // hash of what was found: people are told when it changes
};

struct trace_path {
    struct trace *running;    // NULL: none
    uint32_t target;          // of `running`
    bool by_labels;           // `running` is of one 5-tuple
    struct mono next_at;      // when there is none
    struct mono heard_until;  // whatever it sent may be answered
    uint32_t tuple_count;
    struct trace_tuple tuples[TRACE_FLOWS_MAX];  // the sentinels' own first
    struct trace_aim aims[NET_TARGETS_MAX];
};

struct probe_trace {
    struct probe_role *role;
    int fds[FAMILIES];
    struct trace_path *paths;
    uint64_t strange;  // errors that quote nothing of ours
};

// A trace is over: sentinels, and what people are told; whether that was anything new.
bool probe_trace_apply(struct probe_trace *v, uint32_t path);
// Whether it found a router that spreads flows.
bool probe_trace_parts(const struct trace *trace);
