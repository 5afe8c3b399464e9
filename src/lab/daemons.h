// SPDX-License-Identifier: ISC
// The routing daemons of a lab: how each sort is started, asked and named. They run in the
// foreground as our children; sockets and copies of their configuration stand in the lab's
// directory.
#pragma once

#include "lab/lab.h"

// Every daemon and every `run` line of every node. 0, or -errno and why.
int daemons_start(struct lab *lab);

// "frr 8.4.4" and so on: what this sort calls itself. False when it is not installed.
bool daemons_version(enum scenario_daemon daemon, struct text *text);

// What a node's daemon holds and what its kernel forwards by, both families, without what changes
// by itself: two texts are equal when routing is. 0, or -errno and why.
int daemons_tables(struct lab *lab, uint32_t node, struct text *tables);
