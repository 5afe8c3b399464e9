// SPDX-License-Identifier: ISC
// The roles as the parent sees them: all alike.
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

static int route_take_handover(void *role)
{
    return route_role_take_handover(role);
}

static int store_take_handover(void *role)
{
    return store_role_take_handover(role);
}

const struct role_kind run_roles[ROLES] = {
    {"probe", NULL, probe_open, probe_run, probe_close, NULL, SPAWN_FORKS_NEVER},
    {"route", NULL, route_open, route_run, route_close, route_take_handover, SPAWN_FORKS_NEVER},
    {"ingest", ingest_role_wanted, ingest_open, ingest_run, ingest_close, NULL, SPAWN_FORKS_NEVER},
    {"hook", hook_role_wanted, hook_open, hook_run, hook_close, NULL, SPAWN_FORKS_HOOKS},
    {"web", web_role_wanted, web_open, web_run, web_close, NULL, SPAWN_FORKS_NEVER},
    {"audit", audit_role_wanted, audit_open, audit_run, audit_close, NULL, SPAWN_FORKS_NEVER},
    {"notify", notify_role_wanted, notify_open, notify_run, notify_close, NULL, SPAWN_FORKS},
    {"store", store_role_wanted, store_open, store_run, store_close, store_take_handover,
     SPAWN_FORKS_NEVER},
};
