// SPDX-License-Identifier: ISC
#include "role/datagram.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <linux/filter.h>
#include <linux/net_tstamp.h>
#include <linux/sock_diag.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// An odd number of cache lines, so that the beginnings of all slots do not share a few sets.
enum { STRIDE = DATAGRAM_SIZE_MAX + 64 };

bool datagram_batch_init(struct datagram_batch *batch)
{
    *batch = (struct datagram_batch){.used = DATAGRAM_BATCH};
    batch->memory = malloc((size_t)DATAGRAM_BATCH * STRIDE);
    for (size_t i = 0; batch->memory && i < DATAGRAM_BATCH; i++)
        batch->slots[i].bytes = batch->memory + i * STRIDE;
    return batch->memory;
}

void datagram_batch_done(struct datagram_batch *batch)
{
    free(batch->memory);
    batch->memory = NULL;
}

static int set(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value) < 0 ? -errno : 0;
}

int datagram_want_facts(int fd, enum family family)
{
    bool is_ipv6 = family == FAMILY_IPV6;
    int error = set(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
    if (!error)
        error = set(fd, SOL_SOCKET, SO_RXQ_OVFL, 1);
    if (!error)
        error = set(fd, is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP,
                    is_ipv6 ? IPV6_RECVHOPLIMIT : IP_RECVTTL, 1);
    if (!error)
        error =
            set(fd, is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, is_ipv6 ? IPV6_RECVTCLASS : IP_RECVTOS, 1);
    return error;
}

int datagram_want_local(int fd, enum family family)
{
    return family == FAMILY_IPV6 ? set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)
                                 : set(fd, IPPROTO_IP, IP_PKTINFO, 1);
}

int datagram_want_port(int fd, enum family family)
{
    return family == FAMILY_IPV6 ? set(fd, IPPROTO_IPV6, IPV6_RECVORIGDSTADDR, 1)
                                 : set(fd, IPPROTO_IP, IP_RECVORIGDSTADDR, 1);
}

int datagram_want_departures(int fd)
{
    return set(fd, SOL_SOCKET, SO_TIMESTAMPING,
               SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_TSONLY);
}

int datagram_filter(int fd, const struct sock_filter *code, size_t count)
{
    const struct sock_fprog program = {
        .len = (unsigned short)count,
        .filter = (struct sock_filter *)code,  // the kernel only reads it
    };
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0 ? -errno : 0;
}

int datagram_set_ttl(int fd, enum family family, int ttl)
{
    return family == FAMILY_IPV6 ? set(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, ttl)
                                 : set(fd, IPPROTO_IP, IP_TTL, ttl);
}

static void prepare(struct datagram_batch *batch, int i, size_t size, size_t control)
{
    struct datagram_slot *slot = &batch->slots[i];
    slot->part = (struct iovec){slot->bytes, size};
    batch->messages[i].msg_hdr = (struct msghdr){
        .msg_name = &slot->peer,
        .msg_namelen = sizeof slot->peer,
        .msg_iov = &slot->part,
        .msg_iovlen = 1,
        .msg_control = control > 0 ? slot->control : NULL,
        .msg_controllen = control,
    };
}

int datagram_receive(int fd, struct datagram_batch *batch)
{
    for (int i = 0; i < batch->used; i++)
        prepare(batch, i, DATAGRAM_SIZE_MAX, DATAGRAM_CONTROL_MAX);
    int count = recvmmsg(fd, batch->messages, DATAGRAM_BATCH, MSG_DONTWAIT, NULL);
    batch->used = count > 0 ? count : 0;
    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    return count;
}

size_t datagram_size(const struct datagram_batch *batch, int i)
{
    const struct mmsghdr *message = &batch->messages[i];
    return message->msg_hdr.msg_flags & MSG_TRUNC ? SIZE_MAX : message->msg_len;
}

static void read_socket_fact(const struct cmsghdr *c, struct datagram_facts *facts)
{
    struct timespec at;
    if (c->cmsg_type == SCM_TIMESTAMPNS) {
        memcpy(&at, CMSG_DATA(c), sizeof at);
        facts->received_at.ns = at.tv_sec * (int64_t)NS_PER_S + at.tv_nsec;
    } else if (c->cmsg_type == SO_RXQ_OVFL) {
        memcpy(&facts->dropped, CMSG_DATA(c), sizeof facts->dropped);
    }
}

static void read_ipv4_fact(const struct cmsghdr *c, struct datagram_facts *facts)
{
    struct in_pktinfo info;
    struct sockaddr_in to;
    int ttl;
    if (c->cmsg_type == IP_TTL) {
        memcpy(&ttl, CMSG_DATA(c), sizeof ttl);
        facts->ttl = (uint8_t)ttl;
    } else if (c->cmsg_type == IP_TOS) {
        memcpy(&facts->traffic_class, CMSG_DATA(c), sizeof facts->traffic_class);
    } else if (c->cmsg_type == IP_PKTINFO) {
        memcpy(&info, CMSG_DATA(c), sizeof info);
        facts->local = address_from_bytes(FAMILY_IPV4, &info.ipi_spec_dst);
        facts->interface = (uint32_t)info.ipi_ifindex;
    } else if (c->cmsg_type == IP_ORIGDSTADDR) {
        memcpy(&to, CMSG_DATA(c), sizeof to);
        facts->local_port = ntohs(to.sin_port);
    }
}

