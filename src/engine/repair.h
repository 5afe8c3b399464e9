// SPDX-License-Identifier: ISC
// A part that is named at fault and that a hook takes out of use, as one of two switches: the hook
// is run, packets judge whether the fault is over, and if they say no it is taken back. One at a
// time, never the last member of a group, and only with all that a move needs too.
//
// It is not returned by trial, as traffic is: no packet passes a part that is out of use, so none
// can show that it is whole again. That is for people. Part of the engine; see state.h.
#pragma once

#include "detect/fault.h"
#include "steer/hold.h"

enum repair_state {
    REPAIR_NONE,
    REPAIR_ACTING,   // the program runs, or has not settled
    REPAIR_VERIFY,   // is the fault over?
    REPAIR_HELD,     // it is: the part stays out of use
    REPAIR_UNDOING,  // the program runs the other way round
};

enum repair_refusal {
    REPAIR_MAY,
    REPAIR_FROZEN,
    REPAIR_NOT_READY,  // no prober, no table, not yet the quiet time
    REPAIR_NO_HOOK_ROLE,
    REPAIR_OTHER,  // another part is out of use already
    REPAIR_LAST,   // no other member of the group is known to be whole
    REPAIR_GAIN,   // too little is lost
    REPAIR_BUDGET,
    REPAIR_REFUSALS
};

struct repair {  // of one hook
    enum repair_state state;
    uint32_t number;    // of the incident
    uint32_t fault;     // its number
    bool is_over;       // the fault, since the program ran
    struct mono since;  // in this state
    struct hold hold;
    struct mono retry_at;
    struct mono deaf_at;  // the last look at a fault when nothing usable was told of any path
    // What was said last: of this fault, why not, or what would be done.
    uint32_t said_fault;
    enum repair_refusal said_refusal;
};

struct engine;

void repair_advance(struct engine *e);  // on every tick
// The fault is over, as its flows say.
void repair_fault_over(struct engine *e, const struct fault *fault);
// Nothing can be verified any more.
void repair_blind(struct engine *e);
