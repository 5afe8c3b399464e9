// SPDX-License-Identifier: ISC
// Whether Fairlead named the right part: its effects `fault` against the `names` that a scenario
// expects. A name is a map of a fault's attributes, as in the effect, to what must be said of them;
// what is not in the map must not be said. Pure.
#pragma once

#include "lab/guard.h"
#include "lab/scenario.h"

struct names_window {
    int64_t fault_ns;                   // the fault cannot be known before; 0: none in this run
    int64_t first_faulty_ns[FAMILIES];  // of the traffic; FAMILY_NONE: of both; 0: never
};

struct names_result {
    // Until the last of the names was said, of each family that has faulty packets; NAN: not all
    // were.
    double name_ms;
    // Until anything was said of a fault of this family or of both; NAN: nothing was.
    double told_ms[FAMILIES];
    uint32_t wrong_names;               // faults named with a part that is not one of the names
    char wrong_words[FAULT_WORDS_MAX];  // of the first of them
};

struct names_result names_judge(const struct guard *guard, const struct scenario_expect *expect,
                                const struct names_window *window);

// Attributes that may stand in a name; ends with NULL.
extern const char *const names_keys[];
