// SPDX-License-Identifier: ISC
#include "net/keys_rows.h"

#include "net/net.h"

static const struct key rows[] = {
    {.name = "headroom_percent",
     .kind = KEY_U32,
     .offset = offsetof(struct net, steer.budget.headroom_percent),
     .min = 1,
     .max = NET_HEADROOM_PERCENT_MAX,
     .fallback = "80",
     .doc = "of an upstream's capacity that may be in use after a move to it; when counters say "
            "later that 95 percent are exceeded, or this where it loses packets, so much of what "
            "was moved there returns"},
    {.name = "prefixes_per_minute_max",
     .kind = KEY_U32,
     .offset = offsetof(struct net, steer.budget.prefixes_per_minute_max),
     .min = 1,
     .max = NET_PREFIXES_PER_MINUTE_MAX,
     .fallback = "400",
     .doc = "that are moved in any minute"},
    {.name = "moved_per_minute_percent",
     .kind = KEY_U32,
     .offset = offsetof(struct net, steer.budget.moved_per_minute_percent),
     .min = 1,
     .max = 100,
     .fallback = "50",
     .doc = "of all traffic that is moved in any minute; 100 where 90 percent is lost"},
    {.name = "drained_upstreams_percent",
     .kind = KEY_U32,
     .offset = offsetof(struct net, steer.budget.drained_upstreams_percent),
     .min = 1,
     .max = 100,
     .fallback = "25",
     .doc = "of all upstreams that traffic is moved away from at any time; one may be in any case"},
    {.name = "drained_traffic_percent",
     .kind = KEY_U32,
     .offset = offsetof(struct net, steer.budget.drained_traffic_percent),
     .min = 1,
     .max = 100,
     .fallback = "20",
     .doc = "of all traffic that is moved away at any time, from more than one upstream"},
    {.name = "canary_s",
     .kind = KEY_S,
     .offset = offsetof(struct net, steer.budget.canary_ns),
     .min = 0,
     .max = 3600,
     .fallback = "0",
     .doc =
         "the first move ever is of one prefix, and the rest follows after this; 0: all at once"},
};
const struct keys keys_budget = KEYS_OF(rows);
