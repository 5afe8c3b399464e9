// SPDX-License-Identifier: ISC
#include "engine/blame.h"

#include "engine/state.h"
#include "stat/beta.h"

#include <stdio.h>

// Whether moving could mend it at all: what packets lose on the way to us no route of ours changes,
// a later packet is no lost one, and of what is lost towards some targets only the detector of the
// path judges whether that is the path's.
static bool is_mendable(const struct fault *fault)
{
    return fault->state == FAULT_NAMED && fault->symptom != FAULT_DELAY &&
           fault->part.direction != FAULT_REVERSE && fault->part.target == NET_NOBODY &&
           !fault->part.place[0];
}

// A part of one upstream, whatever packets are like: of sizes and classes alone nobody knows how
// much traffic they are.
static bool is_of_path(const struct fault *fault, struct net_path path)
{
    const struct fault_part *part = &fault->part;
    return is_mendable(fault) && path.upstream != NET_NOBODY && part->upstream == path.upstream &&
           (part->family == FAMILY_NONE || part->family == path.family) &&
           part->dscp == FAULT_ANY && part->size_bytes == FAULT_ANY && part->protocol == FAULT_ANY;
}

static const struct fault *fault_of_path(const struct engine *e, uint32_t path)
{
    for (uint32_t i = 0; i < e->faults.count; i++)
        if (is_of_path(&e->faults.items[i].fault, e->paths[path]))
            return &e->faults.items[i].fault;
    return NULL;
}

uint32_t blame_loss_low_ppm(const struct engine *e, uint32_t path)
{
    const struct fault *fault = fault_of_path(e, path);
    if (!fault)
        return 0;
    const struct fault_evidence *evidence = &fault->evidence;
    bool tuples = fault->symptom == FAULT_TUPLES;
    uint32_t all = tuples ? evidence->flows : evidence->samples;
    uint32_t bad = tuples ? evidence->flows_lossy : evidence->lost;
    if (bad > all)
        return 0;
    uint32_t share = evidence->share_ppm < 1000000 ? evidence->share_ppm : 1000000;
    return (uint32_t)((uint64_t)beta_low_ppm(all - bad, bad) * share / 1000000);
}

static void blame_path(struct engine *e, uint32_t path)
{
    const struct fault *fault = fault_of_path(e, path);
    bool asked = e->stories[path].causes >> STORY_FAULT & 1;
    char reason[64];
    if (fault && !asked) {
        snprintf(reason, sizeof reason, "fault %u is named here", fault->number);
        story_ask(e, path, STORY_FAULT, reason);
    } else if (!fault && asked) {
        story_over(e, path, STORY_FAULT);
    }
}

void blame_advance(struct engine *e)
{
    if (!e->net->steer.act_on_faults)
        return;
    for (uint32_t path = 0; path < e->path_count; path++)
        if (e->paths[path].upstream != NET_NOBODY)
            blame_path(e, path);
}
