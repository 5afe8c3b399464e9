// SPDX-License-Identifier: ISC
#include "incident/nodes.h"

#include <assert.h>
#include <string.h>

static_assert(NODES_MEMBER % NET_MEMBERS_MAX == 0, "members begin at 0");

void nodes_add(struct nodes *nodes, uint32_t node)
{
    nodes->bits[node / 64] |= UINT64_C(1) << node % 64;
}

bool nodes_have(const struct nodes *nodes, uint32_t node)
{
    return nodes->bits[node / 64] >> node % 64 & 1;
}

void nodes_join(struct nodes *nodes, const struct nodes *other)
{
    for (int i = 0; i < NODES_WORDS; i++)
        nodes->bits[i] |= other->bits[i];
}

bool nodes_meet(const struct nodes *a, const struct nodes *b)
{
    uint64_t both = 0;
    for (int i = 0; i < NODES_WORDS; i++)
        both |= a->bits[i] & b->bits[i];
    return both != 0;
}

bool nodes_are_none(const struct nodes *nodes)
{
    return !nodes_meet(nodes, nodes);
}

uint32_t nodes_count(const struct nodes *nodes)
{
    int count = 0;
    for (int i = 0; i < NODES_WORDS; i++)
        count += __builtin_popcountll(nodes->bits[i]);
    return (uint32_t)count;
}

// The name of a node; NULL: the configuration has none there.
static const char *name_of(const struct net *net, uint32_t node)
{
    if (node < NODES_UPSTREAM)
        return node < net->router_count ? net->routers[node].name : NULL;
    if (node < NODES_MEMBER) {
        uint32_t upstream = node - NODES_UPSTREAM;
        return upstream < net->upstream_count ? net->upstreams[upstream].name : NULL;
    }
    if (node < NODES_DEVICE) {
        uint32_t group = (node - NODES_MEMBER) / NET_MEMBERS_MAX, member = node % NET_MEMBERS_MAX;
        bool there = group < net->group_count && member < net->groups[group].member_count;
        return there ? net->groups[group].members[member].name : NULL;
    }
    uint32_t device = node - NODES_DEVICE;
    return device < net->syslog.device_count ? net->syslog.devices[device].name : NULL;
}

struct nodes nodes_named(const struct net *net, const char *name)
{
    struct nodes nodes = {0};
    for (uint32_t node = 0; node < NODES; node++) {
        const char *there = name_of(net, node);
        bool is_upstream = node >= NODES_UPSTREAM && node < NODES_MEMBER;
        if (there && !is_upstream && strcmp(there, name) == 0)
            nodes_add(&nodes, node);
    }
    return nodes;
}

struct nodes nodes_of_upstream(uint32_t upstream)
{
    struct nodes nodes = {0};
    nodes_add(&nodes, NODES_UPSTREAM + upstream);
    return nodes;
}

struct nodes nodes_of_member(uint32_t group, uint32_t member)
{
    struct nodes nodes = {0};
    nodes_add(&nodes, NODES_MEMBER + group * NET_MEMBERS_MAX + member);
    return nodes;
}

struct nodes nodes_all(const struct net *net)
{
    struct nodes nodes = {0};
    for (uint32_t node = 0; node < NODES; node++)
        if (name_of(net, node))
            nodes_add(&nodes, node);
    return nodes;
}

static void add_upstreams(struct nodes *nodes, uint32_t upstreams)
{
    for (; upstreams; upstreams &= upstreams - 1)
        nodes_add(nodes, NODES_UPSTREAM + (uint32_t)__builtin_ctz(upstreams));
}

static uint32_t upstreams_of(const struct nodes *nodes, const struct net *net)
{
    uint32_t upstreams = 0;
    for (uint32_t u = 0; u < net->upstream_count; u++)
        upstreams |= (uint32_t)nodes_have(nodes, NODES_UPSTREAM + u) << u;
    return upstreams;
}

static uint32_t attached_to(const struct net *net, uint32_t router)
{
    uint32_t attached = 0;
    for (uint32_t u = 0; u < net->upstream_count; u++)
        attached |= (uint32_t)(net->upstreams[u].router == router) << u;
    return attached;
}

static uint32_t crossing(const struct net_group *group)
{
    uint32_t upstreams = 0;
    for (uint32_t m = 0; m < group->member_count; m++)
        upstreams |= group->members[m].upstreams;
    return upstreams;
}

static void close_group(const struct net *net, uint32_t g, struct nodes *closure)
{
    const struct net_group *group = &net->groups[g];
    for (uint32_t m = 0; m < group->member_count; m++) {
        if (!nodes_have(closure, NODES_MEMBER + g * NET_MEMBERS_MAX + m))
            continue;
        bool together = group->kind == NET_SHARED_RISK;
        add_upstreams(closure, together ? crossing(group) : group->members[m].upstreams);
    }
}

struct nodes nodes_closure(const struct net *net, const struct nodes *nodes)
{
    struct nodes closure = *nodes;
    for (uint32_t u = 0; u < net->upstream_count; u++)
        if (nodes_have(nodes, NODES_ROUTER + net->upstreams[u].router))
            nodes_add(&closure, NODES_UPSTREAM + u);
    for (uint32_t g = 0; g < net->group_count; g++)
        close_group(net, g, &closure);
    return closure;
}

struct nodes nodes_above(const struct net *net, const struct nodes *nodes)
{
    struct nodes above = *nodes;
    uint32_t upstreams = upstreams_of(nodes, net), all = (UINT32_C(1) << net->upstream_count) - 1;
    for (uint32_t r = 0; r < net->router_count; r++) {
        uint32_t attached = attached_to(net, r);
        if (attached & upstreams && attached != all)
            nodes_add(&above, NODES_ROUTER + r);
    }
    for (uint32_t g = 0; g < net->group_count; g++)
        for (uint32_t m = 0; m < net->groups[g].member_count; m++) {
            uint32_t crossed = net->groups[g].members[m].upstreams & all;
            if (crossed & upstreams && crossed != all)
                nodes_add(&above, NODES_MEMBER + g * NET_MEMBERS_MAX + m);
        }
    return above;
}

// Whether a node before it has the same name, and is said.
static bool is_said(const struct net *net, const struct nodes *nodes, uint32_t node)
{
    for (uint32_t before = 0; before < node; before++)
        if (nodes_have(nodes, before) && name_of(net, before) &&
            strcmp(name_of(net, before), name_of(net, node)) == 0)
            return true;
    return false;
}

void nodes_say(const struct net *net, const struct nodes *nodes, struct words *words)
{
    const char *comma = "";
    for (uint32_t node = 0; node < NODES; node++) {
        if (!nodes_have(nodes, node) || !name_of(net, node) || is_said(net, nodes, node))
            continue;
        words_add(words, "%s%s", comma, name_of(net, node));
        comma = ", ";
    }
}

struct nodes nodes_read(const struct net *net, const char *text)
{
    struct nodes nodes = {0};
    while (*text) {
        size_t size = strcspn(text, ",");
        for (uint32_t node = 0; node < NODES; node++) {
            const char *name = name_of(net, node);
            if (name && strlen(name) == size && strncmp(name, text, size) == 0)
                nodes_add(&nodes, node);
        }
        text += size;
        text += strspn(text, ", ");
    }
    return nodes;
}
