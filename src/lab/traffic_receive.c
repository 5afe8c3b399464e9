// SPDX-License-Identifier: ISC
#include "lab/traffic_ends.h"

#include "lab/traffic_wire.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

enum {
    BUFFER_BYTES = 4 * 1024 * 1024,
    BATCH = 64,
    SOCKETS_MAX = SCENARIO_TARGETS_MAX * 2 * 2  // each in both families, in two nodes at most
};

struct receiver {
    struct traffic_log *log;
    uint32_t count;
    enum family families[SOCKETS_MAX];
    struct pollfd sockets[SOCKETS_MAX];
    uint32_t dropped[SOCKETS_MAX];  // as the kernel last counted
    int64_t realtime_ahead_ns;      // of CLOCK_MONOTONIC, now
};

// What the kernel says beside a packet.
struct beside {
    int64_t stamp_ns;  // CLOCK_REALTIME; 0: none
    int ttl;
    uint32_t dropped;
};

static int options_set(int fd, enum family family)
{
    int on = 1, bytes = BUFFER_BYTES;
    if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0)
        return -errno;
    int result = family == FAMILY_IPV4
                     ? setsockopt(fd, IPPROTO_IP, IP_RECVTTL, &on, sizeof on)
                     : setsockopt(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &on, sizeof on);
    return result < 0 ? -errno : 0;
}

static int socket_open(struct address address)
{
    struct traffic_address at = traffic_address(address, TRAFFIC_PORT);
    int fd = socket(at.storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || options_set(fd, address.family) < 0 ||
        bind(fd, (struct sockaddr *)&at.storage, at.size) < 0)
        return -errno;
    return fd;
}

static struct beside beside_of(struct msghdr *message)
{
    struct beside beside = {.ttl = -1};
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        struct timespec stamp;
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS) {
            memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
            beside.stamp_ns = (int64_t)stamp.tv_sec * NS_PER_S + stamp.tv_nsec;
        } else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL) {
            memcpy(&beside.dropped, CMSG_DATA(c), sizeof beside.dropped);
        } else if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL) ||
                   (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_HOPLIMIT)) {
            memcpy(&beside.ttl, CMSG_DATA(c), sizeof beside.ttl);
        }
    }
    return beside;
}

static void note(struct receiver *r, uint32_t socket, const struct traffic_wire *wire,
                 const struct beside *beside)
{
    struct traffic_packet *packet = traffic_packet(r->log, r->families[socket], wire->sequence);
    if (packet->sequence != wire->sequence)
        return;
    if (packet->copies == 0) {
        packet->passed = (uint8_t)(TRAFFIC_TTL - beside->ttl);
        packet->arrived_ns =
            beside->stamp_ns ? beside->stamp_ns - r->realtime_ahead_ns : traffic_now_ns();
    }
    packet->copies++;
}

static bool receive_one(struct receiver *r, uint32_t socket)
{
    struct traffic_wire wire;
    _Alignas(struct cmsghdr) char control[256];
    struct iovec part = {&wire, sizeof wire};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    ssize_t size = recvmsg(r->sockets[socket].fd, &message, MSG_TRUNC);
    if (size < 0)
        return false;
    struct beside beside = beside_of(&message);
    r->log->own_drops += beside.dropped - r->dropped[socket];
    r->dropped[socket] = beside.dropped;
    if (size >= (ssize_t)sizeof wire && wire.magic == TRAFFIC_MAGIC && wire.sequence >= 0)
        note(r, socket, &wire, &beside);
    return true;
}

// In both families, in the namespace of the node.
static bool node_open(struct receiver *r, const struct scenario_target *target, int namespace)
{
    if (setns(namespace, CLONE_NEWNET) < 0)
        return false;
    for (enum family f = FAMILY_IPV4; f <= FAMILY_IPV6; f++) {
        int fd = socket_open(target->address[f]);
        if (fd < 0)
            return false;
        r->families[r->count] = f;
        r->sockets[r->count++] = (struct pollfd){.fd = fd, .events = POLLIN};
    }
    return true;
}

static bool sockets_open(struct receiver *r, const struct scenario_traffic *data,
                         const int *namespaces)
{
    for (uint32_t i = 0; i < data->target_count; i++) {
        const struct scenario_target *target = &data->targets[i];
        if (!node_open(r, target, namespaces[target->node]) ||
            (target->also != UINT32_MAX && !node_open(r, target, namespaces[target->also])))
            return false;
    }
    return true;
}

int traffic_receive(const struct scenario_traffic *data, const int *namespaces,
                    struct traffic_log *log)
{
    struct receiver r = {.log = log};
    if (!sockets_open(&r, data, namespaces)) {
        perror("fairlead: cannot receive the lab's traffic");
        return 1;
    }
    while (poll(r.sockets, r.count, -1) > 0) {
        // Anew each time: somebody may set the wall clock.
        r.realtime_ahead_ns = traffic_clock_ns(CLOCK_REALTIME) - traffic_now_ns();
        for (uint32_t i = 0; i < r.count; i++)
            for (int n = 0; r.sockets[i].revents && n < BATCH && receive_one(&r, i); n++)
                ;
    }
    return 1;
}
