// SPDX-License-Identifier: ISC
// The hard limits: the section `limits`.
#include "net/keys_rows.h"

#include "net/net.h"

static const struct key limit_rows[] = {
    {.name = "routes_per_router_max",
     .kind = KEY_U32,
     .offset = offsetof(struct net, guard.routes_per_router_max),
     .min = 1,
     .max = NET_ROUTES_PER_ROUTER_MAX,
     .fallback = "200",
     .doc = "overrides on one router"},
    {.name = "routes_per_family_max",
     .kind = KEY_U32,
     .offset = offsetof(struct net, guard.routes_per_family_max),
     .min = 1,
     .max = NET_ROUTES_PER_FAMILY_MAX,
     .fallback = "200",
     .doc =
         "overrides of one family, on all routers together: on four routers 200 are 50 prefixes; "
         "an exit counts apart"},
    {.name = "routes_max",
     .kind = KEY_U32,
     .offset = offsetof(struct net, guard.routes_max),
     .min = 1,
     .max = NET_ROUTES_MAX,
     .fallback = "1000",
     .doc = "overrides in all"},
    {.name = "acts_per_minute_max",
     .kind = KEY_U32,
     .offset = offsetof(struct net, guard.acts_per_minute_max),
     .min = 1,
     .max = NET_ACTS_PER_MINUTE_MAX,
     .fallback = "1000",
     .doc = "overrides and exits that are announced or changed in any minute; letting go is never "
            "limited"},
    {.name = "acts_per_prefix_max",
     .kind = KEY_U32,
     .offset = offsetof(struct net, guard.acts_per_prefix_max),
     .min = 1,
     .max = NET_ACTS_PER_PREFIX_MAX,
     .fallback = "6",
     .doc = "of them in any hour on one prefix of one router, the third half of hold_min_s after "
            "the second, each further one after twice that; then it stays as the routers have it"},
    {.name = "own_withdrawn_together_max",
     .kind = KEY_U32,
     .offset = offsetof(struct net, guard.own_withdrawn_together_max),
     .min = 1,
     .max = NET_ANNOUNCE_MAX,
     .fallback = "2",
     .doc = "own prefixes that are withdrawn within a minute because they are unhealthy; more are "
            "kept and people told: then it is the check that is sick"},
    {.name = "table_mib_max",
     .kind = KEY_U32,
     .offset = offsetof(struct net, table_mib_max),
     .min = 16,
     .max = 8192,
     .fallback = "1024",
     .doc = "memory for all routes, in MiB: a full table takes 35, each further one 12"},
    {.name = "protected_prefixes",
     .kind = KEY_PREFIXES,
     .offset = offsetof(struct net, guard.protected_prefixes),
     .fallback = "",
     .doc = "never overridden, beside what covers routers, next hops, probe sources, and the "
            "agents and devices that are asked; name those of DNS and NTP here"},
    {.name = "allowed_bogons",
     .kind = KEY_PREFIXES,
     .offset = offsetof(struct net, guard.allowed_bogons),
     .fallback = "",
     .doc = "special-purpose prefixes (RFC 6890) that may be moved all the same: in a lab only"},
};
const struct keys keys_limits = KEYS_OF(limit_rows);
