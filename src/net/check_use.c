// SPDX-License-Identifier: ISC
#include "net/check_inside.h"

static void check_device(const struct check *c, uint32_t i)
{
    const struct net_use *use = &c->net->upstreams[i].use;
    if (use->from == NET_USE_KERNEL && !use->device[0])
        net_errors_add(c->errors, NET_ERROR, line_of(c, "upstreams", i, "use"),
                       "upstreams[%u].use.device is missing: write the interface that leads to "
                       "'%s'",
                       i, c->net->upstreams[i].name);
    if (use->from != NET_USE_KERNEL && use->device[0])
        net_errors_add(c->errors, NET_ERROR, line_of(c, "upstreams", i, "use"),
                       "upstreams[%u].use.device: only from: kernel reads an interface: write "
                       "that, or remove it",
                       i);
}

static void check_pushed(const struct check *c, uint32_t i)
{
    const struct net_counters *counters = &c->net->counters;
    bool has_http = counters->http[FAMILY_IPV4].family || counters->http[FAMILY_IPV6].family;
    if (c->net->upstreams[i].use.from == NET_USE_PUSHED && !has_http)
        net_errors_add(c->errors, NET_ERROR, line_of(c, "upstreams", i, "use"),
                       "upstreams[%u].use.from: nobody can push it: write counters.http and "
                       "counters.token",
                       i);
}

void check_use(const struct check *c, uint32_t i)
{
    const struct net_upstream *upstream = &c->net->upstreams[i];
    if (!c->sound)
        return;
    check_device(c, i);
    check_pushed(c, i);
    if (upstream->use.from != NET_USE_NONE && upstream->capacity_mbps == 0)
        net_errors_add(c->errors, NET_WARNING, line_of(c, "upstreams", i, "use"),
                       "upstreams[%u].use: without capacity_mbps nothing follows from what '%s' "
                       "carries: write that too",
                       i, upstream->name);
}
