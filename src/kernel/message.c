// SPDX-License-Identifier: ISC
#include "kernel/message.h"

#include <assert.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

static_assert(NETLINK_DUMPED == NLM_F_MULTI && NETLINK_APPEND == NLM_F_APPEND &&
                  NETLINK_DUMP_INTERRUPTED == NLM_F_DUMP_INTR,
              "as in netlink.h");

// Each pair of types, made and gone, stands together.
static const struct {
    uint16_t made, gone;
    enum kernel_kind kind;
} kinds[] = {
    {RTM_NEWROUTE, RTM_DELROUTE, KERNEL_ROUTE}, {RTM_NEWNEXTHOP, RTM_DELNEXTHOP, KERNEL_NEXTHOP},
    {RTM_NEWRULE, RTM_DELRULE, KERNEL_RULE},    {RTM_NEWNEIGH, RTM_DELNEIGH, KERNEL_NEIGHBOUR},
    {RTM_NEWLINK, RTM_DELLINK, KERNEL_LINK},    {NLMSG_DONE, NLMSG_DONE, KERNEL_DONE},
    {NLMSG_ERROR, NLMSG_ERROR, KERNEL_ERROR},
};

static bool find_kind(uint16_t type, struct kernel_message *out)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (type != kinds[i].made && type != kinds[i].gone)
            continue;
        out->kind = kinds[i].kind;
        out->is_gone = type != kinds[i].made;
        return true;
    }
    return false;
}

// Both begin with the number; DONE may lack it.
static enum kernel_verdict decode_error(struct cursor body, enum netlink_order order,
                                        struct kernel_message *out, const char **wrong)
{
    const uint8_t *at = cursor_bytes(&body, 4);
    if (!at && out->kind == KERNEL_ERROR)
        return kernel_malformed(wrong, "an error without its number");
    uint32_t error = at ? netlink_u32(at, order) : 0;
    out->error = (int)(int32_t)error;
    return KERNEL_TOLD;
}

enum kernel_verdict kernel_decode(const struct netlink_message *message, enum netlink_order order,
                                  struct kernel_message *out, const char **wrong)
{
    if (!find_kind(message->type, out))
        return KERNEL_IGNORED;
    out->is_appended = message->flags & NETLINK_APPEND;
    out->is_dumped = message->flags & NETLINK_DUMPED;
    out->is_torn = message->flags & NETLINK_DUMP_INTERRUPTED;
    out->port = message->port;
    out->sequence = message->sequence;
    out->error = 0;
    switch (out->kind) {
    case KERNEL_ROUTE:
        return kernel_route_decode(message->body, order, &out->route, wrong);
    case KERNEL_NEXTHOP:
        return kernel_nexthop_decode(message->body, order, &out->nexthop, wrong);
    case KERNEL_RULE:
        return kernel_rule_decode(message->body, order, &out->rule, wrong);
    case KERNEL_NEIGHBOUR:
        return kernel_neighbour_decode(message->body, order, &out->neighbour, wrong);
    case KERNEL_LINK:
        return kernel_link_decode(message->body, order, &out->link, wrong);
    case KERNEL_DONE:
    case KERNEL_ERROR:
    case KERNEL_KINDS:
        return decode_error(message->body, order, out, wrong);
    }
    return KERNEL_IGNORED;
}

enum kernel_part kernel_part_of(const struct kernel_message *message)
{
    switch (message->kind) {
    case KERNEL_ROUTE:
        return message->route.prefix.address.family == FAMILY_IPV4 ? KERNEL_ROUTES_IPV4
                                                                   : KERNEL_ROUTES_IPV6;
    case KERNEL_NEXTHOP:
        return KERNEL_NEXTHOPS;
    case KERNEL_RULE:
        return message->rule.family == FAMILY_IPV4 ? KERNEL_RULES_IPV4 : KERNEL_RULES_IPV6;
    case KERNEL_NEIGHBOUR:
        return KERNEL_NEIGHBOURS;
    case KERNEL_LINK:
        return KERNEL_LINKS;
    case KERNEL_DONE:
    case KERNEL_ERROR:
    case KERNEL_KINDS:
        break;
    }
    return KERNEL_PARTS;
}
