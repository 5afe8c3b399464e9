// SPDX-License-Identifier: ISC
#include "role/kernel_socket.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <string.h>

static const uint32_t groups[] = {
    RTNLGRP_LINK,       RTNLGRP_NEXTHOP,   RTNLGRP_NEIGH,     RTNLGRP_IPV4_ROUTE,
    RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE,
};

// How each part is asked for: a type, a family, the bytes of its header.
static const struct {
    uint16_t type;
    uint8_t family;
    size_t size;
} requests[KERNEL_PARTS] = {
    [KERNEL_LINKS] = {RTM_GETLINK, AF_UNSPEC, sizeof(struct ifinfomsg)},
    [KERNEL_NEXTHOPS] = {RTM_GETNEXTHOP, AF_UNSPEC, sizeof(struct nhmsg)},
    [KERNEL_NEIGHBOURS] = {RTM_GETNEIGH, AF_UNSPEC, sizeof(struct ndmsg)},
    [KERNEL_ROUTES_IPV4] = {RTM_GETROUTE, AF_INET, sizeof(struct rtmsg)},
    [KERNEL_ROUTES_IPV6] = {RTM_GETROUTE, AF_INET6, sizeof(struct rtmsg)},
    [KERNEL_RULES_IPV4] = {RTM_GETRULE, AF_INET, sizeof(struct fib_rule_hdr)},
    [KERNEL_RULES_IPV6] = {RTM_GETRULE, AF_INET6, sizeof(struct fib_rule_hdr)},
};

// The kernel then checks requests, and dumps routes without their cached exceptions, at two thirds
// of the cost; one that cannot goes on as before.
static void want_strictness(const struct mnl_socket *socket)
{
    int yes = 1;
    (void)mnl_socket_setsockopt(socket, NETLINK_GET_STRICT_CHK, &yes, sizeof yes);
}

int kernel_socket_open(struct kernel_socket *s)
{
    const int buffer = KERNEL_SOCKET_BUFFER;
    *s = (struct kernel_socket){.fd = -1, .part = KERNEL_PARTS};
    s->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (!s->socket)
        return -errno;
    s->fd = mnl_socket_get_fd(s->socket);
    if (mnl_socket_bind(s->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
        int error = -errno;
        kernel_socket_close(s);
        return error;
    }
    if (setsockopt(s->fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer) < 0)
        (void)setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    want_strictness(s->socket);
    return 0;
}

void kernel_socket_close(struct kernel_socket *s)
{
    if (s->socket)
        mnl_socket_close(s->socket);
    s->socket = NULL;
    s->fd = -1;
}

int kernel_socket_subscribe(struct kernel_socket *s, bool wanted)
{
    int option = wanted ? NETLINK_ADD_MEMBERSHIP : NETLINK_DROP_MEMBERSHIP;
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        uint32_t group = groups[i];
        if (mnl_socket_setsockopt(s->socket, option, &group, sizeof group) < 0)
            return -errno;
    }
    return 0;
}

int kernel_socket_ask(struct kernel_socket *s, enum kernel_part part)
{
    _Alignas(struct nlmsghdr) char bytes[256];
    struct nlmsghdr *header = mnl_nlmsg_put_header(bytes);
    header->nlmsg_type = requests[part].type;
    header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    header->nlmsg_seq = ++s->sequence;
    uint8_t *family = mnl_nlmsg_put_extra_header(header, requests[part].size);
    *family = requests[part].family;  // every such header begins with it
    if (part == KERNEL_LINKS)
        mnl_attr_put_u32(header, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    if (mnl_socket_sendto(s->socket, header, header->nlmsg_len) < 0)
        return -errno;
    s->part = part;
    s->is_spoilt = false;
    return 0;
}

// Only the kernel itself may speak here: any process may send to our port.
ssize_t kernel_socket_receive(struct kernel_socket *s, uint8_t *bytes)
{
    struct sockaddr_nl from;
    struct iovec data = {bytes, KERNEL_SOCKET_DATAGRAM};
    struct msghdr message = {
        .msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &data, .msg_iovlen = 1};
    for (;;) {
        ssize_t size = recvmsg(s->fd, &message, MSG_DONTWAIT);
        if (size < 0 && errno == EINTR)
            continue;
        bool is_lost = size < 0 ? errno == ENOBUFS : message.msg_flags & MSG_TRUNC;
        s->is_spoilt |= is_lost;
        if (is_lost)
            return -ENOBUFS;
        if (size < 0)
            return errno == EWOULDBLOCK ? -EAGAIN : -errno;
        if (message.msg_namelen == sizeof from && from.nl_pid == 0)
            return size;
        message.msg_namelen = sizeof from;
    }
}

int kernel_socket_ends(struct kernel_socket *s, const struct netlink_message *message)
{
    struct kernel_message m;
    const char *wrong;
    bool may_end = message->type == NLMSG_DONE || message->type == NLMSG_ERROR;
    if (!may_end || s->part == KERNEL_PARTS || message->sequence != s->sequence ||
        kernel_decode(message, netlink_order_here(), &m, &wrong) != KERNEL_TOLD)
        return -1;
    s->part = KERNEL_PARTS;
    return m.error == 0 && !s->is_spoilt;
}
