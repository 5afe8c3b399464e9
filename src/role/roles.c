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

static int route_take_handover(void *role)
{
    return route_role_take_handover(role);
}

const struct role_kind run_roles[] = {
    {"probe", NULL, probe_open, probe_run, probe_close, NULL, false},
    {"route", NULL, route_open, route_run, route_close, route_take_handover, false},
    {"ingest", ingest_role_wanted, ingest_open, ingest_run, ingest_close, NULL, false},
    {"hook", hook_role_wanted, hook_open, hook_run, hook_close, NULL, true},
    {"web", web_role_wanted, web_open, web_run, web_close, NULL, false},
    {"audit", audit_role_wanted, audit_open, audit_run, audit_close, NULL, false},
};
