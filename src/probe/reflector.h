// SPDX-License-Identifier: ISC
// What a stateful STAMP reflector remembers: how many probes each sender's session had answered
// (RFC 8762 §4.3.1; a session is address, port and SSID), in a table that strangers cannot grow,
// and how fast it may answer. Knows no packet and no clock.
#pragma once

#include "base/clock.h"
#include "base/prefix.h"
#include "base/siphash.h"

enum { REFLECTOR_FORGET_S = 300 };  // a session that was silent for so long has ended

struct reflector_session {
    struct address address;
    uint16_t port, ssid;
};

struct reflector;

// NULL without memory. Room for `session_count_max` sessions, in sets by a hash under `key`.
struct reflector *reflector_new(uint32_t session_count_max, uint32_t rate_max_pps,
                                struct siphash_key key);
void reflector_free(struct reflector *reflector);

// Whether one more answer keeps to the rate, over all sessions; counts it if so.
bool reflector_may_answer(struct reflector *reflector, struct mono now);
// The session's next number, from 0 on. False when there is no room for one more session: then
// answer with the sender's own number, as a stateless reflector does, which claims nothing false.
bool reflector_count(struct reflector *reflector, struct reflector_session session, struct mono now,
                     uint32_t *sequence);
