// SPDX-License-Identifier: ISC
// From whom a role is started: a process that has become the role's user while there was the
// privilege to, and does nothing but start it, again when it died, and end it when told to. So
// the parent gives all privileges up before a byte comes from the network, and roles of other
// users than its own still live again. A keeper reads nothing but the parent's orders; it ends,
// and its role with it, when the parent is gone.
#pragma once

#include "role/spawn.h"

struct keeper {
    pid_t pid;   // 0: none
    int orders;  // -1: none
};

// Forks one. 0 or -errno.
int keeper_open(struct keeper *keeper, const struct spawn *spawn);
// The role's pid, a child of ours (who called prctl(PR_SET_CHILD_SUBREAPER) before), and our end of
// its channel; or -errno.
pid_t keeper_start_role(const struct keeper *keeper, int *channel);
void keeper_kill_role(const struct keeper *keeper);
// Does not wait for it: it ends as soon as its role has, which it ends after two seconds.
void keeper_close(struct keeper *keeper);
