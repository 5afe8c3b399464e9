// SPDX-License-Identifier: ISC
// Own prefixes, exits, and the communities of inbound stances. What the gate would refuse for ever
// is said when the file is read.
#include "net/check_inside.h"

static void check_own_prefix(const struct check *c, uint32_t i)
{
    const struct net_announce *own = &c->net->announce[i];
    char text[PREFIX_TEXT_MAX];
    enum family family = own->prefix.address.family;
    prefix_format(own->prefix, text);
    for (uint32_t j = 0; j < i; j++)
        if (prefix_equal(own->prefix, c->net->announce[j].prefix))
            net_errors_add(c->errors, NET_ERROR, line_of(c, "announce", i, "prefix"),
                           "announce[%u].prefix: %s is also announce[%u]: write each prefix once",
                           i, text, j);
    if (own->next_hop.family != family)
        net_errors_add(c->errors, NET_ERROR, line_of(c, "announce", i, "next_hop"),
                       "announce[%u].next_hop: not %s, but %s is: write an address of its family",
                       i, family_name(family), text);
    if (prefix_contains_address(own->prefix, own->next_hop) &&
        own->prefix.length < family_bits(family))
        net_errors_add(c->errors, NET_WARNING, line_of(c, "announce", i, "next_hop"),
                       "announce[%u].next_hop: lies inside %s: a router without a longer route to "
                       "it would look for it there: make sure that it has one",
                       i, text);
    for (uint32_t r = 0; r < c->net->router_count; r++)
        if (own->routers >> r & 1 && !c->net->routers[r].families[family])
            net_errors_add(c->errors, NET_ERROR, line_of(c, "announce", i, "routers"),
                           "announce[%u].routers: the session with '%s' does not carry %s: add it "
                           "to the router's families, or leave it out here",
                           i, c->net->routers[r].name, family_name(family));
}

static void check_exit(const struct check *c, uint32_t i, enum family family)
{
    struct address exit = c->net->upstreams[i].exit[family];
    char text[ADDRESS_TEXT_MAX];
    if (!exit.family)
        return;
    address_format(exit, text);
    if (!c->net->upstreams[i].next_hop[family].family)
        net_errors_add(c->errors, NET_ERROR, line_of(c, "upstreams", i, "exit"),
                       "upstreams[%u].exit: %s, but next_hop has no %s address: add one", i, text,
                       family_name(family));
    for (uint32_t j = 0; j < c->net->upstream_count; j++) {
        const struct net_upstream *other = &c->net->upstreams[j];
        bool is_shared = j != i && (same(exit, other->next_hop[family]) ||
                                    (j < i && same(exit, other->exit[family])));
        if (is_shared)
            net_errors_add(c->errors, NET_ERROR, line_of(c, "upstreams", i, "exit"),
                           "upstreams[%u].exit: %s is also of '%s': its routes would move too: "
                           "give each its own",
                           i, text, other->name);
    }
    for (uint32_t r = 0; r < c->net->router_count; r++)
        if (same(exit, c->net->routers[r].address) || same(exit, c->net->routers[r].local_address))
            net_errors_add(c->errors, NET_ERROR, line_of(c, "upstreams", i, "exit"),
                           "upstreams[%u].exit: %s is an end of the session with '%s': write an "
                           "address that nothing else uses",
                           i, text, c->net->routers[r].name);
}

static bool tag_is_same(const struct net_tag *a, const struct net_tag *b)
{
    return a->kind != NET_TAG_NONE && a->kind == b->kind && a->value.global == b->value.global &&
           a->value.local1 == b->value.local1 && a->value.local2 == b->value.local2;
}

// A community that means two things would do both.
static void check_inbound(const struct check *c, uint32_t i)
{
    const struct net *net = c->net;
    for (uint32_t own = i * NET_STANCES; own < (i + 1) * NET_STANCES; own++)
        for (uint32_t other = 0; other < own; other++) {
            const struct net_upstream *upstream = &net->upstreams[other / NET_STANCES];
            if (tag_is_same(&net->upstreams[i].inbound[own % NET_STANCES],
                            &upstream->inbound[other % NET_STANCES]))
                net_errors_add(c->errors, NET_ERROR, line_of(c, "upstreams", i, "inbound"),
                               "upstreams[%u].inbound: a community of it also means '%s' towards "
                               "'%s': give each stance its own",
                               i, net_stance_names[other % NET_STANCES], upstream->name);
        }
}

void check_announce(const struct check *c)
{
    for (uint32_t i = 0; c->sound && i < c->net->announce_count; i++)
        check_own_prefix(c, i);
    for (uint32_t i = 0; c->sound && i < c->net->upstream_count; i++) {
        check_exit(c, i, FAMILY_IPV4);
        check_exit(c, i, FAMILY_IPV6);
        check_inbound(c, i);
    }
}
