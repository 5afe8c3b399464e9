// SPDX-License-Identifier: ISC
// What an incident is, and what makes it something else: detection.md 4.3 as one table. Timers,
// plans and pages are the caller's.
#pragma once

enum incident_state {
    INCIDENT_NONE,
    INCIDENT_SUSPECT,    // a detector suspects: probes look closer, nothing else happens
    INCIDENT_CONFIRMED,  // more than harmless bursts explain: a plan is looked for
    INCIDENT_ACTING,     // overrides are being announced, or taken back, step by step
    INCIDENT_VERIFY,     // packets must prove that it helped
    INCIDENT_HELD,       // it helped: stays so for the hold-down
    INCIDENT_TRIAL,      // the old path is well again: traffic returns, a slice first
    INCIDENT_CLOSED,
    INCIDENT_FROZEN,  // an operator: nothing moves until a person says so
    INCIDENT_STATES
};

enum incident_event {
    INCIDENT_SUSPECTED,  // a detector suspects the path
    INCIDENT_PROVEN,     // there is a reason to act: a detector is sure, a part is named, a person
                         // asks
    INCIDENT_QUIET,      // the path is good and nothing of ours stands
    INCIDENT_ACT,        // a plan is carried out
    INCIDENT_STANDS,     // every router confirmed
    INCIDENT_UNDO,       // it did not help, or could not be done: take all back
    INCIDENT_UNDONE,     // nothing of ours stands, and the path is still bad
    INCIDENT_HELPED,     // packets prove it
    INCIDENT_WELL,       // held for long enough, and the old path good for as long
    INCIDENT_RELAPSE,    // bad again under trial
    INCIDENT_FREEZE,
    INCIDENT_THAW,  // something of ours stands: it stays so for now
    INCIDENT_EVENTS
};

// INCIDENT_NONE where the event means nothing: the caller may then not have let it come.
enum incident_state incident_next(enum incident_state state, enum incident_event event);

extern const char *const incident_state_names[INCIDENT_STATES];
