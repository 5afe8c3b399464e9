// SPDX-License-Identifier: ISC
// How faults that are named belong to outages: what makes one of two, and two of one.
#include "incident/outage_inside.h"

#include <string.h>

struct nodes outage_fault_nodes(const struct net *net, const struct fault_part *part)
{
    struct nodes nodes = {0};
    for (uint32_t g = 0; g < net->group_count && part->member[0]; g++)
        for (uint32_t m = 0; m < net->groups[g].member_count; m++)
            if (strcmp(net->groups[g].name, part->group) == 0 &&
                strcmp(net->groups[g].members[m].name, part->member) == 0)
                nodes_add(&nodes, NODES_MEMBER + g * NET_MEMBERS_MAX + m);
    if (nodes_are_none(&nodes) && part->upstream < net->upstream_count)
        return nodes_of_upstream(part->upstream);
    if (nodes_are_none(&nodes) && part->router < net->router_count)
        nodes_add(&nodes, NODES_ROUTER + part->router);
    return nodes;
}

bool outage_has_fault(const struct outage *outage, uint32_t number)
{
    for (uint32_t i = 0; i < outage->fault_count; i++)
        if (outage->faults[i] == number)
            return true;
    return false;
}

static struct outage *outage_of_fault(struct outages *outages, uint32_t number)
{
    for (uint32_t i = 0; i < OUTAGES_MAX; i++)
        if (outages->items[i].number && outage_has_fault(&outages->items[i], number))
            return &outages->items[i];
    return NULL;
}

static void take_earlier(struct mono *ours, struct mono theirs)
{
    if (ours->ns == 0 || (theirs.ns > 0 && theirs.ns < ours->ns))
        *ours = theirs;
}

// The older keeps its number.
void outage_absorb(struct outage *outage, struct outage *other)
{
    nodes_join(&outage->nodes, &other->nodes);
    outage->paths |= other->paths;
    outage->own |= other->own;
    outage->foreign |= other->foreign;
    take_earlier(&outage->onset, other->onset);
    if (other->lost)
        outage_note_loss(outage, other->lost_at);
    for (uint32_t i = 0; i < other->fault_count; i++)
        if (!outage_has_fault(outage, other->faults[i]) && outage->fault_count < OUTAGE_FAULTS_MAX)
            outage->faults[outage->fault_count++] = other->faults[i];
    if (!outage->changed_by) {
        outage->warned_by = other->warned_by;
        outage->changed_by = other->changed_by;
    }
    outage->rolled_back_by =
        outage->rolled_back_by ? outage->rolled_back_by : other->rolled_back_by;
    outage_raise(outage, other->severity);
    outage->ranked_at.ns = 0;
    other->part_of = outage->number;
    other->paths = 0;
    other->own = other->foreign = 0;
    other->fault_count = 0;
}

static uint32_t losing(const struct outages *outages)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < OUTAGES_MAX; i++)
        count += outages->items[i].number && outages->items[i].hit;
    return count;
}

// What began as two outages, and then one part is named on which both hang.
static void merge(struct outages *outages, const struct symptom *symptom)
{
    if (losing(outages) < 2)
        return;
    struct nodes below = nodes_closure(outages->net, &symptom->nodes);
    struct outage *oldest = NULL;
    for (uint32_t i = 0; i < OUTAGES_MAX; i++) {
        struct outage *outage = &outages->items[i];
        bool is_hit =
            outage->number && outage->hit && !outage->part_of && nodes_meet(&below, &outage->nodes);
        if (is_hit && oldest && oldest->number < outage->number)
            outage_absorb(oldest, outage);
        else if (is_hit && oldest)
            outage_absorb(outage, oldest);
        if (is_hit && (!oldest || oldest->number > outage->number))
            oldest = outage;
    }
}

