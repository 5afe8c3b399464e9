// SPDX-License-Identifier: ISC
// Branches of local git repositories, looked at again and again by git itself, within a time limit:
// what is new there are changes. Part of the hook role.
#pragma once

#include "change/git_log.h"
#include "role/program.h"

enum {
    HOOK_GIT_COMMITS_MAX = 50,         // that are told at once; of more the newest
    HOOK_GIT_OUTPUT_MAX = 256 * 1024,  // bytes of what git says
    HOOK_GIT_TIMEOUT_MS = 20 * 1000,
    HOOK_GIT_EVENTS_MAX = 64,  // that wait for the engine, of one repository
};

enum hook_git_step { HOOK_GIT_TIP, HOOK_GIT_LOG, HOOK_GIT_ONE };

struct event;
struct hook_role;

struct hook_git {
    struct program program;
    enum hook_git_step step;  // what runs
    char seen[GIT_HASH_MAX];  // the newest commit that was told, or that was there when we came
    char tip[GIT_HASH_MAX];   // the newest there is
    struct mono ask_at;
    bool is_lost;           // it cannot be read
    uint32_t first, count;  // a ring
    struct event *queue;    // HOOK_GIT_EVENTS_MAX
    char *output;           // HOOK_GIT_OUTPUT_MAX
};

bool hook_git_open(struct hook_role *r);  // false: memory is out
void hook_git_close(struct hook_role *r);
void hook_git_turn(struct hook_role *r);  // asks those whose time has come, tells what is new
void hook_git_ended(struct hook_role *r, struct hook_git *git);
struct mono hook_git_due(const struct hook_role *r);
