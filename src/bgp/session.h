// SPDX-License-Identifier: ISC
// One BGP connection to a router, without its socket: bytes and times in, bytes and events out.
// RFC 4271 §8, RFC 7606, RFC 9003, RFC 9687.
//
// The owner tells what happened, each time draws all events with bgp_session_next(), and writes
// what bgp_session_output() holds. Nothing is allocated; no input from the network reaches an
// assert.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "bgp/message.h"
#include "bgp/session_table.h"

enum {
    BGP_RETRY_MIN_MS = 1000,  // BIRD damps a peer that failed for 1 s at least
    BGP_RETRY_MAX_MS = 8000,
    BGP_CONNECT_MS = 5000,         // TCP: three SYNs
    BGP_OPEN_WAIT_MS = 20 * 1000,  // RFC 4271 §8.2.2 suggests 4 minutes: too long without a guard
    BGP_STABLE_MS = 30 * 1000,     // up for so long, the next attempts start quickly again
    BGP_INPUT_MAX = 128 * 1024,    // bytes: read at once; a millisecond or two of work
    BGP_OUTPUT_MAX = 128 * 1024,   // bytes: two of the longest messages; owners wait for room
    BGP_REASON_MAX = 192,          // bytes, with the final zero
};

// Says why this OPEN must not be accepted: another router has the identifier, the connection lost a
// collision. Accept, or a session reset.
typedef struct bgp_verdict bgp_session_judge(void *context, const struct bgp_open *open);

#define BGP_AS_ANY UINT32_MAX  // RFC 7300: never an AS number; too large for an enumerator

struct bgp_session_config {
    uint32_t asn, id;  // ours
    uint32_t peer_as;  // 0: ours, an internal peer; BGP_AS_ANY: whatever it says
    uint16_t hold_s;   // offered: 3 at least, or 0 for one that lives as long as its connection
    bool any_hold;     // the peer may offer 0 too: only where nothing that we say must expire
    bool families[FAMILIES];
    uint8_t add_path[FAMILIES];  // BGP_ADD_PATH_*, as offered
    bool extended_message;       // offered: RFC 8654
    bool enhanced_refresh;       // offered: RFC 7313
    bool next_hop_ipv6;          // offered: RFC 8950, when IPv4 is
    enum bgp_role role;          // ours, towards an external peer: RFC 9234
    bool dials;                  // false: waits for the router's call
    bgp_session_judge *judge;
    void *judge_context;
};

enum bgp_timer {
    BGP_RETRY,  // Idle: the next attempt; Connect: give this one up
    BGP_HOLD,   // the router has been silent for too long
    BGP_KEEPALIVE_DUE,
    BGP_SEND_HOLD,  // what we wrote has been lying for too long: RFC 9687
    BGP_TIMERS
};

enum bgp_session_event_kind {
    BGP_EVENT_DIAL,    // connect to the router, then tell
    BGP_EVENT_OPENED,  // its OPEN is accepted; not up yet
    BGP_EVENT_UP,
    BGP_EVENT_UPDATE,   // `message` and `verdict`, views until the next call
    BGP_EVENT_REFRESH,  // the same
    BGP_EVENT_DOWN,     // write what is left of the output, close the socket
};

struct bgp_session_event {
    enum bgp_session_event_kind kind;
    bool was_up;                        // with DOWN
    const char *reason;                 // with DOWN: safe for a log
    const struct bgp_message *message;  // with DOWN: what could not be borne; NULL: nothing
    const struct bgp_verdict *verdict;
};

struct bgp_session {
    struct bgp_session_config config;
    enum bgp_session_state state;
    struct bgp_context context;  // what was negotiated
    struct bgp_open peer;        // its OPEN, from OpenConfirm on
    uint16_t hold_s;             // agreed on
    struct mono timers[BGP_TIMERS];
    struct mono up_since;
    uint32_t retry_ms;
    struct random random;
    bool told;   // `pending` is to be drawn
    bool unfit;  // `message` and `verdict` are what ends it
    struct bgp_session_event pending;
    struct bgp_message message;
    struct bgp_verdict verdict;
    char reason[BGP_REASON_MAX];
    size_t in_at, in_size, out_at, out_size;
    uint8_t in[BGP_INPUT_MAX], out[BGP_OUTPUT_MAX + BGP_MESSAGE_MAX];
};

void bgp_session_init(struct bgp_session *s, const struct bgp_session_config *config,
                      struct mono now, uint64_t seed);

// What happened. Draw all events after each.
void bgp_session_connected(struct bgp_session *s, struct mono now);
void bgp_session_closed(struct bgp_session *s, struct mono now, const char *why);
void bgp_session_received(struct bgp_session *s, size_t size);  // so much was put into the room
void bgp_session_time(struct bgp_session *s, struct mono now);
// We end it: Cease with this subcode and text (RFC 9003). In Idle nothing happens.
void bgp_session_stop(struct bgp_session *s, struct mono now, uint8_t subcode, const char *text);

// Where received bytes are to go, one at least once all events are drawn.
uint8_t *bgp_session_room(struct bgp_session *s, size_t *size);
// False when there is none. Asks to be called until then: each message is one event at most.
bool bgp_session_next(struct bgp_session *s, struct mono now, struct bgp_session_event *event);
// The time at which bgp_session_time() has something to do; INT64_MAX: never.
struct mono bgp_session_deadline(const struct bgp_session *s);

// What is to be written now, and that it was.
const uint8_t *bgp_session_output(const struct bgp_session *s, size_t *size);
void bgp_session_sent(struct bgp_session *s, struct mono now, size_t size);
// Queues whole messages; false when there is no room for them until the router has read more.
bool bgp_session_send(struct bgp_session *s, struct mono now, const void *bytes, size_t size);
// The same without a copy: a writer over the room there is, to be handed back with what was written
// into it. Between the two nothing else may happen to the session.
struct writer bgp_session_writer(struct bgp_session *s);
void bgp_session_written(struct bgp_session *s, struct mono now, const struct writer *w);