static void take_fault(struct outages *outages, const struct fault *fault, struct mono now)
{
    struct outage *outage = outage_of_fault(outages, fault->number);
    struct symptom symptom = {fault->began_at, outage_fault_nodes(outages->net, &fault->part)};
    merge(outages, &symptom);
    outage = outage && outage->part_of ? NULL : outage;
    const struct outage *near = outage ? outage : outage_find(outages, &symptom);
    if (fault->symptom == FAULT_DELAY && near && near->state == OUTAGE_WARNED)
        return;  // what is late is not lost, and no warning comes true by it
    if (!outage)
        outage = outage_join(outages, &symptom, now, OUTAGE_OPEN);
    if (!outage_has_fault(outage, fault->number) && outage->fault_count < OUTAGE_FAULTS_MAX)
        outage->faults[outage->fault_count++] = fault->number;
    outage_note_loss(outage, fault->began_at);
    outage->bad_at = now;
}

// ---- one that is two

// Whether what is the likeliest cause of the outage, as far as it is known to have one, is of both.
static bool has_one_cause(const struct outages *outages, const struct outage *outage,
                          const struct nodes *a, const struct nodes *b)
{
    const struct cause *top = &outage->causes.items[0];
    const struct fact *fact = facts_get(&outages->facts, top->fact);
    return fact && top->share >= CAUSE_LIKELY && nodes_meet(&fact->closure, a) &&
           nodes_meet(&fact->closure, b);
}

// Joined because both hang on one router or member and began within minutes; but a part of each is
// named, neither hangs on the other's, and nothing that happened explains both.
static bool is_apart(const struct outages *outages, const struct outage *outage,
                     const struct outage_sight *sight, const struct fault *fault)
{
    struct nodes nodes = outage_fault_nodes(outages->net, &fault->part);
    struct nodes below = nodes_closure(outages->net, &nodes);
    bool other_named = false;
    if (nodes_are_none(&nodes) ||
        outage_seconds(fault->began_at, outage->lost_at) <= OUTAGE_TOGETHER_S)
        return false;
    for (uint32_t i = 0; i < sight->fault_count; i++) {
        const struct fault *other = &sight->faults[i];
        struct nodes theirs = outage_fault_nodes(outages->net, &other->part);
        if (other->number == fault->number || !outage_has_fault(outage, other->number) ||
            nodes_are_none(&theirs))
            continue;
        theirs = nodes_closure(outages->net, &theirs);
        if (nodes_meet(&below, &theirs) || has_one_cause(outages, outage, &below, &theirs))
            return false;
        other_named = true;
    }
    return other_named;
}

static void drop_fault(struct outage *outage, uint32_t number)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < outage->fault_count; i++)
        if (outage->faults[i] != number)
            outage->faults[kept++] = outage->faults[i];
    outage->fault_count = kept;
}

// The later one gets a number of its own, and has the paths that hang on its part.
static void split(struct outages *outages, struct outage *outage, const struct fault *fault,
                  struct mono now)
{
    struct outage *other = outage_free_place(outages);
    struct nodes nodes = outage_fault_nodes(outages->net, &fault->part);
    struct nodes below = nodes_closure(outages->net, &nodes);
    if (!other)
        return;
    *other = (struct outage){.number = ++outages->count,
                             .state = OUTAGE_OPEN,
                             .onset = fault->began_at,
                             .lost = true,
                             .lost_at = fault->began_at,
                             .entered_at = now,
                             .bad_at = now,
                             .joined_at = fault->began_at,
                             .nodes = nodes,
                             .faults = {fault->number},
                             .fault_count = 1};
    for (uint64_t left = outage->paths; left; left &= left - 1) {
        uint32_t upstream = net_path(outages->net, (uint32_t)__builtin_ctzll(left)).upstream;
        if (upstream != NET_NOBODY && nodes_have(&below, NODES_UPSTREAM + upstream))
            other->paths |= left & -left;
    }
    outage->paths &= ~other->paths;
    drop_fault(outage, fault->number);
    for (uint32_t i = 0; i < NODES_WORDS; i++)
        outage->nodes.bits[i] &= ~below.bits[i];
    outage->ranked_at.ns = 0;
}

void outage_take_faults(struct outages *outages, const struct outage_sight *sight)
{
    for (uint32_t i = 0; i < sight->fault_count; i++) {
        const struct fault *fault = &sight->faults[i];
        take_fault(outages, fault, sight->now);
        struct outage *outage = outage_of_fault(outages, fault->number);
        if (outage && is_apart(outages, outage, sight, fault))
            split(outages, outage, fault, sight->now);
    }
}
