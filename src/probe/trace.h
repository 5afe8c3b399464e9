// SPDX-License-Identifier: ISC
// Which routers the flows of one path and target pass: packets of each flow with growing TTLs, a
// few a second for each hop, until every router's next hops are known by the stopping rule of
// multipath detection. Takes routers that never answer, seldom answer, share load packet by packet
// or change their mind for what they are. What goes where is one picture afterwards (trace_map.c).
// Knows no packet and no clock.
#pragma once

#include "base/clock.h"
#include "base/prefix.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    TRACE_FLOWS_MAX = 512,
    TRACE_HOPS_MAX = 30,       // TTLs
    TRACE_ROUTERS_MAX = 1024,  // of one trace, each at each TTL
    TRACE_FORKS_MAX = 64,      // routers with several next hops
};

struct trace_settings {
    uint32_t flow_count;  // candidates
    uint32_t must_count;  // so many, the first, are traced in any case
    uint32_t hop_count;   // routers on the way if known: what probes' own answers say; 0: unknown
    int64_t gap_ns;       // between packets with one TTL
    int64_t timeout_ns;   // of an answer
    uint16_t mark_first;  // traces that run at the same time best begin far apart
};

struct trace_send {
    uint32_t flow;
    uint8_t ttl;
    uint16_t mark;  // to be found in what is quoted: tells this packet from all others out
};

enum trace_kind {
    TRACE_HOP,      // time exceeded: a router on the way
    TRACE_REACHED,  // the target itself answers
    TRACE_BLOCKED,  // unreachable, prohibited, too big: a router on the way, and no further
    TRACE_KINDS
};

enum trace_state { TRACE_RUNNING, TRACE_DONE, TRACE_UNSTEADY };  // routes changed all the time

// A router that spreads flows over several next hops.
struct trace_fork {
    uint8_t ttl;            // of the next hops
    struct address router;  // FAMILY_NONE: ourselves, or nobody who answers
    uint16_t hop_count;
    bool by_packet;  // one flow's packets take any: nothing to be learnt of flows
    bool complete;   // by the stopping rule
};

struct trace_counts {
    uint64_t sent, answered, late, doubled, strange;
    uint32_t restarts;
};

struct trace;

// NULL without memory.
struct trace *trace_new(const struct trace_settings *settings, struct mono now);
void trace_free(struct trace *trace);

// When trace_take() may next give something; far away once it is over.
struct mono trace_due(const struct trace *trace);
// A packet to be sent now; false: nothing yet.
bool trace_take(struct trace *trace, struct mono now, struct trace_send *send);
// The packet with this mark was quoted. The flow that the quote shows must be the one that it was
// sent for: false, and nothing learnt, when it is not, or nobody waits for such a mark.
bool trace_answer(struct trace *trace, uint16_t mark, uint32_t flow, enum trace_kind kind,
                  struct address from);
// The flow for which a packet with this mark is out; UINT32_MAX: none.
uint32_t trace_flow_of(const struct trace *trace, uint16_t mark);
enum trace_state trace_state(const struct trace *trace);
const struct trace_counts *trace_counts(const struct trace *trace);

// What was found; of flows below trace_flow_count(), the others were not needed.
uint32_t trace_flow_count(const struct trace *trace);
uint32_t trace_hop_count(const struct trace *trace);
// The router at this TTL, from 1 on; FAMILY_NONE: nobody answered.
struct address trace_hop(const struct trace *trace, uint32_t flow, uint32_t ttl);
uint32_t trace_fork_count(const struct trace *trace);
struct trace_fork trace_fork(const struct trace *trace, uint32_t fork);
// Which of the fork's next hops, in the order of their addresses, the flow takes; -1: it does not
// pass there, or nobody knows.
int32_t trace_bucket(const struct trace *trace, uint32_t fork, uint32_t flow);
// The fork with most next hops, of those that the flow passes and that spread by flow; UINT32_MAX.
uint32_t trace_main_fork(const struct trace *trace, uint32_t flow);
