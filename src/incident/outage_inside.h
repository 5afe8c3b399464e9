// SPDX-License-Identifier: ISC
// What the parts of an outage's life share; see outage.h. Not for others.
#pragma once

#include "incident/outage.h"

enum {
    OUTAGE_TOGETHER_S = 5,  // what begins so close together is one, whatever it hangs on
};

// Something that is wrong, and since when.
struct symptom {
    struct mono began;
    struct nodes nodes;
};

double outage_seconds(struct mono later, struct mono earlier);
// The open one that it belongs to; NULL.
struct outage *outage_find(struct outages *outages, const struct symptom *symptom);
// The same; a new one, in this state, where it belongs to none.
struct outage *outage_join(struct outages *outages, const struct symptom *symptom, struct mono now,
                           enum outage_state state);
// A place for one more; NULL.
struct outage *outage_free_place(struct outages *outages);
void outage_note_loss(struct outage *outage, struct mono began);
void outage_raise(struct outage *outage, enum outage_severity severity);

// outage_faults.c: joins each fault that is named; two outages get one, and one two, by what is.
void outage_take_faults(struct outages *outages, const struct outage_sight *sight);
// What was two is one: `outage` has all of `other`, which is over as part of it.
void outage_absorb(struct outage *outage, struct outage *other);
bool outage_has_fault(const struct outage *outage, uint32_t number);
struct nodes outage_fault_nodes(const struct net *net, const struct fault_part *part);
