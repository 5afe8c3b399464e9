// SPDX-License-Identifier: ISC
#include "role/way_meant.h"

#include "role/endpoint.h"
#include "role/kernel_socket.h"

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_MAX = 4096 };  // bytes: more than the first message of a dump has

// Whether it is for such packets among others, whatever else they are. What comes from lo is what
// this host sends.
static bool means(const struct kernel_rule *rule, const struct way_question *q)
{
    bool by_source = rule->source.address.family != FAMILY_NONE && rule->source.length > 0;
    bool is_of_others = rule->in_link[0] && strcmp(rule->in_link, "lo") != 0;
    bool is_special = rule->is_narrow || rule->is_inverted || is_of_others || rule->out_link[0] ||
                      rule->destination.address.family != FAMILY_NONE;
    return rule->action == KERNEL_RULE_LOOKUP && !is_special && (by_source || rule->by_mark) &&
           (!by_source || prefix_contains_address(rule->source, q->source)) &&
           (q->mark & rule->mask) == rule->mark;
}

// Rules come in their order. False: that was all.
static bool read_rules(struct kernel_socket *socket, uint8_t *bytes, const struct way_question *q,
                       uint32_t *table)
{
    ssize_t size = kernel_socket_receive(socket, bytes);
    struct cursor datagram = cursor_over(bytes, size > 0 ? (size_t)size : 0);
    struct netlink_message message;
    struct kernel_message m;
    const char *wrong;
    bool goes_on = size > 0;
    while (netlink_message_next(&datagram, netlink_order_here(), &message)) {
        goes_on &= kernel_socket_ends(socket, &message) < 0;
        if (kernel_decode(&message, netlink_order_here(), &m, &wrong) == KERNEL_TOLD &&
            m.kind == KERNEL_RULE && *table == 0 && means(&m.rule, q))
            *table = m.rule.table;
    }
    return goes_on;
}

static uint32_t meant(const struct way_question *q)
{
    struct kernel_socket socket;
    uint32_t table = 0;
    uint8_t *bytes = malloc(KERNEL_SOCKET_DATAGRAM);
    bool is_ipv4 = q->destination.family == FAMILY_IPV4;
    if (bytes && kernel_socket_open(&socket) == 0) {
        if (kernel_socket_ask(&socket, is_ipv4 ? KERNEL_RULES_IPV4 : KERNEL_RULES_IPV6) == 0)
            while (read_rules(&socket, bytes, q, &table))
                continue;
        kernel_socket_close(&socket);
    }
    free(bytes);
    return table;
}

static bool ask_for_routes(int netlink, enum family family, uint32_t table)
{
    _Alignas(struct nlmsghdr) char bytes[256];
    const int yes = 1;  // else all tables are told
    struct nlmsghdr *header = mnl_nlmsg_put_header(bytes);
    header->nlmsg_type = RTM_GETROUTE;
    header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    struct rtmsg *body = mnl_nlmsg_put_extra_header(header, sizeof *body);
    body->rtm_family = (uint8_t)endpoint_family(family);
    mnl_attr_put_u32(header, RTA_TABLE, table);
    return setsockopt(netlink, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &yes, sizeof yes) == 0 &&
           send(netlink, header, header->nlmsg_len, MSG_DONTWAIT) > 0;
}

// A socket of its own, which closes on whatever more there is.
static bool is_empty(enum family family, uint32_t table)
{
    uint8_t bytes[FIRST_MAX];
    int netlink = way_socket();
    ssize_t size = -1;
    if (netlink < 0)
        return false;
    if (ask_for_routes(netlink, family, table))
        size = recv(netlink, bytes, sizeof bytes, MSG_DONTWAIT);
    close(netlink);
    struct cursor datagram = cursor_over(bytes, size > 0 ? (size_t)size : 0);
    struct netlink_message first;
    return netlink_message_next(&datagram, netlink_order_here(), &first) &&
           (first.type == NLMSG_DONE || first.type == NLMSG_ERROR);
}

uint32_t way_meant_empty(const struct way_question *question)
{
    uint32_t table = meant(question);
    return table > 0 && is_empty(question->destination.family, table) ? table : 0;
}
