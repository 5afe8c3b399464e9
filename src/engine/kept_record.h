// SPDX-License-Identifier: ISC
// An open outage as the store keeps it for the next life of the process, and gives it back: the
// same as an effect and as an event. By names, not by numbers of the configuration, which may be
// another by then: what it no longer has is left out. Times are of the clock of the life that told.
#pragma once

#include "alert/kept.h"
#include "incident/outage_kept.h"

struct kept_outage {
    uint32_t number;
    int64_t run_s;    // when the engine began in whose time it did
    int64_t wall_ns;  // of the wall clock when CLOCK_MONOTONIC was 0
    enum outage_state state;
    enum outage_severity severity;
    uint32_t share_ppm;  // as people know it, like the texts
    bool lost;
    struct mono onset, lost_at, bad_at;  // of struct outage_kept
    uint32_t facts;                      // that belong to it, told before it: places 1 to `facts`,
    uint32_t warned_by, changed_by, rolled_back_by;  // and which of them; 0: none
    // Lists "NAME, NAME". Of paths '*' marks what loses; of own prefixes '*' what no table has, '+'
    // what none of others has; of people '*' whom a call is on its way to.
    char paths[448], own[320], foreign[192], nodes[384], told[256];
    char title[OUTAGE_TITLE_MAX], cause[OUTAGE_CAUSE_MAX], action[OUTAGE_ACTION_MAX];
    enum alert_life life;
    uint32_t round;
    struct mono round_at, acked_until;
    char has_it[NET_NAME_MAX];
};

struct kept_fact {
    uint32_t number, place;  // of the outage; 1 to OUTAGE_KEPT_FACTS
    int64_t wall_ns;
    enum fact_kind kind;
    struct mono at, last_at;
    char device[NET_NAME_MAX], who[NET_NAME_MAX], subject[NET_NAME_MAX];
    char text[FACT_TEXT_MAX], odd[FACT_TEXT_MAX];
    char nodes[512], odd_nodes[256];
    uint32_t count;
    bool standing, unseen;
    int64_t rate_nhz;
};
