// SPDX-License-Identifier: ISC
// What an incident is, and what makes it something else: detection.md 4.3 as one table. Timers,
// plans and pages are the caller's.
#pragma once

enum incident_state {
    INCIDENT_NONE,
    INCIDENT_SUSPECT,    // a detector suspects: probes look closer, nothing else happens
    INCIDENT_CONFIRMED,  // more than harmless bursts explain: a plan is looked for
    INCIDENT_ACTING,     // overrides are being announced, step by step
    INCIDENT_VERIFY,     // packets must prove that it helped
    INCIDENT_HELD,       // it helped: stays so for the hold-down
    INCIDENT_TRIAL,      // the old path is well again: traffic returns, a slice first
    INCIDENT_CLOSED,
    INCIDENT_FROZEN,  // an operator, or a limit: nothing moves until a person says so
    INCIDENT_STATES
};
