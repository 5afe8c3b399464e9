// SPDX-License-Identifier: ISC
// Whether Fairlead said in time what a scenario expects: each of its effects, as the line it is,
// against the words of `said`. Pure.
#pragma once

#include "lab/guard.h"
#include "lab/scenario.h"

struct said_times {
    int64_t begun_ns[SCENARIO_FAULTS_MAX];  // 0: never
    int64_t first_faulty_ns;                // of the traffic; 0: never
};

// How long after what it follows it was said; NAN: it was not, or after the first lost packet where
// it must be before.
double said_ms(const struct guard *guard, const struct scenario_said *said,
               const struct said_times *times);
