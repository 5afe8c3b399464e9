// SPDX-License-Identifier: ISC
// The roles as the parent sees them: all alike.
#include "role/filter.h"
#include "role/run.h"

#define WRAP(name)                                                                                 \
    static void *name##_open(const struct net *net, char *why)                                     \
    {                                                                                              \
        return name##_role_open(net, why);                                                         \
    }                                                                                              \
    static int name##_run(void *role, int channel)                                                 \
    {                                                                                              \
        return name##_role_run(role, channel);                                                     \
    }                                                                                              \
    static void name##_close(void *role)                                                           \
    {                                                                                              \
        name##_role_close(role);                                                                   \
    }

WRAP(probe)
WRAP(route)
WRAP(ingest)
WRAP(hook)
WRAP(web)
WRAP(audit)
WRAP(notify)
WRAP(store)
WRAP(shell)

static int route_take_handover(void *role)
{
    return route_role_take_handover(role);
}

static int store_take_handover(void *role)
{
    return store_role_take_handover(role);
}

// Threads and files of those that call out are the resolver's: of names, of certificates.
#define CALLS_OUT                                                                                  \
    (FILTER_STDIO | FILTER_INET | FILTER_ROUTING | FILTER_LOCAL | FILTER_READ | FILTER_THREAD)

#define KIND(role) .name = #role, .open = role##_open, .run = role##_run, .close = role##_close

const struct role_kind run_roles[ROLES] = {
    {KIND(probe), .goes_first = true, .promises = FILTER_STDIO | FILTER_LINKS},
    {KIND(route), .goes_first = true, .take_handover = route_take_handover,
     .promises = FILTER_STDIO | FILTER_INET | FILTER_ROUTING | FILTER_LOOK},
    {KIND(ingest), .wanted = ingest_role_wanted, .promises = CALLS_OUT | FILTER_LINKS},
    {KIND(hook), .wanted = hook_role_wanted, .forks = SPAWN_FORKS_HOOKS,
     .promises = FILTER_PROGRAMS},
    {KIND(web), .wanted = web_role_wanted, .promises = FILTER_STDIO},
    {KIND(audit), .wanted = audit_role_wanted, .promises = FILTER_STDIO | FILTER_WRITE},
    {KIND(notify), .wanted = notify_role_wanted, .forks = SPAWN_FORKS, .promises = CALLS_OUT,
     .runs_programs = notify_role_runs_programs},
    {KIND(store), .wanted = store_role_wanted, .take_handover = store_take_handover,
     .promises = FILTER_STDIO | FILTER_WRITE},
    {KIND(shell), .wanted = shell_role_wanted,
     .promises = FILTER_STDIO | FILTER_INET | FILTER_READ},
};
