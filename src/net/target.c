// SPDX-License-Identifier: ISC
#include "net/net.h"

uint32_t net_target_rate_max_pps(const struct net_target *target)
{
    if (target->rate_max_pps > 0)
        return target->rate_max_pps;
    return target->ours ? UINT32_MAX : NET_THIRD_PARTY_PPS_MAX;
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

uint32_t net_target_usual_mpps(const struct net *net, const struct net_target *target)
{
    enum { USUAL_MPPS = 20 * 1000 };
    uint64_t paths = paths_to(net, target), max_pps = net_target_rate_max_pps(target);
    uint64_t each = paths > 0 ? max_pps * 1000 / paths : USUAL_MPPS;
    uint64_t left = each > variants_mpps(target) ? each - variants_mpps(target) : 1;
    return left < USUAL_MPPS ? (uint32_t)left : USUAL_MPPS;
}

uint64_t net_target_asked_mpps(const struct net *net, const struct net_target *target)
{
    uint64_t each = target->rate_mpps + variants_mpps(target);
    return target->rate_mpps > 0 ? paths_to(net, target) * each : 0;
}
