// SPDX-License-Identifier: ISC
// Programs and helpers of the lab, each in a namespace. Every one is a session of its own, so that
// Ctrl-C reaches only the lab, which then ends them in order; if the lab dies first, the kernel
// kills them (those that change their user excepted: the janitor does).
#pragma once

#include "lab/text.h"

#include <stdint.h>
#include <sys/types.h>

struct process_how {
    int space;                // network namespace to be in; -1: ours
    const char *host_name;    // as it sees itself; NULL: as we do
    const char *const *argv;  // ends with NULL
    int input, output;        // -1: /dev/null; output is standard output and standard error
    int error;                // 0: as `output`; else its own descriptor
    int listen;               // a listening socket handed on as systemd does; 0: none
    int nice;                 // as nice(2)
};

// The pid, or -errno, also when the program could not be executed.
pid_t process_start(const struct process_how *how);

// Runs it to its end with `input` (NULL: nothing) on its standard input; what it printed is
// appended to `output` (NULL: dropped). Gives its exit status (128 and the signal's number when it
// was killed), or -errno. The descriptors in `how` are ignored.
int process_run(const struct process_how *how, const char *input, struct text *output);

// A copy of ourselves in a namespace: 0 in the copy, its pid here, or -errno.
pid_t process_fork(int space);

// SIGTERM, after `grace_ms` SIGKILL; reaps. Gives the wait status, or -1 when it was gone.
int process_stop(pid_t pid, int64_t grace_ms);
bool process_is_alive(pid_t pid);  // reaps it when it is not
