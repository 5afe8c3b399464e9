// SPDX-License-Identifier: ISC
// What many runs come to: percentiles, and whether the scenario's expectations hold, for each
// address family on its own.
#pragma once

#include "lab/rehearsal.h"

#include <jansson.h>

struct report_range {  // INFINITY: it did not happen in that many runs; NAN: nothing was measured
    double p50, p95, max;
};

struct report_family {
    struct report_range suspect_ms, detect_ms, new_way_ms, restore_ms, lost_packets;
    uint32_t return_lost_packets;
};

struct report {
    struct report_family families[FAMILIES];         // FAMILY_NONE: both together
    struct report_range name_ms;                     // until all parts were named,
    struct report_range said_ms[SCENARIO_SAID_MAX];  // and until each expected word was said
    uint32_t runs, false_actions, acts, wrong_names;
    bool pass;
    struct text failures;  // a line for each
    struct text peers;     // "frr 8.4.4", a line for each
};

// `runs` are lent for the call.
struct report report_of(const struct scenario *scenario, const struct rehearsal_run *runs,
                        uint32_t run_count);
// Which routing daemons it was against.
void report_add_peers(struct report *report, const struct scenario *scenario);
void report_done(struct report *report);

json_t *report_json(const struct report *report, const struct scenario *scenario);
json_t *report_run_json(const struct rehearsal_run *run, uint32_t number);
void report_print(const struct report *report, const struct scenario *scenario, FILE *out);
void report_print_verdict(const struct report *report, FILE *out);
void report_run_print(const struct rehearsal_run *run, uint32_t number, FILE *out);