static void read_ipv6_fact(const struct cmsghdr *c, struct datagram_facts *facts)
{
    struct in6_pktinfo info;
    struct sockaddr_in6 to;
    int ttl, class;
    if (c->cmsg_type == IPV6_HOPLIMIT) {
        memcpy(&ttl, CMSG_DATA(c), sizeof ttl);
        facts->ttl = (uint8_t)ttl;
    } else if (c->cmsg_type == IPV6_TCLASS) {
        memcpy(&class, CMSG_DATA(c), sizeof class);
        facts->traffic_class = (uint8_t) class;
    } else if (c->cmsg_type == IPV6_PKTINFO) {
        memcpy(&info, CMSG_DATA(c), sizeof info);
        facts->local = address_from_bytes(FAMILY_IPV6, &info.ipi6_addr);
        facts->interface = info.ipi6_ifindex;
    } else if (c->cmsg_type == IPV6_ORIGDSTADDR) {
        memcpy(&to, CMSG_DATA(c), sizeof to);
        facts->local_port = ntohs(to.sin6_port);
    }
}

struct datagram_facts datagram_facts(struct datagram_batch *batch, int i)
{
    struct datagram_facts facts = {0};
    struct msghdr *message = &batch->messages[i].msg_hdr;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level == SOL_SOCKET)
            read_socket_fact(c, &facts);
        else if (c->cmsg_level == IPPROTO_IP)
            read_ipv4_fact(c, &facts);
        else if (c->cmsg_level == IPPROTO_IPV6)
            read_ipv6_fact(c, &facts);
    }
    return facts;
}

static size_t put_control(uint8_t *control, int level, int type, const void *data, size_t size)
{
    struct cmsghdr header = {.cmsg_len = CMSG_LEN(size), .cmsg_level = level, .cmsg_type = type};
    memset(control, 0, CMSG_SPACE(size));
    memcpy(control, &header, sizeof header);
    memcpy(control + CMSG_LEN(0), data, size);
    return CMSG_SPACE(size);
}

void datagram_compose(struct datagram_batch *batch, int i, size_t size, struct address local,
                      uint32_t interface)
{
    struct datagram_slot *slot = &batch->slots[i];
    size_t control = 0;
    if (local.family == FAMILY_IPV4) {
        struct in_pktinfo info = {.ipi_ifindex = (int)interface};
        memcpy(&info.ipi_spec_dst, local.bytes, sizeof info.ipi_spec_dst);
        control = put_control(slot->control, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    } else if (local.family == FAMILY_IPV6) {
        struct in6_pktinfo info = {.ipi6_ifindex = interface};
        memcpy(&info.ipi6_addr, local.bytes, sizeof info.ipi6_addr);
        control = put_control(slot->control, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    }
    prepare(batch, i, size, control);
    batch->used = batch->used > i ? batch->used : i + 1;
    batch->messages[i].msg_hdr.msg_namelen = endpoint_size(&slot->peer);
}

void datagram_classify(struct datagram_batch *batch, int i, uint8_t traffic_class)
{
    struct msghdr *message = &batch->messages[i].msg_hdr;
    uint8_t *control = batch->slots[i].control;
    bool is_ipv6 = batch->slots[i].peer.any.sa_family == AF_INET6;
    const int class = traffic_class;
    message->msg_controllen +=
        put_control(control + message->msg_controllen, is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP,
                    is_ipv6 ? IPV6_TCLASS : IP_TOS, &class, sizeof class);
    message->msg_control = control;
}

void datagram_put_departure(struct msghdr *message, uint8_t *control)
{
    const uint32_t asked = SOF_TIMESTAMPING_TX_SOFTWARE;
    message->msg_controllen += put_control(control + message->msg_controllen, SOL_SOCKET,
                                           SO_TIMESTAMPING, &asked, sizeof asked);
    message->msg_control = control;
}

void datagram_ask_departure(struct datagram_batch *batch, int i)
{
    datagram_put_departure(&batch->messages[i].msg_hdr, batch->slots[i].control);
}

int datagram_send(int fd, struct datagram_batch *batch, int first, int count)
{
    int sent;
    do
        sent = sendmmsg(fd, batch->messages + first, (unsigned)count, MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}

static bool read_departure(struct msghdr *message, struct wall *at)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        struct scm_timestamping times;
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPING)
            continue;
        memcpy(&times, CMSG_DATA(c), sizeof times);
        at->ns = times.ts[0].tv_sec * (int64_t)NS_PER_S + times.ts[0].tv_nsec;
        return true;
    }
    return false;
}

// What else is in that queue, such as that a packet was too long, is taken out of it as well.
bool datagram_departed(int fd, struct wall *at)
{
    for (;;) {
        _Alignas(8) uint8_t control[DATAGRAM_CONTROL_MAX];
        struct msghdr message = {.msg_control = control, .msg_controllen = sizeof control};
        if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
            return false;
        if (read_departure(&message, at))
            return true;
    }
}

uint32_t datagram_dropped(int fd)
{
    uint32_t memory[SK_MEMINFO_VARS] = {0};
    socklen_t size = sizeof memory;
    return getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory, &size) < 0 ? 0 : memory[SK_MEMINFO_DROPS];
}
