// SPDX-License-Identifier: ISC
// A role becomes a process: without privileges, with nothing but its own sockets and its end of a
// channel. See role/keeper.h for who forks it.
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
    unsigned promises;  // see role/filter.h; 0: no filter, in tests
    // Whether, as configured, it runs programs of people after all. NULL: never.
    bool (*runs_programs)(const struct net *net);
    bool goes_first;  // see spawn_go_first()
};

// Who the processes become.
struct spawn_user {
    bool drop;  // false: we stay who we are
    uid_t uid;
    gid_t gid;
};

// When started as root; others stay who they are. False when there is no such user, or it is root
// and `root` is not said; `why` (ROLE_ERROR_MAX bytes) says so.
bool spawn_user_find(const char *name, bool root, struct spawn_user *user, char *why);

// As configured: hooks_user, one of the role's own, or the parent's. False, and why, as above.
bool spawn_user_of(const struct net *net, const char *role, bool runs_hooks,
                   struct spawn_user *user, char *why);
// Opens files as that user from here on, when not root, who may open all; NULL: as ourselves again.
void spawn_files_as(const struct spawn_user *user);

// Gives up groups, user, and the chance of new privileges, for good. 0 or -errno.
int spawn_drop(const struct spawn_user *user);

struct spawn {
    const struct role_kind *kinds;  // of all roles
    void *const *roles;             // what their open() gave; NULL: not opened, or closed again
    uint32_t role, role_count;      // which of them starts: the others are closed in the child
    const int *inherited;           // other descriptors to close in the child; negative ones: none
    uint32_t inherited_count;
    struct spawn_user user;
    bool once;  // it is not started again: its keeper holds nothing of it open
    const struct net *net;
};

// What must be in time where others have the processors busy: asks for more of them than these.
// Nothing is lost where that is refused, but time.
void spawn_go_first(void);
// In a process just forked: closes what is of others, becomes the user, for good. 0 or -errno,
// said.
int spawn_keeper(const struct spawn *spawn);
// In one that is forked from that: lives as the role, and gives its exit status.
int spawn_role(const struct spawn *spawn, int channel);
