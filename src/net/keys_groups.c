// SPDX-License-Identifier: ISC
#include "net/keys.h"

#include "net/net.h"

static const struct key member_rows[] = {
    {.name = "name",
     .kind = KEY_NAME,
     .offset = offsetof(struct net_member, name),
     .doc = "how the member is called when it is at fault"},
    {.name = "upstreams",
     .kind = KEY_UPSTREAMS,
     .offset = offsetof(struct net_member, upstreams),
     .fallback = "",
     .doc = "whatever goes through them passes the member"},
    {.name = "hops",
     .kind = KEY_PREFIXES,
     .offset = offsetof(struct net_member, hops),
     .fallback = "",
     .doc = "likewise what passes a router with an address in one of these, as traced"},
    {.name = "link",
     .kind = KEY_TEXT,
     .offset = offsetof(struct net_member, link),
     .max = NET_NAME_MAX - 1,
     .fallback = "",
     .doc = "name or device of one of links: likewise what goes by it, turned around or not"},
};
static const struct keys member_keys = KEYS_OF(member_rows);

static const struct key group_rows[] = {
    {.name = "name",
     .kind = KEY_NAME,
     .offset = offsetof(struct net_group, name),
     .doc = "how the group is called when it is at fault"},
    {.name = "kind",
     .kind = KEY_GROUP,
     .offset = offsetof(struct net_group, kind),
     .doc = "redundancy: each member fails by itself; shared-risk: they fail as one"},
    {.name = "members",
     .kind = KEY_LIST,
     .offset = offsetof(struct net_group, members),
     .max = NET_MEMBERS_MAX,
     .section = &member_keys,
     .count_offset = offsetof(struct net_group, member_count),
     .stride = sizeof(struct net_member),
     .doc = "switches of a pair, upstreams in one fibre, and the like"},
};
const struct keys keys_groups = KEYS_OF(group_rows);
