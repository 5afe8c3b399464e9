// SPDX-License-Identifier: ISC
// Roving: every probe of one path a 5-tuple that was not used before, and what is to be thought of
// the lost ones. A lost one is sent again with the same 5-tuple, each time beside a control whose
// 5-tuple is known good to the same target: a loss of both says nothing of the tuple, and a tuple
// that alone is never answered is dead (detection.md 2.6). A dead one is asked on until it answers
// again. Knows no packet and no clock; tells the same for the same calls.
#pragma once

#include "base/clock.h"
#include "base/prefix.h"
#include "probe/sample.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    ROVE_RETRIES = 6,       // pairs after a loss
    ROVE_DEAD_MAX = 16,     // of one path, asked on; more are told of and forgotten
    ROVE_ALIVE_AGAIN = 3,   // answers in a row that release a dead one
    ROVE_HASTE = 16,        // fresh tuples, when somebody wishes to know more of a target,
    ROVE_HASTE_FACTOR = 4,  // and how much faster they go
};

struct rove_settings {
    enum family family;
    uint32_t target_count, slot_count;  // slots: tuples that may be out at once
    uint16_t port_first;
    uint32_t port_count;  // at least 2
    int64_t interval_ns;  // between fresh tuples
    double loss_normal;   // of single packets, nobody's fault: 0 to 1
    double share_asked;   // of tuples that are dead: the smallest worth finding
    double nats_asked;    // of evidence, to call a tuple dead
    int64_t persist_ns;   // from its first loss: longer than harmless bursts
};

struct rove_tuple {
    uint32_t target;
    uint16_t port;
    uint32_t label;  // IPv4: 0
};

enum rove_member { ROVE_TUPLE, ROVE_CONTROL };

struct rove_send {
    uint32_t slot;
    enum rove_member member;
    bool fresh;  // the first of this tuple
    struct rove_tuple tuple;
};

enum rove_state { ROVE_ALIVE, ROVE_DEAD, ROVE_UNKNOWN };

struct rove_verdict {
    enum rove_state state;
    bool was_dead;  // ROVE_ALIVE: it is released
    struct rove_tuple tuple;
    struct mono sent_at;  // its first packet
    uint32_t losses;      // straight ones, the first included
    double nats;          // that it is dead
    uint32_t dead;        // tuples of this path that are held dead now
};

struct rove_counts {
    uint64_t fresh, lost, pairs, dead, alive_again, unknown, no_slot;
};

struct rove;

// NULL without memory.
struct rove *rove_new(const struct rove_settings *settings, uint64_t seed);
void rove_free(struct rove *rove);

// Begins, or begins afresh after a stall.
void rove_start(struct rove *rove, struct mono now);
// When rove_take() may next give something.
struct mono rove_due(const struct rove *rove);
// A packet to send now; false: nothing yet. What cannot be sent is to be told as void.
bool rove_take(struct rove *rove, struct mono now, struct rove_send *send);
// What became of a probe of a slot. True when `verdict` says something new of the slot's tuple.
bool rove_told(struct rove *rove, const struct rove_send *of, const struct sample *sample,
               struct rove_verdict *verdict);
// What became of a probe of another flow of this path: tells how much loss is common now.
void rove_heard(struct rove *rove, uint32_t target, bool lost, struct mono now);
// Soon that is told of the target.
void rove_fetch(const struct rove *rove, uint32_t target);

// The next fresh tuples go to this target, and sooner.
void rove_hasten(struct rove *rove, uint32_t target, struct mono now);

// Tuples held dead, the oldest first.
uint32_t rove_dead(const struct rove *rove, struct rove_tuple dead[ROVE_DEAD_MAX]);
const struct rove_counts *rove_counts(const struct rove *rove);
