// SPDX-License-Identifier: ISC
// A network of four upstreams and what is seen of it, for tests of outages.
#pragma once

#include "incident/outage.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

enum { A, B, C, D };

struct bed {
    struct net net;
    struct outages outages;
    struct outage_sight sight;
    double s;
};

static inline struct net four_ways(void)
{
    struct net net = {.router_count = 2, .upstream_count = 4, .group_count = 1};
    strcpy(net.routers[0].name, "edge1");
    strcpy(net.routers[1].name, "edge2");
    for (uint32_t u = 0; u < 4; u++) {
        snprintf(net.upstreams[u].name, NET_NAME_MAX, "transit-%c", 'a' + u);
        net.upstreams[u].router = u / 2;
        net.upstreams[u].next_hop[FAMILY_IPV4].family = FAMILY_IPV4;
        net.upstreams[u].next_hop[FAMILY_IPV6].family = FAMILY_IPV6;
    }
    net.groups[0] = (struct net_group){
        .name = "ca", .member_count = 2, .members = {{.name = "ca1"}, {.name = "ca2"}}};
    net.groups[0].members[0].upstreams = 1u << A | 1u << C;
    net.groups[0].members[1].upstreams = 1u << B | 1u << D;
    return net;
}

static inline struct bed *bed_open(void)
{
    struct bed *bed = calloc(1, sizeof *bed);
    assert_non_null(bed);
    bed->net = four_ways();
    outages_init(&bed->outages, &bed->net, (struct mono){0});
    bed->s = 100;
    return bed;
}

static inline struct mono now(const struct bed *bed)
{
    return (struct mono){(int64_t)(bed->s * 1e9)};
}

static inline void look(struct bed *bed, double s)
{
    for (double until = bed->s + s; bed->s < until; bed->s += 0.5) {
        bed->sight.now = now(bed);
        bed->sight.minute = -1;
        outages_look(&bed->outages, &bed->sight);
    }
}

static inline void lose(struct bed *bed, uint32_t upstream, bool lost)
{
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        uint32_t path = net_path_find(&bed->net, upstream, family);
        uint64_t bit = UINT64_C(1) << path;
        bed->sight.hit = lost ? bed->sight.hit | bit : bed->sight.hit & ~bit;
        bed->sight.began[path] = now(bed);
        bed->sight.lost_ppm[path] = 50000;
    }
}

static inline uint32_t tell(struct bed *bed, enum fact_kind kind, const char *device,
                            const char *who)
{
    struct fact fact = {
        .kind = kind, .at = now(bed), .standing = kind == FACT_ALARM || kind == FACT_MAINTENANCE};
    strcpy(fact.device, device);
    strcpy(fact.who, who);
    return facts_take(&bed->outages.facts, &fact);
}

static inline uint32_t open_count(const struct bed *bed)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < OUTAGES_MAX; i++)
        count += bed->outages.items[i].number && bed->outages.items[i].state != OUTAGE_OVER;
    return count;
}

static inline const struct outage *only(const struct bed *bed)
{
    assert_int_equal(open_count(bed), 1);
    for (uint32_t i = 0; i < OUTAGES_MAX; i++)
        if (bed->outages.items[i].number && bed->outages.items[i].state != OUTAGE_OVER)
            return &bed->outages.items[i];
    return NULL;
}
