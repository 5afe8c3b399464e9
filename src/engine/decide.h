// SPDX-License-Identifier: ISC
// The decision rule: whether to move a path's traffic, where to and what, or why not. Part of the
// engine; see state.h.
#pragma once

#include "engine/effect.h"

// Why nothing is done, from the general to the particular: of several ways out, the one that came
// furthest tells its reason.
enum refusal {
    REFUSAL_NONE,
    REFUSAL_FROZEN,
    REFUSAL_PROBER,
    REFUSAL_ROUTE,
    REFUSAL_AUDIT,
    REFUSAL_SESSION,
    REFUSAL_QUIET,
    REFUSAL_OVER,
    REFUSAL_REVERSE,
    REFUSAL_TURN,      // of sites that share a backbone others go first
    REFUSAL_OBSERVER,  // it is ourselves (S12)
    REFUSAL_VOID,
    REFUSAL_OTHER,  // another upstream's move is not verified yet
    REFUSAL_DRAINED,
    REFUSAL_TRIES,
    REFUSAL_BUDGET,
    REFUSAL_NO_WAY,   // no other upstream in this family
    REFUSAL_LEAVING,  // it is being drained itself
    REFUSAL_BAD_TOO,
    REFUSAL_UNHEARD,
    REFUSAL_TAINTED,
    REFUSAL_UNPROVEN,
    REFUSAL_UNSETTLED,  // its routes are just coming
    REFUSAL_GAIN,
    REFUSAL_DOUBTFUL,  // what it lost since is not known
    REFUSAL_RELATIVE,
    REFUSAL_NOTHING,  // no steerable route
    REFUSAL_ROOM,
    REFUSAL_CAPACITY,  // unknown, or what goes to the prefixes is
    REFUSAL_HEADROOM,
    REFUSAL_RATE,
    REFUSAL_WHOLE,  // a person's drain moves all or nothing
    REFUSAL_BLIND,  // no target inside what would move
    REFUSALS
};

enum { DECIDE_REASON_MAX = 160 };

struct decision {
    enum refusal refusal;
    uint32_t subject;  // upstream or router that it is about; NET_NOBODY
    // One for each upstream that something moves to; one when nothing moves.
    uint32_t plan_count;
    struct effect_plan plans[NET_UPSTREAMS_MAX];
    bool rests;        // not all that should moves
    uint32_t exit_to;  // one route moves all to this upstream; NET_NOBODY: one for each prefix
};

struct engine;

// What becomes of a plan in this mode, before anyone approves it.
enum effect_plan_verdict decide_verdict(enum net_mode mode);
// `form` with the name in the place of its "%s", if it has one, into DECIDE_REASON_MAX bytes.
void decide_fill(const char *form, const char *name, char *text);

// For the incident of this path, as things stand.
void decide(struct engine *e, uint32_t path, struct decision *d);
// One way out of a path, judged: what is pessimistically lost there.
struct decide_way {
    uint32_t upstream;
    bool inbound;  // for what others send: what moves proved of it, and its routes, say nothing
    uint32_t loss_high_ppm;
};

// REFUSAL_NONE: what loses so much at least on the path is surely better there.
enum refusal decide_way(const struct engine *e, uint32_t path, uint32_t low_ppm,
                        struct decide_way *way);
// What is lost on the path at least.
uint32_t decide_loss_low_ppm(const struct engine *e, uint32_t path);
// What is lost on the path, or on the other family of an upstream that both share with other sites.
uint32_t decide_loss_ppm(const struct engine *e, uint32_t path);
// Enters the moves that decide() just planned.
void decide_carry_out(struct engine *e, uint32_t path);
// The reason in words, into `text` (DECIDE_REASON_MAX bytes).
void decide_explain(const struct engine *e, enum refusal refusal, uint32_t subject, char *text);
