// SPDX-License-Identifier: ISC
// The one gate: nothing leaves for a router but by its permit. It re-checks the hard limits
// (safety.md S1 to S8, S13, S15, the mode of S16, and I3) from the configuration, the live tables
// and its own memory alone, and knows nothing of why somebody wants to announce. A limit that is
// reached refuses: what stands, stands on.
#pragma once

#include "rib/rib.h"
#include "steer/ledger.h"

enum gate_answer {
    GATE_PERMITTED,
    GATE_S1_NOT_LEARNED,  // the prefix is not exactly one that the router has, or not ours to move
    GATE_S2_NO_PATH,      // no live path through that upstream to copy
    GATE_S3_UNMARKED,     // it would carry no community of ours
    GATE_S4_TOO_MANY,
    GATE_S5_FORBIDDEN,  // a prefix or a preference that nobody may announce
    GATE_S6_CONTROL,    // it would cover what Fairlead itself hangs by
    GATE_S7_TOO_EARLY,  // the tables are not complete, or the quiet time is not over
    GATE_S8_TOO_OFTEN,  // too many in a minute, or another upstream is drained already
    GATE_S13_LAST_WAY,  // it would leave no other live way
    GATE_S15_FLAPPING,  // the same prefix too often
    GATE_S16_MODE,      // the configuration says only look
    GATE_I3_VISIBLE,    // the world would see a change too soon after the last
    GATE_ANSWERS
};

enum { GATE_WHY_MAX = 96 };  // bytes, with the final zero

struct gate_session {
    bool up;
    bool complete;            // every family that was negotiated
    bool families[FAMILIES];  // negotiated
    bool add_path[FAMILIES];  // the router sends all its paths, not only its best
};

struct gate {
    const struct net *net;
    const struct rib *rib;
    const struct ledger *ledger;
    struct gate_session sessions[NET_ROUTERS_MAX];
    struct mono complete_at;  // when the tables first were complete; INT64_MAX: not yet
};

struct gate_request {
    uint32_t router, upstream;  // to which router; through which upstream, NET_NOBODY of PERMIT_OWN
    struct prefix prefix;
    enum permit_kind kind;
    uint32_t stances[NET_STANCES];  // of PERMIT_OWN: how it is offered to upstreams, bit sets
};

// Whether the answer is a limit that was reached: people are to know.
bool gate_is_limit(enum gate_answer answer);

// With GATE_PERMITTED `permit` is filled; otherwise `why` (GATE_WHY_MAX bytes) holds the limit that
// said no: "S4: 200 of 200 routes on edge1".
enum gate_answer gate_announce(const struct gate *gate, const struct gate_request *request,
                               struct mono now, struct permit *permit, char *why);

// Whether what stands may stand on: S1 and S2 are conditions of every moment. With GATE_PERMITTED
// `permit` is what should be said now, which differs when the copied path has changed.
enum gate_answer gate_stand(const struct gate *gate, const struct permit *standing,
                            struct permit *permit, char *why);
