// SPDX-License-Identifier: ISC
#include "role/neighbour_ask.h"

#include "kernel/neighbour.h"
#include "role/endpoint.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <unistd.h>

enum { DISCARD_PORT = 9 };

int neighbour_ask_open(struct neighbour_ask *ask)
{
    int error = 0;
    ask->netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (ask->netlink < 0)
        error = -errno;
    ask->udp[FAMILY_NONE] = -1;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        ask->udp[family] =
            socket(endpoint_family(family), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (ask->udp[family] < 0 && errno != EAFNOSUPPORT && !error)
            error = -errno;
    }
    if (error)
        neighbour_ask_close(ask);
    return error;
}

void neighbour_ask_close(struct neighbour_ask *ask)
{
    const int sockets[] = {ask->netlink, ask->udp[FAMILY_IPV4], ask->udp[FAMILY_IPV6]};
    for (size_t i = 0; i < sizeof sockets / sizeof sockets[0]; i++)
        if (sockets[i] >= 0)
            close(sockets[i]);
}

static bool ask_kernel(int netlink, uint32_t interface, struct address neighbour)
{
    size_t size = family_bits(neighbour.family) / 8;
    struct {
        struct nlmsghdr header;
        struct ndmsg body;
        struct rtattr attribute;
        uint8_t address[16];
    } question = {
        .header = {.nlmsg_len = (uint32_t)(NLMSG_LENGTH(sizeof question.body) + RTA_LENGTH(size)),
                   .nlmsg_type = RTM_GETNEIGH,
                   .nlmsg_flags = NLM_F_REQUEST},
        .body = {.ndm_family = (uint8_t)endpoint_family(neighbour.family),
                 .ndm_ifindex = (int)interface},
        .attribute = {.rta_len = (uint16_t)RTA_LENGTH(size), .rta_type = NDA_DST},
    };
    memcpy(question.address, neighbour.bytes, size);
    return send(netlink, &question, question.header.nlmsg_len, MSG_DONTWAIT) > 0;
}

// The kernel answers within the call that asks.
bool neighbour_ask_mac(const struct neighbour_ask *ask, uint32_t interface,
                       struct address neighbour, uint8_t mac[NEIGHBOUR_MAC])
{
    uint8_t bytes[4096];
    if (!ask_kernel(ask->netlink, interface, neighbour))
        return false;
    ssize_t size = recv(ask->netlink, bytes, sizeof bytes, MSG_DONTWAIT);
    struct cursor datagram = cursor_over(bytes, size > 0 ? (size_t)size : 0);
    struct netlink_message message;
    struct kernel_neighbour found;
    const char *wrong;
    enum netlink_order order = netlink_order_here();
    if (!netlink_message_next(&datagram, order, &message) || message.type != RTM_NEWNEIGH ||
        kernel_neighbour_decode(message.body, order, &found, &wrong) != KERNEL_TOLD)
        return false;
    bool is_known = found.mac_size == NEIGHBOUR_MAC && address_equal(found.address, neighbour) &&
                    !(found.state & (KERNEL_NEIGHBOUR_INCOMPLETE | KERNEL_NEIGHBOUR_FAILED));
    if (is_known)
        memcpy(mac, found.mac, NEIGHBOUR_MAC);
    return is_known;
}

void neighbour_ask_remind(const struct neighbour_ask *ask, uint32_t interface,
                          struct address neighbour)
{
    int fd = ask->udp[neighbour.family];
    union endpoint to = endpoint_of(neighbour, DISCARD_PORT);
    if (neighbour.family == FAMILY_IPV6 && neighbour.bytes[0] == 0xfe)
        to.ipv6.sin6_scope_id = interface;
    // By this link, wherever its address is routed to: routers answer for all they have.
    uint32_t by = htonl(interface);
    if (neighbour.family == FAMILY_IPV6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_UNICAST_IF, &by, sizeof by);
    else
        (void)setsockopt(fd, IPPROTO_IP, IP_UNICAST_IF, &by, sizeof by);
    (void)sendto(fd, "", 0, MSG_DONTWAIT, &to.any, endpoint_size(&to));
}
