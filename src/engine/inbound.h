// SPDX-License-Identifier: ISC
// What the world sends to us by an upstream that loses packets: our own prefixes are offered to it
// as the last choice (65535:0, RFC 8326, or a longer path) while the loss lasts, where the
// configuration says so (steer.inbound), as far as modes.stance allows. Never withheld: the route
// stays, make before break (S13).
//
// The world sees it, so it comes late and stays long: after what leaves by the upstream has found
// its way or has none, and 30 min at least (I3). No trial: where others send cannot be sent to in
// part. Part of the engine; see state.h.
#pragma once

#include "engine/decide.h"
#include "steer/hold.h"

enum {
    INBOUND_AGE_MS = 20 * 1000,     // confirmed for so long: most losses are over by then
    INBOUND_LOOK_MS = 1000,         // bounds are dear
    INBOUND_ANSWER_MS = 30 * 1000,  // until all routers say it
    INBOUND_HEED_MS = 120 * 1000,   // until less comes in, where the world heeds it
    INBOUND_HEEDED_PERCENT = 10,    // less: of two families one may be small
    INBOUND_ACTS_PER_HOUR_MAX = 2,  // visible changes of one path; giving back what harms is free
    INBOUND_HOLD_MIN_S = 30 * 60,   // detection.md 4.3: visible
    INBOUND_HOLD_MAX_S = 4 * 3600,  // likewise
};

enum inbound_state {
    INBOUND_NONE,
    INBOUND_ACTING,  // routers are told
    INBOUND_HELD,    // all of them say it
    INBOUND_STATES
};

enum inbound_refusal {  // why nothing is done
    INBOUND_MAY,
    INBOUND_LATER,    // not to be said: there is nothing to do yet
    INBOUND_DECIDED,  // one of enum refusal
    INBOUND_FORWARD,
    INBOUND_WORDLESS,
    INBOUND_OTHER,
    INBOUND_ALONE,
    INBOUND_CAPACITY,
    INBOUND_HEADROOM,
    INBOUND_OFTEN,
    INBOUND_REFUSALS
};

struct inbound_answer {
    enum inbound_refusal no;
    enum refusal decided;                  // of INBOUND_DECIDED
    uint32_t subject;                      // upstream or router that it is about; NET_NOBODY
    uint32_t to;                           // of the others the best; NET_NOBODY
    uint32_t takers;                       // to which the world may turn, bit set
    uint32_t loss_low_ppm, loss_high_ppm;  // here at least, on the best other at most
};

struct inbound {  // of one path
    enum inbound_state state;
    struct mono since;  // in this state
    struct mono lossy_since, looked_at;
    uint32_t takers;
    struct hold hold;             // visible changes are its acts
    struct mono changed_at;       // the last of them, or of a person's
    struct mono retry_at;         // not before
    struct mono well_since;       // 0: it is not
    int64_t hold_ns, before_bps;  // before_bps: that came in; -1: not known
    // What was said last, and what waits for approval.
    struct inbound_answer answer;
    uint32_t answered;  // the incident that it is of
    struct mono answered_at;
    bool said;
    uint32_t approval;  // its number; 0: nothing waits
    struct mono proposed_at;
    struct effect_inbound told;
};

struct engine;

void inbound_advance(struct engine *e);  // on every tick
// Upstreams (a bit set) that the world is to send less by.
uint32_t inbound_upstreams(const struct engine *e);
// All is as usual again: nobody can vouch for it any more, or a person wants all withdrawn.
void inbound_let_go(struct engine *e, const char *reason);
// Whether a plan of this number waits here; a person approves it: done, or `text` (ENGINE_WHY_MAX
// bytes) says why not.
bool inbound_waits(const struct engine *e, uint32_t approval);
bool inbound_approve(struct engine *e, uint32_t approval, char *text);

// What is done of the path, or why nothing, in words; "": nothing is to be said.
const char *inbound_words(const struct engine *e, uint32_t path);
