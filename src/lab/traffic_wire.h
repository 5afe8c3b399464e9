// SPDX-License-Identifier: ISC
// What the two ends of the lab's traffic share: the packet, the port, the clock.
#pragma once

#include "base/clock.h"
#include "base/prefix.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { TRAFFIC_TTL = 64, TRAFFIC_PORT = 9999, TRAFFIC_MAGIC = 0x666c7466 };

struct traffic_wire {  // both ends are this machine: no byte order
    int64_t sequence;
    uint32_t magic, unused;
};

struct traffic_address {
    struct sockaddr_storage storage;
    socklen_t size;
};

static inline struct traffic_address traffic_address(struct address address, uint16_t port)
{
    struct traffic_address to = {.size = address.family == FAMILY_IPV4
                                             ? sizeof(struct sockaddr_in)
                                             : sizeof(struct sockaddr_in6)};
    struct sockaddr_in *v4 = (struct sockaddr_in *)&to.storage;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&to.storage;
    to.storage.ss_family = address.family == FAMILY_IPV4 ? AF_INET : AF_INET6;
    if (address.family == FAMILY_IPV4) {
        v4->sin_port = htons(port);
        memcpy(&v4->sin_addr, address.bytes, sizeof v4->sin_addr);
    } else {
        v6->sin6_port = htons(port);
        memcpy(&v6->sin6_addr, address.bytes, sizeof v6->sin6_addr);
    }
    return to;
}

static inline int64_t traffic_clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static inline int64_t traffic_now_ns(void)
{
    return traffic_clock_ns(CLOCK_MONOTONIC);
}
