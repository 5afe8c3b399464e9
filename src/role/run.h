// SPDX-License-Identifier: ISC
// The daemon: the parent process is the engine's shell. It opens what needs privileges, forks the
// roles, gives them up, and then only passes on: events from the roles into the engine, its effects
// to `route` and to people. It never blocks.
#pragma once

#include "role/recorder.h"
#include "role/spawn.h"

#include <stdbool.h>

struct run_options {
    const struct net *net;
    struct recorder_config config;  // for the recording
    bool json;                      // effects as JSON lines instead of sentences
    const struct role_kind *kinds;  // ROLES of them; run_roles, or those of a test
};

extern const struct role_kind run_roles[];

// Runs until SIGINT, SIGTERM or the end of its terminal, or until a role fails that overrides
// depend on. Gives the exit status: 0 asked to end, 3 the world failed (why stands on standard
// error).
int run_daemon(const struct run_options *options);
