// SPDX-License-Identifier: ISC
// How often a detector may be wrong. The configuration says it of the whole system; each of the
// many tests that run at once gets its share, so that together they stay within it however they
// depend on each other (Bonferroni).
#pragma once

#include "net/net.h"

// Who shares the false suspicions of a system: the banks of all its paths, and those of all its
// flows.
enum { BUDGET_SUSPECT_SHARERS = 2 };

// Seconds between false alarms of each of `tests` (> 0); with 1: of the whole system. A suspicion
// costs probes; on what is confirmed one acts.
double budget_suspect_s(const struct net *net, uint64_t tests);
double budget_act_s(const struct net *net, uint64_t tests);
