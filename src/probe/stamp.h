// SPDX-License-Identifier: ISC
// STAMP test packets (RFC 8762, extensions of RFC 8972), unauthenticated, both sides.
//
// Nobody off the path can make up an answer. Whatever a reflector returns is checked against what
// the probe carried: 32 bits of sequence number (random start for each flow), 16 of SSID (secret,
// constant for a flow as RFC 8972 §3 wants, 0 from reflectors of RFC 8762), and the whole of T1,
// whose lowest 16 bits are a keyed tag of flow, number and time instead of a clock's noise. T1 is
// thus true to 2^-16 s, which is what its Error Estimate says. Knows no socket and no clock.
#pragma once

#include "base/clock.h"
#include "probe/stamp_tlv.h"

enum {
    STAMP_SIZE = 44,        // octets of both packets before any TLV
    STAMP_TWAMP_SIZE = 41,  // the least that TWAMP-Light sends: its reflected packet, RFC 8762 §4.6
    STAMP_REPLY_MAX = 65535,
    STAMP_ERROR_ESTIMATE = 0x1001,  // no synchronisation claimed, NTP format, 1 * 2^(16-32) s
};

struct stamp_request {
    uint32_t sequence;
    uint64_t timestamp;  // T1; NTP format unless the error estimate has Z
    uint16_t error_estimate;
    uint16_t ssid;
    struct cursor tlvs;  // after decoding: all that follows
};

struct stamp_reply {
    uint32_t sequence;   // of the reflector: its own count when stateful, else a copy
    uint64_t timestamp;  // T3
    uint16_t error_estimate;
    uint16_t ssid;         // 0: the reflector does not know RFC 8972
    uint64_t received_at;  // T2
    uint32_t sender_sequence;
    uint64_t sender_timestamp;  // T1 as we sent it
    uint16_t sender_error_estimate;
    uint8_t sender_ttl;  // as the request arrived
    struct cursor tlvs;  // after decoding: all that follows
};

// What the reflector itself knows when it answers.
struct stamp_reflection {
    bool stateful;
    uint32_t sequence;  // when stateful
    uint64_t received_at, sent_at;
    uint8_t ttl;  // of the request as it arrived
    struct stamp_policy policy;
};

struct stamp_answer {
    size_t size;  // octets; 0: not to be answered
    struct stamp_verdict verdict;
};

// NTP 32.32, seconds since 1900 modulo 2^32 (RFC 5905 §6).
uint64_t stamp_ntp(struct wall at);
// The same with the lowest 16 bits replaced: the T1 of our own probes.
uint64_t stamp_tagged_ntp(struct wall at, uint16_t tag);
// How long the reflector says it kept the probe, T3 - T2, in the format that its error estimate
// names; 0 when that is negative.
int64_t stamp_turnaround_ns(const struct stamp_reply *reply);

// False when it is too short to be one.
bool stamp_request_decode(const void *bytes, size_t size, struct stamp_request *request);
bool stamp_reply_decode(const void *bytes, size_t size, struct stamp_reply *reply);

// Without TLVs; ask writer_ok().
void stamp_request_encode(struct writer *w, const struct stamp_request *request);
void stamp_reply_encode(struct writer *w, const struct stamp_reply *reply);

// Writes the answer to a request into `reply` (`size` bytes): never more than the request's, so
// that a forged sender address gains nothing; none to what is too short.
struct stamp_answer stamp_reflect(const void *bytes, size_t size,
                                  const struct stamp_reflection *how, uint8_t *reply);
