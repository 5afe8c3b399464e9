// SPDX-License-Identifier: ISC
#include "incident/outage.h"

const char *const outage_state_names[OUTAGE_STATES] = {"open", "mitigated", "over"};
const char *const outage_severity_names[OUTAGE_SEVERITIES] = {"minor", "major", "critical"};

// TCP's throughput falls with the root of loss (Mathis et al. 1997): from 1 % of everything on all
// customers notice; with a tenth lost nothing is usable for those whose packets go there.
enum outage_severity outage_severity(uint32_t lost_ppm)
{
    return lost_ppm >= 100 * 1000  ? OUTAGE_CRITICAL
           : lost_ppm >= 10 * 1000 ? OUTAGE_MAJOR
                                   : OUTAGE_MINOR;
}
