// SPDX-License-Identifier: ISC
#include "role/way_ask.h"

#include "kernel/route.h"
#include "role/endpoint.h"

#include <errno.h>
#include <linux/rtnetlink.h>

enum { QUESTION_MAX = 256, ANSWER_MAX = 4096 };

// Attributes stand in the order of this host, aligned to 4 octets.
static void put(uint8_t *message, struct nlmsghdr *header, uint16_t type, const void *value,
                size_t size)
{
    const struct rtattr attribute = {.rta_len = (uint16_t)RTA_LENGTH(size), .rta_type = type};
    memcpy(message + header->nlmsg_len, &attribute, sizeof attribute);
    memcpy(message + header->nlmsg_len + RTA_LENGTH(0), value, size);
    header->nlmsg_len += (uint32_t)RTA_SPACE(size);
}

int way_socket(void)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
    return fd < 0 ? -errno : fd;
}

static bool ask(int netlink, const struct way_question *q)
{
    uint8_t message[QUESTION_MAX] = {0};
    uint8_t bits = family_bits(q->destination.family);
    bool has_source = q->source.family != FAMILY_NONE;
    struct nlmsghdr header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct rtmsg)),
                              .nlmsg_type = RTM_GETROUTE,
                              .nlmsg_flags = NLM_F_REQUEST};
    const struct rtmsg body = {.rtm_family = (uint8_t)endpoint_family(q->destination.family),
                               .rtm_dst_len = bits,
                               .rtm_src_len = has_source ? bits : 0,
                               .rtm_flags =
                                   RTM_F_LOOKUP_TABLE | (q->of_any_flow ? RTM_F_FIB_MATCH : 0u)};
    put(message, &header, RTA_DST, q->destination.bytes, bits / 8);
    if (has_source)
        put(message, &header, RTA_SRC, q->source.bytes, bits / 8);
    if (q->interface > 0)
        put(message, &header, RTA_OIF, &q->interface, sizeof q->interface);
    if (q->mark > 0)
        put(message, &header, RTA_MARK, &q->mark, sizeof q->mark);
    memcpy(message, &header, sizeof header);
    memcpy(message + NLMSG_LENGTH(0), &body, sizeof body);
    return send(netlink, message, header.nlmsg_len, MSG_DONTWAIT) > 0;
}

bool way_ask(int netlink, const struct way_question *question, struct way *way)
{
    uint8_t bytes[ANSWER_MAX];
    if (!ask(netlink, question))
        return false;
    ssize_t size = recv(netlink, bytes, sizeof bytes, MSG_DONTWAIT);
    struct cursor datagram = cursor_over(bytes, size > 0 ? (size_t)size : 0);
    struct netlink_message message;
    struct kernel_route route;
    const char *wrong;
    enum netlink_order order = netlink_order_here();
    if (!netlink_message_next(&datagram, order, &message) || message.type != RTM_NEWROUTE ||
        kernel_way_decode(message.body, order, &route, &wrong) != KERNEL_TOLD)
        return false;
    const struct kernel_hop *hop = &route.hops[0];
    if (route.type != KERNEL_UNICAST || route.hop_count == 0 ||
        (route.hop_count > 1 && !question->of_any_flow))
        return false;
    *way = (struct way){
        .next_hop = hop->gateway.family != FAMILY_NONE ? hop->gateway : question->destination,
        .interface = hop->link,
        .table = route.table,
        .is_wrapped = hop->is_wrapped,
    };
    for (uint8_t i = 0; i < route.hop_count && i < WAY_LINKS_MAX; i++)
        way->interfaces[way->interface_count++] = route.hops[i].link;
    return true;
}
