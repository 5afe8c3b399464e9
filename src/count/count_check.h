// SPDX-License-Identifier: ISC
// For tests: a site with two upstreams, of which the second carries IPv6 only.
#pragma once

#include "count/count.h"

#include <string.h>

static inline struct net count_net(void)
{
    struct net net = {.site = "fra1", .router_count = 1, .upstream_count = 2};
    strcpy(net.routers[0].name, "edge1");
    strcpy(net.upstreams[0].name, "transit-a");
    strcpy(net.upstreams[1].name, "transit-b");
    for (uint32_t i = 0; i < 2; i++)
        net.upstreams[i].next_hop[FAMILY_IPV6] = (struct address){FAMILY_IPV6, {0x20, 1}};
    net.upstreams[0].next_hop[FAMILY_IPV4] = (struct address){FAMILY_IPV4, {192, 0, 2, 1}};
    return net;
}
