// SPDX-License-Identifier: ISC
// An outage from one life of the process to the next: what must be known of one to go on with it,
// with its number, as soon as the process has begun. What follows from it by the configuration, and
// what is soon found out anew, is not kept: its causes are ranked again, from the facts that they
// are made of.
#pragma once

#include "incident/outage.h"

enum { OUTAGE_KEPT_FACTS = 12 };

struct outage_kept {
    uint32_t number;
    enum outage_state state;
    enum outage_severity severity;
    struct mono onset, lost_at;  // lost_at: where anything was lost
    struct mono bad_at;          // of what is well, or was a warning only
    bool lost;
    uint64_t paths, hit;    // bit sets: ever, as last seen
    uint64_t own, foreign;  // own prefixes, ever
    struct nodes nodes;
    uint32_t warned_by, changed_by, rolled_back_by;  // ids of facts; 0: none
};

struct outage_kept outage_keep(const struct outage *outage);
// The ids of the facts that it is to be kept with, ascending; gives how many.
uint32_t outage_kept_facts(const struct outage *outage, uint32_t ids[OUTAGE_KEPT_FACTS]);
// NULL: its number was given or taken already, or there is no place. What was opened of the same
// meanwhile is part of it. Numbers go on from there.
struct outage *outages_take_up(struct outages *outages, struct mono now,
                               const struct outage_kept *kept);
