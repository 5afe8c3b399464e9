// SPDX-License-Identifier: ISC
#include "lab/faults.h"

#include "lab/traffic_wire.h"

#include <errno.h>
#include <string.h>

static int nft(struct lab *lab, uint32_t node, const struct text *rules)
{
    struct text output = {0};
    int status =
        text_ok(rules) ? lab_run(lab, node, "nft -f -", text_get(rules), &output) : -ENOMEM;
    int result = 0;
    if (status < 0)
        result = lab_fail(lab, status, "cannot run nft: %s", strerror(-status));
    else if (status > 0)
        result = lab_fail(lab, -EIO, "nft refused a fault: %.300s", text_get(&output));
    text_done(&output);
    return result;
}

static void add_drop(struct text *rules, uint32_t index, const struct scenario_fault *fault)
{
    text_add(rules, "add rule inet fairlead_lab fault%u", index);
    if (fault->every_ns)
        text_add(rules, " iifname @burst%u", index);
    else if (fault->from)
        text_add(rules, " iifname \"%s\"", fault->from);
    if (fault->loss_ppm < 1000000)
        text_add(rules, " numgen random mod 1000000 < %u", fault->loss_ppm);
    text_add(rules, " counter drop\n");
}

// A burst ends by itself: its rule asks a set whose element lives as long as the burst. Two calls
// of nft would make it tens of milliseconds longer or shorter.
static void add_chain(struct text *rules, uint32_t index, const struct scenario_fault *fault)
{
    text_add(rules, "add table inet fairlead_lab\n");
    text_add(rules,
             "add chain inet fairlead_lab fault%u { type filter hook forward priority 0; }\n",
             index);
    if (!fault->every_ns)
        return;
    text_add(rules, "add set inet fairlead_lab burst%u { type ifname; flags timeout; }\n", index);
    add_drop(rules, index, fault);
}

int faults_init(struct faults *faults, struct lab *lab)
{
    *faults = (struct faults){.lab = lab};
    int result = 0;
    for (uint32_t i = 0; i < lab->scenario->fault_count && result == 0; i++) {
        struct text rules = {0};
        add_chain(&rules, i, &lab->scenario->faults[i]);
        result = nft(lab, lab->scenario->faults[i].node, &rules);
        text_done(&rules);
    }
    return result;
}

static int fault_switch(struct faults *faults, uint32_t index, bool on)
{
    const struct scenario_fault *fault = &faults->lab->scenario->faults[index];
    struct fault_span *state = &faults->states[index];
    struct text rules = {0};
    if (on)
        add_drop(&rules, index, fault);
    else
        text_add(&rules, "flush chain inet fairlead_lab fault%u\n", index);
    *(on ? &state->begun_before_ns : &state->ended_before_ns) = traffic_now_ns();
    int result = nft(faults->lab, fault->node, &rules);
    *(on ? &state->begun_after_ns : &state->ended_after_ns) = traffic_now_ns();
    state->on = on;
    text_done(&rules);
    return result;
}

static int fault_burst(struct faults *faults, uint32_t index)
{
    const struct scenario_fault *fault = &faults->lab->scenario->faults[index];
    struct text rules = {0};
    text_add(&rules, "add element inet fairlead_lab burst%u { \"%s\" timeout %dms }\n", index,
             fault->from, (int)(fault->for_ns / NS_PER_MS));
    int result = nft(faults->lab, fault->node, &rules);
    faults->states[index].next_burst_ns += fault->every_ns;
    text_done(&rules);
    return result;
}

int faults_clear(struct faults *faults)
{
    int result = 0;
    for (uint32_t i = 0; i < faults->lab->scenario->fault_count && result == 0; i++)
        if (faults->states[i].on)
            result = fault_switch(faults, i, false);
    return result;
}

int faults_begin(struct faults *faults, int64_t now_ns)
{
    int result = faults_clear(faults);
    faults->zero_ns = now_ns;
    for (uint32_t i = 0; i < faults->lab->scenario->fault_count; i++) {
        const struct scenario_fault *fault = &faults->lab->scenario->faults[i];
        faults->states[i] = (struct fault_span){
            .next_burst_ns = fault->every_ns ? now_ns + fault->at_ns : INT64_MAX};
    }
    return result;
}

// When this fault's state must change next; INT64_MAX: not any more.
static int64_t fault_due_ns(const struct faults *faults, uint32_t index)
{
    const struct scenario_fault *fault = &faults->lab->scenario->faults[index];
    const struct fault_span *state = &faults->states[index];
    if (fault->every_ns)
        return state->next_burst_ns;
    if (!state->begun_before_ns)
        return faults->zero_ns + fault->at_ns;
    return state->on && fault->until_ns ? faults->zero_ns + fault->until_ns : INT64_MAX;
}

int64_t faults_next_ns(const struct faults *faults)
{
    int64_t next = INT64_MAX;
    for (uint32_t i = 0; faults->zero_ns && i < faults->lab->scenario->fault_count; i++)
        if (fault_due_ns(faults, i) < next)
            next = fault_due_ns(faults, i);
    return next;
}

int faults_turn(struct faults *faults, int64_t now_ns)
{
    int result = 0;
    for (uint32_t i = 0; faults->zero_ns && i < faults->lab->scenario->fault_count; i++) {
        if (fault_due_ns(faults, i) > now_ns || result < 0)
            continue;
        result = faults->lab->scenario->faults[i].every_ns
                     ? fault_burst(faults, i)
                     : fault_switch(faults, i, !faults->states[i].on);
    }
    return result;
}
