// SPDX-License-Identifier: ISC
// Probes that are out: which answer belongs to which, and what became of each: ok, lost, void, or
// late. Of each flow the last FLIGHT_RECENT_MAX probes are remembered, of all flows together as
// many as asked for, or those that an answer may still be told of: a probe without verdict is never
// forgotten for a newer one. An answer must
// name one of them and return what only that one carried, so old, doubled and made-up answers say
// nothing (the 16-bit numbers of ICMP come round again, what they carried does not). Tells forward
// from reverse loss by the counters of a stateful reflector. 16 bytes a probe that is
// remembered, 16 a flow beside its own record; nothing allocates after the start, and memory is
// touched as it is needed. Knows no socket and no clock.
#pragma once

#include "base/wheel.h"
#include "probe/flow.h"
#include "probe/rtt.h"
#include "probe/sample.h"

enum { FLIGHT_RECENT_MAX = 64 };  // probes remembered of each flow
enum { FLIGHT_LATE_FACTOR = 4 };  // answers count as late until this many time-outs
#define FLIGHT_NOBODY UINT32_MAX

enum flight_state { FLIGHT_UNUSED, FLIGHT_WAITING, FLIGHT_ANSWERED, FLIGHT_LOST, FLIGHT_VOID };

enum { FLIGHT_BACK_BITS = 24, FLIGHT_CHUNK = 64 };  // chunk: probes that are forgotten together

struct flight_probe {
    uint32_t echo;                     // what the answer must return, folded
    uint32_t after_ns;                 // it was sent so long after its chunk's time: low bits,
    uint32_t after_high : 4;           // and those above, 68 s in all
    uint32_t back : FLIGHT_BACK_BITS;  // so many before it is the flow's previous one; 0: forgotten
    uint32_t state : 3;                // enum flight_state
    uint32_t counted : 1;              // the answer had a count of the reflector
    union {
        uint32_t timeout_us;  // as long as it is not answered
        uint32_t reflected;   // when it is: the reflector's own count
    };
};  // 16 bytes: there may be very many

struct flight {
    struct region *memory;
    struct flow *flows;  // of which it writes their part `flight`
    struct rtt *groups;
    uint32_t *waiting;  // probes of each group that no verdict has settled
    // Of all flows, in order of sending, in chunks: one that is forgotten is written next, so that
    // no more of them are ever touched than are remembered at a time.
    struct flight_probe *ring;
    uint32_t *chunks;                // where each lies, in order of sending: a ring of
    uint32_t places;                 // so many, a power of two
    struct mono *times;              // of each, where it lies
    uint32_t chunk_count, used;      // used: those that ever were,
    uint32_t warm;                   // and of them, those before the oldest one
    uint32_t ring_size, held, sent;  // held: before `sent`, the position of the next one
    uint32_t flow_count, group_count;
    int64_t timeout_min_ns, timeout_max_ns;
    struct wheel overdue;  // flows by the deadline of their oldest waiting probe
};

struct flight_answer {
    uint32_t sequence;  // of the probe
    uint64_t echo;
    bool has_count;      // the reflector numbers its answers
    uint32_t reflected;  // its number
    struct mono came_at;
    bool undated;     // nobody knows: that is when it was read
    int64_t kept_ns;  // by the reflector: no part of the round trip, if shorter
};

enum flight_fit { FLIGHT_FITS, FLIGHT_DOUBLED, FLIGHT_STRANGE, FLIGHT_TOO_LATE, FLIGHT_FITS_VOID };

struct flight_room {
    uint32_t flows, groups;
    uint32_t probes;        // at least so many are remembered
    struct region *memory;  // for what is written all over; NULL: its own
};

// Borrows `flows`. False without memory.
bool flight_init(struct flight *flight, struct flow *flows, const struct flight_room *room);
void flight_done(struct flight *flight);
// Begins with a probe of that number, best a random one; forgets what was before.
void flight_flow_init(struct flight *flight, uint32_t id, uint32_t group, uint32_t first);

// Soon something is asked of the flow; once that has come, of its last probe; what a probe to the
// group will need; and its answer.
void flight_fetch(const struct flight *flight, uint32_t id);
void flight_fetch_probe(const struct flight *flight, uint32_t id);
void flight_fetch_timeout(const struct flight *flight, uint32_t group);
void flight_fetch_rtt(const struct flight *flight, uint32_t id);
// Room for one more of this flow: false while the probe that it would make us forget is without
// verdict.
bool flight_has_room(const struct flight *flight, uint32_t id);
// A probe with the number `flow.next` was sent; the answer must return `echo`.
void flight_sent(struct flight *flight, uint32_t id, struct mono now, uint64_t echo);
// The number of which only the low 16 bits came back.
uint32_t flight_expand(const struct flight *flight, uint32_t id, uint16_t low);

// With FLIGHT_FITS alone `sample` says what became of it.
enum flight_fit flight_answer(struct flight *flight, uint32_t id,
                              const struct flight_answer *answer, struct mono now,
                              struct sample *sample);
// A flow with a probe past its time-out; FLIGHT_NOBODY. Read its socket first, then expire.
uint32_t flight_overdue(struct flight *flight, struct mono now);
struct mono flight_due(const struct flight *flight);
// The flow's oldest waiting probe is lost, if past its time-out; false when there is none. Verdicts
// of losses come in the order of sending, also when a time-out shrank meanwhile.
bool flight_expire(struct flight *flight, uint32_t id, struct mono now, struct sample *sample);
// The flow's oldest waiting probe is void; false when none waits.
bool flight_void(struct flight *flight, uint32_t id, enum sample_void_reason reason,
                 struct mono now, struct sample *sample);
// When its oldest waiting probe was sent; false when none waits.
bool flight_oldest(const struct flight *flight, uint32_t id, struct mono *sent_at);
// Whether any of the group's flows has one.
bool flight_group_waits(const struct flight *flight, uint32_t group);
// The flows with a probe that waits, into `ids` with room for all; how many.
uint32_t flight_waiting(const struct flight *flight, uint32_t *ids);
