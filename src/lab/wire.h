// SPDX-License-Identifier: ISC
// Wires with a length: nodes that carry every frame from one of their two ports to the other, later
// by a delay that faults change. (This kernel may have no netem.) Each is a process of its own.
#pragma once

#include "lab/scenario.h"

#include <stdatomic.h>
#include <sys/types.h>

struct wire_shared {  // with the wire's process
    _Atomic int64_t delay_ns;
    _Atomic uint64_t dropped;  // frames for which there was no room: the lab's fault
};

struct wires {
    struct wire_shared *shared;  // by node; NULL: there is no wire
    pid_t pids[SCENARIO_NODES_MAX];
};

// Starts the wires among the nodes. `namespaces` by node. 0 or -errno.
int wires_start(struct wires *wires, const struct scenario *scenario, const int *namespaces);
void wires_stop(struct wires *wires);
void wires_delay(struct wires *wires, uint32_t node, int64_t delay_ns);
uint64_t wires_dropped(struct wires *wires);  // since it was asked last
