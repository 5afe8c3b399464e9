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

// The hash of addresses and ports, with a seed that nft makes up: other 5-tuples die each time.
static void add_tuples(struct text *rule, const struct scenario_fault *fault, const char *ip)
{
    text_add(rule,
             " meta l4proto { tcp, udp } jhash %s saddr . %s daddr . th sport . th dport mod %u"
             " < %u",
             ip, ip, fault->tuples_of, fault->tuples_dead);
}

// What must hold of a packet to be lost.
static void add_matches(struct text *rule, uint32_t index, const struct scenario_fault *fault,
                        enum family family)
{
    const char *ip = family == FAMILY_IPV4 ? "ip" : "ip6";
    const char *protocol = fault->protocol;
    if (protocol && strcmp(protocol, "icmp") == 0 && family == FAMILY_IPV6)
        protocol = "icmpv6";
    text_add(rule, " meta nfproto %s", family_name(family));
    if (fault->every_ns)
        text_add(rule, " iifname @burst%u", index);
    else if (fault->from)
        text_add(rule, " iifname \"%s\"", fault->from);
    if (fault->to)
        text_add(rule, " oifname \"%s\"", fault->to);
    if (protocol)
        text_add(rule, " meta l4proto %s", protocol);
    if (fault->port)
        text_add(rule, " th dport %u", fault->port);
    if (fault->dscp >= 0)
        text_add(rule, " %s dscp %d", ip, fault->dscp);
    if (fault->above_bytes)
        text_add(rule, " meta length > %u", fault->above_bytes);
    if (fault->tuples_of)
        add_tuples(rule, fault, ip);
    if (fault->loss_ppm < 1000000)
        text_add(rule, " numgen random mod 1000000 < %u", fault->loss_ppm);
    if (fault->above_pps)
        text_add(rule, " limit rate over %u/second burst 5 packets", fault->above_pps);
}

void fault_rules(struct text *rules, uint32_t index, const struct scenario_fault *fault)
{
    for (enum family f = FAMILY_IPV4; f <= FAMILY_IPV6 && fault->loss_ppm; f++) {
        if (fault->family != FAMILY_NONE && fault->family != f)
            continue;
        text_add(rules, "add rule inet fairlead_lab fault%u", index);
        add_matches(rules, index, fault, f);
        text_add(rules, " counter drop\n");
    }
}

// A burst ends by itself: its rule asks a set whose element lives as long as the burst. Two calls
// of nft would make it tens of milliseconds longer or shorter.
static void add_chain(struct text *rules, uint32_t index, const struct scenario_fault *fault,
                      enum scenario_kind kind)
{
    text_add(rules, "add table inet fairlead_lab\n");
    text_add(rules, "add chain inet fairlead_lab fault%u { type filter hook %s priority 0; }\n",
             index, kind == SCENARIO_ROUTER ? "forward" : "input");
    if (!fault->every_ns)
        return;
    text_add(rules, "add set inet fairlead_lab burst%u { type ifname; flags timeout; }\n", index);
    fault_rules(rules, index, fault);
}

int faults_init(struct faults *faults, struct lab *lab)
{
    *faults = (struct faults){.lab = lab};
    int result = 0;
    for (uint32_t i = 0; i < lab->scenario->fault_count && result == 0; i++) {
        const struct scenario_fault *fault = &lab->scenario->faults[i];
        struct text rules = {0};
        if (fault->loss_ppm) {
            add_chain(&rules, i, fault, lab->scenario->nodes[fault->node].kind);
            result = nft(lab, fault->node, &rules);
        }
        text_done(&rules);
    }
    return result;
}

static int run_lines(struct lab *lab, uint32_t node, const struct tree_node *list)
{
    int result = 0;
    for (const struct tree_node *line = list ? list->first : NULL; line && result == 0;
         line = line->next) {
        struct text output = {0};
        int status = line->text ? lab_run(lab, node, line->text, NULL, &output) : -EINVAL;
        if (status != 0)
            result = lab_fail(lab, status < 0 ? status : -EIO, "fault: '%.100s' in '%s': %.200s",
                              line->text ? line->text : "", lab->scenario->nodes[node].name,
                              status < 0 ? strerror(-status) : text_get(&output));
        text_done(&output);
    }
    return result;
}

static int rules_switch(struct faults *faults, uint32_t index, bool on)
{
    const struct scenario_fault *fault = &faults->lab->scenario->faults[index];
    struct text rules = {0};
    if (on)
        fault_rules(&rules, index, fault);
    else
        text_add(&rules, "flush chain inet fairlead_lab fault%u\n", index);
    int result = nft(faults->lab, fault->node, &rules);
    text_done(&rules);
    return result;
}

static int fault_switch(struct faults *faults, uint32_t index, bool on)
{
    const struct scenario_node *nodes = faults->lab->scenario->nodes;
    const struct scenario_fault *fault = &faults->lab->scenario->faults[index];
    struct fault_span *state = &faults->states[index];
    int result = 0;
    *(on ? &state->begun_before_ns : &state->ended_before_ns) = traffic_now_ns();
    if (fault->loss_ppm)
        result = rules_switch(faults, index, on);
    if (result == 0)
        result = run_lines(faults->lab, fault->node, on ? fault->begin : fault->end);
    if (fault->delay_ns >= 0)
        wires_delay(&faults->lab->wires, fault->node,
                    on ? fault->delay_ns : nodes[fault->node].delay_ns);
    *(on ? &state->begun_after_ns : &state->ended_after_ns) = traffic_now_ns();
    state->on = on;
    return result;
}

static int fault_burst(struct faults *faults, uint32_t index)
{
    const struct scenario_fault *fault = &faults->lab->scenario->faults[index];
    int64_t before_ns = traffic_now_ns();
    struct text rules = {0};
    text_add(&rules, "add element inet fairlead_lab burst%u { \"%s\" timeout %dms }\n", index,
             fault->from, (int)(fault->for_ns / NS_PER_MS));
    int result = nft(faults->lab, fault->node, &rules);
    struct fault_span *state = &faults->states[index];
    state->next_burst_ns += fault->every_ns;
    if (!state->begun_before_ns)
        state->begun_before_ns = before_ns;
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
