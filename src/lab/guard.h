// SPDX-License-Identifier: ISC
// `fairlead run` as the lab starts it: with the scenario's configuration, in the guard's namespace,
// its effects read from its standard output. What it says is only noted, with the time at which the
// lab heard it: the measuring is the traffic's business.
#pragma once

#include "engine/effect.h"
#include "engine/message.h"
#include "lab/lab.h"

#include <stdio.h>

struct guard_effect {
    int64_t heard_ns;  // on the lab's reading of CLOCK_MONOTONIC
    struct effect effect;
};

struct guard_files {      // each may be empty: not kept
    char recording[256];  // `record` of the configuration
    char effects[256];    // its standard output, as it is
    char errors[256];     // its standard error
};

struct guard {
    struct net net;  // its configuration
    pid_t pid;
    int output, errors;  // errors: a file
    FILE *copy;
    size_t held;  // bytes of a line that is not complete
    char buffer[4 * MESSAGE_MAX];
    size_t effect_count, effect_capacity;
    struct guard_effect *effects;
    char unread[MESSAGE_MAX];  // the first line that was no effect; empty: all were
};

// `listen`: the status page's socket, 0: none. 0, or -errno and why in the lab.
int guard_start(struct guard *guard, struct lab *lab, const struct guard_files *files, int listen);
// Takes in what it said. How many effects are new, or -EPIPE when it closed its output.
int guard_read(struct guard *guard, int64_t now_ns);
// SIGTERM, and SIGKILL later. Its wait status. The effects stay until guard_done().
int guard_stop(struct guard *guard);
void guard_done(struct guard *guard);

// The first effect of this kind from `from_ns` on for which `match` holds; NULL: none.
const struct guard_effect *
guard_find(const struct guard *guard, enum effect_kind kind, int64_t from_ns,
           bool (*match)(const struct effect *effect, const void *context), const void *context);
// The last line of its standard error; empty: it wrote none.
void guard_last_error(const struct guard *guard, char *line, size_t size);

// Incidents that it opened and has not closed.
uint32_t guard_open_incidents(const struct guard *guard);
