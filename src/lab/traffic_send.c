// SPDX-License-Identifier: ISC
#include "lab/traffic_ends.h"

#include "lab/traffic_wire.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

// After a stall of our own, at most so many packets are made up for: a flood would be no traffic.
enum { CATCH_UP_MAX = 20, FIRST_PORT = 20000 };

struct sender {
    const struct scenario_traffic *data;
    struct traffic_log *log;
    int *sockets[FAMILIES];  // by source port
};

// Never cut into pieces: too large for the way is lost.
static int options_set(int fd, enum family family)
{
    int on = 1, ttl = TRAFFIC_TTL,
        whole = family == FAMILY_IPV4 ? IP_PMTUDISC_PROBE : IPV6_PMTUDISC_PROBE;
    int level = family == FAMILY_IPV4 ? IPPROTO_IP : IPPROTO_IPV6;
    bool set = family == FAMILY_IPV4
                   ? setsockopt(fd, level, IP_TTL, &ttl, sizeof ttl) == 0 &&
                         setsockopt(fd, level, IP_MTU_DISCOVER, &whole, sizeof whole) == 0
                   : setsockopt(fd, level, IPV6_V6ONLY, &on, sizeof on) == 0 &&
                         setsockopt(fd, level, IPV6_UNICAST_HOPS, &ttl, sizeof ttl) == 0 &&
                         setsockopt(fd, level, IPV6_MTU_DISCOVER, &whole, sizeof whole) == 0;
    return set ? 0 : -errno;
}

static int socket_open(enum family family, uint16_t port)
{
    struct traffic_address at = traffic_address((struct address){.family = family}, port);
    int fd = socket(at.storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || options_set(fd, family) < 0 ||
        bind(fd, (struct sockaddr *)&at.storage, at.size) < 0)
        return -errno;
    return fd;
}

// Bytes of the IP packet that are not the payload.
static size_t headers_bytes(enum family family)
{
    return (family == FAMILY_IPV4 ? 20 : 40) + 8;
}

static ssize_t put(int fd, enum family family, const struct scenario_sort *sort,
                   const struct traffic_address *to, const struct traffic_wire *wire)
{
    uint8_t payload[1500] = {0};
    size_t headers = headers_bytes(family), size = sizeof *wire;
    int class = sort->dscp << 2;
    if (sort->size_bytes > headers + size)
        size = sort->size_bytes - headers;
    memcpy(payload, wire, sizeof *wire);
    int result = family == FAMILY_IPV4
                     ? setsockopt(fd, IPPROTO_IP, IP_TOS, &class, sizeof class)
                     : setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &class, sizeof class);
    return result < 0 ? -1
                      : sendto(fd, payload, size, MSG_DONTWAIT,
                               (const struct sockaddr *)&to->storage, to->size);
}

static void send_one(struct sender *sender, enum family family)
{
    const struct scenario_traffic *data = sender->data;
    int64_t sequence = sender->log->next[family];
    struct traffic_packet *packet = traffic_packet(sender->log, family, sequence);
    int64_t round = sequence / data->target_count;
    const struct scenario_target *target = &data->targets[sequence % data->target_count];
    const struct scenario_sort *sort = &data->mix[round % data->mix_count];
    int fd = sender->sockets[family][round / data->mix_count % data->ports];
    struct traffic_address to = traffic_address(target->address[family], TRAFFIC_PORT);
    struct traffic_wire wire = {.magic = TRAFFIC_MAGIC, .sequence = sequence};
    packet->sequence = -1;  // what arrives of an earlier round is not this packet
    packet->arrived_ns = 0;
    packet->copies = 0;
    packet->passed = 0;
    packet->sent_ns = traffic_now_ns();
    packet->sequence = sequence;
    ssize_t sent = put(fd, family, sort, &to, &wire);
    // An ICMP error to an earlier packet is told here; that is no fault of this packet's sending.
    if (sent < 0 && errno == ECONNREFUSED)
        sent = put(fd, family, sort, &to, &wire);
    if (sent < 0) {
        packet->sent_ns = 0;
        sender->log->unsent[family]++;
    }
    sender->log->next[family] = sequence + 1;
}

static int timer_open(uint32_t rate_pps)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    long interval = NS_PER_S / (long)rate_pps;
    struct itimerspec every = {.it_interval = {interval / NS_PER_S, interval % NS_PER_S},
                               .it_value = {0, 1}};
    return fd >= 0 && timerfd_settime(fd, 0, &every, NULL) == 0 ? fd : -errno;
}

static bool sockets_open(struct sender *sender)
{
    rlim_t files = 2 * sender->data->ports + 64;
    if (files > 1024)  // what every process may
        setrlimit(RLIMIT_NOFILE, &(struct rlimit){files, files});
    for (enum family f = FAMILY_IPV4; f <= FAMILY_IPV6; f++) {
        sender->sockets[f] = calloc(sender->data->ports, sizeof(int));
        for (uint32_t i = 0; i < sender->data->ports; i++)
            if (!sender->sockets[f] ||
                (sender->sockets[f][i] = socket_open(f, (uint16_t)(FIRST_PORT + i))) < 0)
                return false;
    }
    return true;
}

int traffic_send(const struct scenario_traffic *data, struct traffic_log *log)
{
    struct sender sender = {.data = data, .log = log};
    // A customer's host has a processor of its own; this one shares ours.
    sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 1});
    if (!sockets_open(&sender)) {
        perror("fairlead: cannot send the lab's traffic");
        return 1;
    }
    int timer = timer_open(data->rate_pps);
    uint64_t due;
    while (timer >= 0 && read(timer, &due, sizeof due) == sizeof due)
        for (uint64_t i = 0; i < due && i < CATCH_UP_MAX; i++) {
            send_one(&sender, FAMILY_IPV4);
            send_one(&sender, FAMILY_IPV6);
        }
    return 1;
}
