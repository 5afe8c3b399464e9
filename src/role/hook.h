// SPDX-License-Identifier: ISC
// The hook role from inside: it runs the programs that the configuration names, when the engine
// says so, and tells what became of them. It holds no socket but its channel.
#pragma once

#include "engine/effect.h"
#include "engine/event.h"
#include "role/hook_git.h"
#include "role/program.h"
#include "role/roles.h"
#include "steer/health.h"

enum {
    HOOK_PROGRAMS_MAX = 4,  // of hooks at once; further ones wait
    HOOK_CHECKS_MAX = 8,    // of health likewise
};

// One program at a time of each hook. An order that comes meanwhile waits; the latest only.
struct hook_slot {
    struct program program;
    struct effect_hook order, next;  // what runs, what waits
    bool has_next;
};

// Whether what net.announce[i] leads to is well.
struct hook_check {
    struct program program;
    struct health health;
    bool is_untold;                   // the engine does not know yet
    char reason[PROGRAM_REASON_MAX];  // of the answer that changed it
};

struct hook_role {
    const struct net *net;
    int channel, signals;  // signals: of signalfd(2)
    bool is_stopping;
    struct mono now;
    struct random random;
    struct hook_slot slots[NET_HOOKS_MAX];
    struct hook_check checks[NET_ANNOUNCE_MAX];
    struct hook_git gits[NET_REPOSITORIES_MAX];
};

// All programs that may run, 0 to hook_program_count() - 1: of hooks, of health, of git.
uint32_t hook_program_count(const struct hook_role *r);
struct program *hook_program(struct hook_role *r, uint32_t i);

// hook_health.c
void hook_health_begin(struct hook_role *r);
void hook_health_turn(struct hook_role *r);  // asks those whose time has come, tells what changed
void hook_health_ended(struct hook_role *r, struct hook_check *check);
struct mono hook_health_due(const struct hook_role *r);

// hook.c
extern const char hook_path_word[];  // of every program's environment
// What is ours to kill and in no session of a program that runs: it detached itself from one.
// Gives how many.
uint32_t hook_kill_strays(struct hook_role *r);
