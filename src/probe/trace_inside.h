// SPDX-License-Identifier: ISC
// A trace from inside: trace.c asks, trace_map.c says what was found.
#pragma once

#include "probe/trace.h"

#include <assert.h>

enum {
    TRACE_NOBODY = 0xffff,     // in place of a router: not known
    TRACE_OURSELVES = 0xfffe,  // before the first hop
    TRACE_MARKS = 4096,        // packets out: a power of two
    TRACE_NO_AGAIN = 0xff,
    TRACE_FLOWS_MIN = 6,  // as many as exclude a second next hop
    TRACE_RULES = 64,     // next hops of one router that are still searched to the end
};

enum trace_cell_state { CELL_NEW, CELL_OUT, CELL_ANSWERED, CELL_SILENT };

// One flow at one TTL. 16 bytes: of one trace there may be 15,360.
struct trace_cell {
    uint8_t state;  // enum trace_cell_state
    uint8_t tries;
    uint16_t router;  // index; TRACE_NOBODY
    struct mono asked_at;
};

struct trace_router {
    uint8_t ttl;
    struct address address;
};

struct trace_level {  // one TTL
    int64_t due, gap_ns;
    uint32_t asked, answered;  // packets
};

// The same flow asked again, where flows part: whether it still takes the same way.
struct trace_again {
    uint32_t flow;
    uint8_t ttl, asked, switches;
    uint16_t last;  // router
    bool is_out;
    struct mono asked_at;
};

struct trace_out {  // behind a mark
    uint16_t flow, mark;
    uint8_t ttl;
    bool waits;
    uint8_t again;  // index; TRACE_NO_AGAIN: it is of the flow's cell
};
static_assert(TRACE_FLOWS_MAX <= UINT16_MAX && (int)TRACE_FORKS_MAX <= TRACE_NO_AGAIN, "they fit");

struct trace_found_fork {
    uint16_t router;  // before it
    uint32_t first_flow;
    struct trace_fork is;
};

struct trace {
    struct trace_settings is;
    enum trace_state state;
    struct trace_cell *cells;  // of flow * TRACE_HOPS_MAX + ttl - 1
    struct trace_level levels[TRACE_HOPS_MAX + 1];
    struct trace_router routers[TRACE_ROUTERS_MAX];
    uint32_t router_count, active, limit;
    uint32_t confirmed_at;  // as many flows as were active
    bool limit_is_known;
    bool confirming;
    struct trace_found_fork forks[TRACE_FORKS_MAX];
    struct trace_again agains[TRACE_FORKS_MAX];
    uint32_t fork_count;
    struct trace_out out[TRACE_MARKS];
    uint16_t mark_next;
    int64_t due;                         // INT64_MIN: to be worked out
    uint32_t flows_needed[TRACE_RULES];  // of so many next hops; 0: not worked out yet
    struct trace_counts counts;
};

static inline struct trace_cell *trace_cell(const struct trace *t, uint32_t flow, uint32_t ttl)
{
    return &t->cells[flow * TRACE_HOPS_MAX + ttl - 1];
}

// Finds the forks among what is known. How many more flows the one that lacks most needs; 0: all is
// known.
uint32_t trace_find_forks(struct trace *t);
