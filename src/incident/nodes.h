// SPDX-License-Identifier: ISC
// What can fail, as a set: routers, upstreams, members of groups, devices that tell by syslog. And
// the sets that are hit with one of them, as far as the configuration tells. Names join: a device
// named as a router, or as a member of a group, is that.
#pragma once

#include "incident/words.h"
#include "net/net.h"

enum {
    NODES_ROUTER = 0,  // where each kind's first is
    NODES_UPSTREAM = NODES_ROUTER + NET_ROUTERS_MAX,
    NODES_MEMBER = NODES_UPSTREAM + NET_UPSTREAMS_MAX,
    NODES_DEVICE = NODES_MEMBER + NET_GROUPS_MAX * NET_MEMBERS_MAX,
    NODES = NODES_DEVICE + NET_DEVICES_MAX,
    NODES_WORDS = (NODES + 63) / 64,
};

struct nodes {
    uint64_t bits[NODES_WORDS];
};

void nodes_add(struct nodes *nodes, uint32_t node);
bool nodes_have(const struct nodes *nodes, uint32_t node);
void nodes_join(struct nodes *nodes, const struct nodes *other);
bool nodes_meet(const struct nodes *a, const struct nodes *b);
bool nodes_are_none(const struct nodes *nodes);
uint32_t nodes_count(const struct nodes *nodes);

// All of this name; none: nobody knows where it is.
struct nodes nodes_named(const struct net *net, const char *name);
struct nodes nodes_of_upstream(uint32_t upstream);
struct nodes nodes_of_member(uint32_t group, uint32_t member);
struct nodes nodes_all(const struct net *net);
// What packets lose when all of these fail: a router's upstreams, a member's, and of groups that
// share a risk every member's.
struct nodes nodes_closure(const struct net *net, const struct nodes *nodes);
// What these hang on, and they themselves: an upstream's router, the members that it crosses. But
// not what every upstream hangs on: that tells none from another.
struct nodes nodes_above(const struct net *net, const struct nodes *nodes);
// "ca1, ca2": each name once.
void nodes_say(const struct net *net, const struct nodes *nodes, struct words *words);
// All that such a text names, upstreams too; what the configuration does not have is left out.
struct nodes nodes_read(const struct net *net, const char *text);
