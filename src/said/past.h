// SPDX-License-Identifier: ISC
// What was told of an outage that is past, as role/store_read.h reads it, and what is made of it
// for others. All of these are pure: the same lines, the same text.
#pragma once

#include "said/text.h"

#include <jansson.h>

struct said_past {
    const json_t *outage;  // a line of ASK_PAST_OUTAGES,
    const json_t *facts;   // an array of those of ASK_PAST_FACTS, of its time,
    const json_t *rates;   // and of ASK_PAST_RATES,
    int64_t step_s;        // each of so long
};

// "2016-06-20T12:10:03.250000Z" in nanoseconds; false: it is none.
bool said_time_parse(const char *text, int64_t *at_ns);
const char *said_get(const json_t *object, const char *key);  // a text; "": there is none
int64_t said_number(const json_t *object, const char *key);

// When what is known of an outage was so; INT64_MIN: never, as far as was told.
struct said_times {
    int64_t onset_ns, detected_ns, acknowledged_ns, acted_ns, recovered_ns, over_ns;
};
struct said_times said_times_of(const struct said_past *past);

void said_postmortem(const struct said_past *past, struct said_text *text);  // Markdown

// What a provider's people can act upon, of one upstream and of nothing else: as an object, and the
// same as a plain text. No causes: those are ours.
json_t *said_evidence(const struct said_past *past, const char *upstream);
void said_evidence_text(const json_t *evidence, struct said_text *text);
// The upstreams of which anything was lost, an array of names.
json_t *said_upstreams(const struct said_past *past);
