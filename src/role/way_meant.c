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
                      rule->destination.address.family != FAMILY_NONE || rule->spares_short;
    return rule->action == KERNEL_RULE_LOOKUP && !is_special && (by_source || rule->by_mark) &&
           (!by_source || prefix_contains_address(rule->source, q->source)) &&
           (q->mark & rule->mask) == rule->mark;
}

// Calls `each` for all of a part of what the kernel knows, in its order.
struct reading {
    void (*each)(void *context, const struct kernel_message *message);
    void *context;
};

// False: that was all.
static bool read_some(struct kernel_socket *socket, uint8_t *bytes, const struct reading *reading)
{
    ssize_t size = kernel_socket_receive(socket, bytes);
    struct cursor datagram = cursor_over(bytes, size > 0 ? (size_t)size : 0);
    struct netlink_message message;
    struct kernel_message m;
    const char *wrong;
    bool goes_on = size > 0;
    while (netlink_message_next(&datagram, netlink_order_here(), &message)) {
        goes_on &= kernel_socket_ends(socket, &message) < 0;
        if (kernel_decode(&message, netlink_order_here(), &m, &wrong) == KERNEL_TOLD)
            reading->each(reading->context, &m);
    }
    return goes_on;
}

static void read_all(struct kernel_socket *socket, enum kernel_part part,
                     const struct reading *reading)
{
    uint8_t *bytes = malloc(KERNEL_SOCKET_DATAGRAM);
    if (bytes && kernel_socket_ask(socket, part) == 0)
        while (read_some(socket, bytes, reading))
            continue;
    free(bytes);
}

struct search {
    const struct way_question *question;
    struct way_meant found;
    bool is_full;
};

// A rule that asks the main table only says sooner or later what one for all packets says.
static void add_table(void *context, const struct kernel_message *m)
{
    struct search *search = context;
    struct way_meant *found = &search->found;
    if (m->kind != KERNEL_RULE || !means(&m->rule, search->question) ||
        m->rule.table == KERNEL_TABLE_MAIN || m->rule.table == KERNEL_TABLE_DEFAULT ||
        way_is_meant(found, m->rule.table))
        return;
    if (found->count == WAY_TABLES_MAX)
        search->is_full = true;
    else
        found->tables[found->count++] = m->rule.table;
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

struct way_meant way_meant(struct kernel_socket *socket, const struct way_question *question)
{
    struct search search = {.question = question};
    bool is_ipv4 = question->destination.family == FAMILY_IPV4;
    read_all(socket, is_ipv4 ? KERNEL_RULES_IPV4 : KERNEL_RULES_IPV6,
             &(struct reading){add_table, &search});
    return search.is_full ? (struct way_meant){0} : search.found;
}

struct device_search {
    const char *device;
    uint32_t table;
};

static void find_vrf(void *context, const struct kernel_message *m)
{
    struct device_search *search = context;
    if (m->kind == KERNEL_LINK && strcmp(m->link.name, search->device) == 0)
        search->table = m->link.vrf_table;
}

struct way_meant way_meant_by_device(struct kernel_socket *socket, const char *device)
{
    struct device_search search = {.device = device};
    read_all(socket, KERNEL_LINKS, &(struct reading){find_vrf, &search});
    return (struct way_meant){.tables = {search.table}, .count = search.table > 0};
}

bool way_is_meant(const struct way_meant *meant, uint32_t table)
{
    for (uint8_t i = 0; i < meant->count; i++)
        if (meant->tables[i] == table)
            return true;
    return false;
}

bool way_meant_is_empty(const struct way_meant *meant, enum family family)
{
    for (uint8_t i = 0; i < meant->count; i++)
        if (!is_empty(family, meant->tables[i]))
            return false;
    return meant->count > 0;
}
