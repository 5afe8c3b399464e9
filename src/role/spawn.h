// SPDX-License-Identifier: ISC
// A role becomes a process: forked from the parent, without privileges, with nothing but its own
// sockets and its end of a channel.
#pragma once

#include "role/roles.h"

#include <stdbool.h>
#include <sys/types.h>

// Whether a role may have further processes, or threads.
enum spawn_forks {
    SPAWN_FORKS_NEVER,
    SPAWN_FORKS_HOOKS,  // it runs programs of hooks: hooks_user is who it becomes
    SPAWN_FORKS,
};

// What every role offers, see roles.h. The table is the daemon's; tests bring their own.
struct role_kind {
    const char *name;
    // Whether the configuration wants it at all.
    bool (*wanted)(const struct net *net);
    void *(*open)(const struct net *net, char *why);
    int (*run)(void *role, int channel);
    void (*close)(void *role);
    // The parent's end of a pair over which the role takes people's connections, see
    // role/handover.h; it is the caller's then. NULL: it takes none.
    int (*take_handover)(void *role);
    enum spawn_forks forks;
};

// Who the processes become when started as root.
struct spawn_user {
    bool drop;  // false: we are not root, and stay who we are
    uid_t uid;
    gid_t gid;
};

// False when there is no such user, or it is root and `root` is not said; `why` (ROLE_ERROR_MAX
// bytes) says so.
bool spawn_user_find(const char *name, bool root, struct spawn_user *user, char *why);

// Gives up groups, user, and the chance of new privileges, for good. 0 or -errno.
int spawn_drop(const struct spawn_user *user);

struct spawn {
    const struct role_kind *kinds;  // of all roles
    void *const *roles;             // what their open() gave; NULL: not opened, or closed again
    uint32_t role, role_count;      // which of them starts: the others are closed in the child
    const int *inherited;           // other descriptors to close in the child; negative ones: none
    uint32_t inherited_count;
    struct spawn_user user;
};

// Forks. In the parent gives the child's pid, and `channel` gets our end; -errno on failure.
pid_t spawn_role(const struct spawn *spawn, int *channel);
