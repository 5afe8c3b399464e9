// SPDX-License-Identifier: ISC
// Probes that are out: which answer belongs to which, and what became of each: ok, lost, void, or
// late. Of each flow the last FLIGHT_RECENT_MAX probes are remembered, of all flows together as
// many as asked for, or those that an answer may still be told of: a probe without verdict is never
// forgotten for a newer one. An answer must
// name one of them and return what only that one carried, so old, doubled and made-up answers say
// nothing (the 16-bit numbers of ICMP come round again, what they carried does not). Tells forward
// from reverse loss by the counters of a stateful reflector. 20 bytes a probe that is
// remembered, 40 a flow; nothing allocates after the start, and memory is touched as it is needed.
// Knows no socket and no clock.
#pragma once

#include "base/wheel.h"
#include "probe/flow.h"
#include "probe/rtt.h"
#include "probe/sample.h"

enum { FLIGHT_RECENT_MAX = 64 };  // probes remembered of each flow
enum { FLIGHT_LATE_FACTOR = 4 };  // answers count as late until this many time-outs
#define FLIGHT_NOBODY UINT32_MAX

enum flight_state { FLIGHT_UNUSED, FLIGHT_WAITING, FLIGHT_ANSWERED, FLIGHT_LOST, FLIGHT_VOID };

enum { FLIGHT_BACK_BITS = 26, FLIGHT_CHUNK = 64 };  // chunk: probes that are forgotten together

struct flight_probe {
    struct mono sent_at;
    uint32_t echo;                     // what the answer must return, folded
    uint32_t back : FLIGHT_BACK_BITS;  // so many before it is the flow's previous one; 0: forgotten
    uint32_t state : 3;                // enum flight_state
    uint32_t counted : 1;              // the answer had a count of the reflector
    union {
        uint32_t timeout_us;  // as long as it is not answered
        uint32_t reflected;   // when it is: the reflector's own count
    };
} __attribute__((packed, aligned(4)));  // 20 bytes: there may be very many

// Losses between consecutive answers that no sample has told yet.
struct flight_direction {
    uint8_t forward, reverse;
};

struct flight_flow {
    uint32_t next;    // number of the next probe
    uint32_t newest;  // position of its last probe among all
    uint32_t anchor_sequence, anchor_reflected;
    uint16_t group;  // flows with one round-trip time
    struct flight_direction direction;
    uint8_t recent;            // probes that were sent, at most FLIGHT_RECENT_MAX
    uint8_t open;              // of these the last: all before have a verdict
    bool anchored : 1;         // the last settled answer, from which losses are counted
    bool direction_known : 1;  // `direction` is more than nothing known
};                             // 24 bytes

struct flight {
    const struct flow *names;  // of all flows, as samples tell them
    struct flight_flow *flows;
    struct rtt *groups;
    // Of all flows, in order of sending, in chunks: one that is forgotten is written next, so that
    // no more of them are ever touched than are remembered at a time.
    struct flight_probe *ring;
    uint32_t *chunks;                // where each lies, in order of sending
    uint32_t chunk_count, warm;      // warm: those before the oldest one that were used once
    uint32_t ring_size, held, sent;  // held: before `sent`, the position of the next one, which
    uint32_t positions;              // comes round there, at a multiple of the size
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
    int64_t kept_ns;  // by the reflector: no part of the round trip, if shorter
};

enum flight_fit { FLIGHT_FITS, FLIGHT_DOUBLED, FLIGHT_STRANGE, FLIGHT_TOO_LATE, FLIGHT_FITS_VOID };

// Borrows `flows`. Remembers at least `probe_count` probes. False without memory.
bool flight_init(struct flight *flight, const struct flow *flows, uint32_t flow_count,
                 uint32_t group_count, uint32_t probe_count);
void flight_done(struct flight *flight);
// Begins with a probe of that number, best a random one; forgets what was before.
void flight_flow_init(struct flight *flight, uint32_t id, uint32_t group, uint32_t first);

// Soon something is asked of the flow; once that has come, of its last probe; and then its answer
// comes.
void flight_fetch(const struct flight *flight, uint32_t id);
void flight_fetch_probe(const struct flight *flight, uint32_t id);
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
// The flows with a probe that waits, into `ids` with room for all; how many.
uint32_t flight_waiting(const struct flight *flight, uint32_t *ids);
