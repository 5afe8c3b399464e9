// SPDX-License-Identifier: ISC
#include "incident/lifecycle.h"

// An incident's whole life. A missing place is an event that cannot come there: a bug if it does.
// What detectors say of a path whose traffic was moved is no event: the trial asks how the path is,
// when its time has come. Only what moves something can be frozen; the rest just waits.
// clang-format off
static const enum incident_state next_state[INCIDENT_STATES][INCIDENT_EVENTS] = {
    [INCIDENT_NONE] = {
        [INCIDENT_SUSPECTED] = INCIDENT_SUSPECT,
        [INCIDENT_PROVEN] = INCIDENT_CONFIRMED,
    },
    [INCIDENT_SUSPECT] = {
        [INCIDENT_PROVEN] = INCIDENT_CONFIRMED,
        [INCIDENT_QUIET] = INCIDENT_CLOSED,
    },
    [INCIDENT_CONFIRMED] = {
        [INCIDENT_QUIET] = INCIDENT_CLOSED,
        [INCIDENT_ACT] = INCIDENT_ACTING,
    },
    [INCIDENT_ACTING] = {
        [INCIDENT_STANDS] = INCIDENT_VERIFY,
        [INCIDENT_UNDONE] = INCIDENT_CONFIRMED,
        [INCIDENT_QUIET] = INCIDENT_CLOSED,
        [INCIDENT_FREEZE] = INCIDENT_FROZEN,
    },
    [INCIDENT_VERIFY] = {
        [INCIDENT_HELPED] = INCIDENT_HELD,
        [INCIDENT_UNDO] = INCIDENT_ACTING,
        [INCIDENT_FREEZE] = INCIDENT_FROZEN,
    },
    [INCIDENT_HELD] = {
        [INCIDENT_WELL] = INCIDENT_TRIAL,
        [INCIDENT_UNDO] = INCIDENT_ACTING,
        [INCIDENT_ACT] = INCIDENT_ACTING,  // what rested finds room
        [INCIDENT_FREEZE] = INCIDENT_FROZEN,
    },
    [INCIDENT_TRIAL] = {
        [INCIDENT_RELAPSE] = INCIDENT_HELD,
        [INCIDENT_UNDO] = INCIDENT_ACTING,
        [INCIDENT_QUIET] = INCIDENT_CLOSED,
        [INCIDENT_FREEZE] = INCIDENT_FROZEN,
    },
    [INCIDENT_FROZEN] = {
        [INCIDENT_SUSPECTED] = INCIDENT_SUSPECT,
        [INCIDENT_PROVEN] = INCIDENT_CONFIRMED,
        [INCIDENT_QUIET] = INCIDENT_CLOSED,
        [INCIDENT_ACT] = INCIDENT_ACTING,
        [INCIDENT_UNDO] = INCIDENT_ACTING,
        [INCIDENT_THAW] = INCIDENT_HELD,
    },
};
// clang-format on

const char *const incident_state_names[INCIDENT_STATES] = {
    "none", "suspect", "confirmed", "acting", "verify", "held", "trial", "closed", "frozen"};

enum incident_state incident_next(enum incident_state state, enum incident_event event)
{
    return next_state[state][event];
}
