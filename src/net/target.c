// SPDX-License-Identifier: ISC
#include "net/net.h"

uint32_t net_target_rate_max_pps(const struct net_target *target)
{
    if (target->rate_max_pps > 0)
        return target->rate_max_pps;
    return target->ours ? UINT32_MAX : NET_THIRD_PARTY_PPS_MAX;
}

static bool share_an_address(const struct net_target *a, const struct net_target *b)
{
    for (enum family f = FAMILY_IPV4; f < FAMILIES; f++)
        if (a->address[f].family != FAMILY_NONE && address_equal(a->address[f], b->address[f]))
            return true;
    return false;
}

static void join(uint32_t *host_of, uint32_t count, uint32_t a, uint32_t b)
{
    uint32_t first = a < b ? a : b, other = a < b ? b : a;
    for (uint32_t i = 0; i < count; i++)
        if (host_of[i] == other)
            host_of[i] = first;
}

void net_target_hosts(const struct net *net, uint32_t host_of[NET_TARGETS_MAX])
{
    for (uint32_t i = 0; i < net->target_count; i++) {
        host_of[i] = i;
        for (uint32_t j = 0; j < i; j++)
            if (share_an_address(&net->targets[i], &net->targets[j]))
                join(host_of, i + 1, host_of[i], host_of[j]);
    }
}

struct net_host net_host(const struct net *net, const uint32_t *host_of, uint32_t host)
{
    struct net_host all = {0};
    for (uint32_t i = 0; i < net->target_count; i++) {
        if (host_of[i] != host)
            continue;
        uint32_t max_pps = net_target_rate_max_pps(&net->targets[i]);
        all.rate_max_pps = max_pps > all.rate_max_pps ? max_pps : all.rate_max_pps;
        all.asked_mpps += net_target_asked_mpps(net, &net->targets[i]);
        all.last = i;
        all.targets++;
    }
    return all;
}

uint32_t net_target_variants(const struct net_target *target)
{
    return target->variant_rate_mpps > 0 ? target->sizes_bytes.count + target->dscp.count : 0;
}

static uint32_t paths_to(const struct net *net, const struct net_target *target)
{
    uint32_t paths = 0;
    for (uint32_t i = 0; i < net_path_count(net); i++)
        paths += target->address[net_path(net, i).family].family != FAMILY_NONE;
    return paths;
}

static uint64_t variants_mpps(const struct net_target *target)
{
    return (uint64_t)net_target_variants(target) * target->variant_rate_mpps;
}

// What is left of it when each target of its host has an equal share.
static uint64_t share_mpps(const struct net *net, uint32_t target)
{
    uint32_t host_of[NET_TARGETS_MAX];
    net_target_hosts(net, host_of);
    struct net_host host = net_host(net, host_of, host_of[target]);
    uint64_t own_mpps = (uint64_t)net_target_rate_max_pps(&net->targets[target]) * 1000;
    uint64_t equal_mpps = (uint64_t)host.rate_max_pps * 1000 / host.targets;
    return own_mpps < equal_mpps ? own_mpps : equal_mpps;
}

uint32_t net_target_usual_mpps(const struct net *net, uint32_t target)
{
    enum { USUAL_MPPS = 20 * 1000 };
    uint64_t paths = paths_to(net, &net->targets[target]);
    uint64_t variants = variants_mpps(&net->targets[target]);
    uint64_t each = paths > 0 ? share_mpps(net, target) / paths : USUAL_MPPS;
    uint64_t left = each > variants ? each - variants : 1;
    return left < USUAL_MPPS ? (uint32_t)left : USUAL_MPPS;
}

uint64_t net_target_asked_mpps(const struct net *net, const struct net_target *target)
{
    uint64_t each = target->rate_mpps + variants_mpps(target);
    return target->rate_mpps > 0 ? paths_to(net, target) * each : 0;
}
