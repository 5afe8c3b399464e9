// SPDX-License-Identifier: ISC
// The hook role from inside: it runs the programs that the configuration names, when the engine
// says so, and tells what became of them. It holds no socket but its channel.
#pragma once

#include "engine/effect.h"
#include "engine/event.h"
#include "role/program.h"
#include "role/roles.h"

enum { HOOK_PROGRAMS_MAX = 4 };  // at once; further ones wait

// One program at a time of each hook. An order that comes meanwhile waits; the latest only.
struct hook_slot {
    struct program program;
    struct effect_hook order, next;  // what runs, what waits
    bool has_next;
};

struct hook_role {
    const struct net *net;
    int channel, signals;  // signals: of signalfd(2)
    bool is_stopping;
    struct mono now;
    struct hook_slot slots[NET_HOOKS_MAX];
};

// hook.c
// What is ours to kill and in no session of a program that runs: it detached itself from one.
// Gives how many.
uint32_t hook_kill_strays(const struct hook_role *r);
