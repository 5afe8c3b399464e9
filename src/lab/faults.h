// SPDX-License-Identifier: ISC
// What breaks, on its time line: packets that a router forwards or a host takes in are lost, by
// nftables; wires grow longer; whatever else by command lines. What a router says and hears itself
// (BGP) is not touched by a loss.
#pragma once

#include "lab/lab.h"

struct faults {
    struct lab *lab;
    int64_t zero_ns;  // when the time line began; CLOCK_MONOTONIC
    struct fault_span {
        bool on;
        int64_t next_burst_ns;
        // The last packet before the first is safe, the first after the second is hit (or not any
        // more): nft takes a few milliseconds in between.
        int64_t begun_before_ns, begun_after_ns, ended_before_ns, ended_after_ns;
    } states[SCENARIO_FAULTS_MAX];
};

// Puts the (empty) tables in place. 0, or -errno and why in the lab.
int faults_init(struct faults *faults, struct lab *lab);
// Everything works again, and the time line begins now.
int faults_begin(struct faults *faults, int64_t now_ns);
// Does what is due.
int faults_turn(struct faults *faults, int64_t now_ns);
// When something will be due; INT64_MAX: nothing will.
int64_t faults_next_ns(const struct faults *faults);
int faults_clear(struct faults *faults);

// The rules of nft(8) by which this fault loses packets.
void fault_rules(struct text *rules, uint32_t index, const struct scenario_fault *fault);
