// SPDX-License-Identifier: ISC
// What people are woken for: everything that belongs together, as one. Incidents of paths and
// faults keep their own numbers and lives beneath it.
#pragma once

#include <stdint.h>

enum outage_state {
    OUTAGE_OPEN,       // packets are lost, and nothing of ours helps yet
    OUTAGE_MITIGATED,  // traffic was moved, and packets prove that it helped; the cause is there
    OUTAGE_OVER,
    OUTAGE_STATES
};

enum outage_severity { OUTAGE_MINOR, OUTAGE_MAJOR, OUTAGE_CRITICAL, OUTAGE_SEVERITIES };

enum { OUTAGE_TITLE_MAX = 160, OUTAGE_CAUSE_MAX = 240, OUTAGE_ACTION_MAX = 160 };

extern const char *const outage_state_names[OUTAGE_STATES];
extern const char *const outage_severity_names[OUTAGE_SEVERITIES];

// `lost_ppm`: of all packets that leave.
enum outage_severity outage_severity(uint32_t lost_ppm);
