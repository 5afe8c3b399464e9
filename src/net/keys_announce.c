// SPDX-License-Identifier: ISC
// What we announce ourselves, and how: the section `announce`, and `upstreams[].inbound`.
#include "net/keys_rows.h"

#include "net/net.h"

static const struct key announce_rows[] = {
    {.name = "prefix",
     .kind = KEY_PREFIX,
     .offset = offsetof(struct net_announce, prefix),
     .doc = "announced exactly as it stands here"},
    {.name = "next_hop",
     .kind = KEY_HOST,
     .offset = offsetof(struct net_announce, next_hop),
     .doc = "where packets to it are to go, as the routers reach it"},
    {.name = "routers",
     .kind = KEY_ROUTERS,
     .offset = offsetof(struct net_announce, routers),
     .fallback = "",
     .doc = "who is told; none: every router whose session carries the family"},
    {.name = "communities",
     .kind = KEY_TAGS,
     .offset = offsetof(struct net_announce, communities),
     .fallback = "",
     .doc = "standard (RFC 1997) or large (RFC 8092), beside steer.marker"},
    {.name = "anycast",
     .kind = KEY_BOOL,
     .offset = offsetof(struct net_announce, anycast),
     .fallback = "false",
     .doc = "other sites announce it too: a drain of the site withdraws it here"},
    {.name = "health",
     .kind = KEY_MAP,
     .fallback = "",
     .section = &keys_health,
     .doc = "a program that says whether the service is well; none: it is"},
};
const struct keys keys_announce = KEYS_OF(announce_rows);

#define STANCE(stance) ((stance) * sizeof(struct net_tag))

static const struct key inbound_rows[] = {
    {.name = "prepend",
     .kind = KEY_TAG,
     .offset = STANCE(NET_STANCE_PREPEND),
     .fallback = "",
     .doc = "on a prefix that the router is to announce there with a longer AS path"},
    {.name = "graceful",
     .kind = KEY_TAG,
     .offset = STANCE(NET_STANCE_GRACEFUL),
     .fallback = "",
     .doc = "on one that it is to announce there with 65535:0 (GRACEFUL_SHUTDOWN, RFC 8326)"},
    {.name = "withhold",
     .kind = KEY_TAG,
     .offset = STANCE(NET_STANCE_WITHHELD),
     .fallback = "",
     .doc = "on one that it is not to announce there"},
};
const struct keys keys_inbound = KEYS_OF(inbound_rows);
