// SPDX-License-Identifier: ISC
#include "net/check_inside.h"

#include <string.h>

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

static void refuse(const struct check *c, uint32_t i, const char *what)
{
    net_errors_add(c->errors, NET_ERROR, line_of(c, "upstreams", i, "use"),
                   "upstreams[%u].use.snmp%s", i, what);
}

static bool has_other_keys(const struct net_snmp *a, const struct net_snmp *b)
{
    return a->user[0] && same(a->address, b->address) && strcmp(a->user, b->user) == 0 &&
           (strcmp(a->auth_key, b->auth_key) != 0 || strcmp(a->priv_key, b->priv_key) != 0);
}

static void check_snmp(const struct check *c, uint32_t i)
{
    const struct net_use *use = &c->net->upstreams[i].use;
    const struct net_snmp *snmp = &use->snmp;
    bool is_given =
        snmp->address.family || snmp->interface[0] || snmp->community[0] || snmp->user[0];
    if (use->from != NET_USE_SNMP) {
        if (is_given)
            refuse(c, i, ": only from: snmp asks an agent: write that, or remove it");
        return;
    }
    if (!snmp->address.family)
        refuse(c, i, ".address is missing: write that of the device's agent");
    if (!snmp->interface[0])
        refuse(c, i, ".interface is missing: write the ifName of the one that leads there");
    if (!snmp->community[0] == !snmp->user[0])
        refuse(c, i, ": write a community for version 2c, or a user for version 3");
    if (snmp->user[0] && !snmp->auth_key[0])
        refuse(c, i, ".auth_key is missing: nothing else shows that an answer is the agent's");
    for (uint32_t j = 0; j < i; j++)
        if (has_other_keys(snmp, &c->net->upstreams[j].use.snmp))
            refuse(c, i, ".user: the same agent knows that user by other keys above");
    if (!snmp->user[0] && (snmp->auth_key[0] || snmp->priv_key[0]))
        refuse(c, i, ".user is missing: keys are those of a user of version 3");
}

void check_use(const struct check *c, uint32_t i)
{
    const struct net_upstream *upstream = &c->net->upstreams[i];
    if (!c->sound)
        return;
    check_device(c, i);
    check_pushed(c, i);
    check_snmp(c, i);
    if (upstream->shared.turn > upstream->shared.sites ||
        (upstream->shared.sites > 0 && upstream->shared.turn == 0))
        net_errors_add(c->errors, NET_ERROR, line_of(c, "upstreams", i, "shared"),
                       "upstreams[%u].shared: turn '%u' is none of %u sites: write both, turn from "
                       "1 to sites",
                       i, upstream->shared.turn, upstream->shared.sites);
    if (upstream->use.from != NET_USE_NONE && upstream->capacity_mbps == 0)
        net_errors_add(c->errors, NET_WARNING, line_of(c, "upstreams", i, "use"),
                       "upstreams[%u].use: without capacity_mbps nothing follows from what '%s' "
                       "carries: write that too",
                       i, upstream->name);
}
