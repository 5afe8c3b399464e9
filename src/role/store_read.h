// SPDX-License-Identifier: ISC
// Questions about the past (struct ask_history), answered out of the store's file as JSON lines:
// the same for a verb that opens the file itself and for who asks the daemon. Bounded: what is more
// is said to be more, with the time from which to ask on.
//   {"run":3,"number":12,"onset":"...","changed":"...","state":"over","severity":"major",
//    "title":"...","cause":"...","action":"..."}                            of ASK_PAST_OUTAGES
//   {"effect":"plan",...,"time":"...","said":"..."}                         of ASK_PAST_FACTS,
//                                  and of ASK_PAST_FLOWS those that are flows, as the effect has it
//   {"time":"...","path":"transit-a ipv4","samples":800,"lost":2,"lost_forward":1,
//    "lost_reverse":0,"rtt_p50_ns":1,"rtt_p90_ns":2,"rtt_p99_ns":3}         of ASK_PAST_RATES
#pragma once

#include "engine/ask.h"
#include "role/store_file.h"

#include <jansson.h>

enum {
    STORE_LINES_MAX = 10 * 1000,   // of one answer
    STORE_SLOTS_MAX = 1000 * 100,  // times that are looked up for one answer: 11 days of one path
};

struct store_reader {
    struct sqlite3 *db;
    void (*say)(void *context, json_t *line);  // lent
    void *context;
    uint32_t lines;
    char next[40];  // the time from which there is more; "": there is not
    char why[STORE_WHY_MAX];
};

// Those before ASK_PAST_POSTMORTEM; the others are store_past_read(). The exit status of a verb: 0;
// 1 there is no such outage or path, 2 it is no such question, 3 the file cannot be read: then
// `why` says so.
int store_read(struct store_reader *reader, const struct ask_history *ask);

struct store_outage {
    int64_t run, number, onset_ns, changed_ns;
};
// The one that `id` names: "RUN.NUMBER", or a number: the last one that has it. Likewise.
int store_read_outage(struct store_reader *reader, const char *id, struct store_outage *found);
