// SPDX-License-Identifier: ISC
#include "net/check_inside.h"

#include <stdio.h>

static void check_selection(const struct check *c, const struct net_selection *select,
                            uint32_t line, const char *key)
{
    if (select->xdp && !select->device[0])
        net_errors_add(c->errors, NET_ERROR, line,
                       "%s.xdp: AF_XDP sockets are those of a device: write the device too", key);
}

void check_selections(const struct check *c)
{
    char key[32];
    for (uint32_t i = 0; i < c->net->upstream_count; i++) {
        snprintf(key, sizeof key, "upstreams[%u].probe", i);
        check_selection(c, &c->net->upstreams[i].select, line_of(c, "upstreams", i, "probe"), key);
    }
    check_selection(c, &c->net->probe.as_routed, line_in(c, "probe", "as_routed"),
                    "probe.as_routed");
}

// Who says what one of ours bears means that, and no more.
static bool says_what_it_bears(const struct check *c, const uint32_t *host_of, uint32_t host)
{
    bool all = true;
    for (uint32_t i = 0; i < c->net->target_count; i++)
        all &= host_of[i] != host || c->net->targets[i].rate_max_pps > 0;
    return all;
}

// Whom one target alone asks too much was told so already.
void check_hosts(const struct check *c)
{
    uint32_t host_of[NET_TARGETS_MAX];
    bool is_told[NET_TARGETS_MAX] = {false};
    net_target_hosts(c->net, host_of);
    for (uint32_t i = 0; i < c->net->target_count; i++) {
        const struct net_target *target = &c->net->targets[i];
        is_told[host_of[i]] |= net_target_asked_mpps(c->net, target) >
                               (uint64_t)net_target_rate_max_pps(target) * 1000;
    }
    for (uint32_t i = 0; c->sound && i < c->net->target_count; i++) {
        struct net_host host = net_host(c->net, host_of, i);
        if (host.targets < 2 || is_told[i] || host.asked_mpps <= (uint64_t)host.rate_max_pps * 1000)
            continue;
        net_errors_add(c->errors, NET_ERROR, line_of(c, "targets", host.last, "rate_pps"),
                       "targets[%u].rate_pps: '%s' and '%s' are one host, which is asked %.6g "
                       "times a second over all paths, but may be %u: lower rate_pps, or write a "
                       "higher rate_max_pps%s",
                       host.last, c->net->targets[i].name, c->net->targets[host.last].name,
                       (double)host.asked_mpps / 1000, host.rate_max_pps,
                       says_what_it_bears(c, host_of, i) ? "" : ", or ours: true if it is ours");
    }
}
