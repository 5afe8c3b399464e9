// SPDX-License-Identifier: ISC
#include "lab/traffic_ends.h"

#include "lab/traffic_wire.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

// After a stall of our own, at most so many packets are made up for: a flood would be no traffic.
enum { CATCH_UP_MAX = 20 };

struct sender {
    const struct scenario_traffic *data;
    struct traffic_log *log;
    int sockets[FAMILIES];
};

static int socket_open(enum family family)
{
    int fd = socket(family == FAMILY_IPV4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int ttl = TRAFFIC_TTL;
    if (fd < 0)
        return -errno;
    int result = family == FAMILY_IPV4
                     ? setsockopt(fd, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl)
                     : setsockopt(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &ttl, sizeof ttl);
    return result < 0 ? -errno : fd;
}

static void send_one(struct sender *sender, enum family family)
{
    int64_t sequence = sender->log->next[family];
    struct traffic_packet *packet = traffic_packet(sender->log, family, sequence);
    const struct scenario_target *target =
        &sender->data->targets[sequence % sender->data->target_count];
    struct traffic_address to = traffic_address(target->address[family], TRAFFIC_PORT);
    struct traffic_wire wire = {.magic = TRAFFIC_MAGIC, .sequence = sequence};
    packet->sequence = -1;  // what arrives of an earlier round is not this packet
    packet->arrived_ns = 0;
    packet->copies = 0;
    packet->passed = 0;
    packet->sent_ns = traffic_now_ns();
    packet->sequence = sequence;
    ssize_t sent = sendto(sender->sockets[family], &wire, sizeof wire, MSG_DONTWAIT,
                          (struct sockaddr *)&to.storage, to.size);
    // An ICMP error to an earlier packet is told here; that is no fault of this packet's sending.
    if (sent < 0 && errno == ECONNREFUSED)
        sent = sendto(sender->sockets[family], &wire, sizeof wire, MSG_DONTWAIT,
                      (struct sockaddr *)&to.storage, to.size);
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

int traffic_send(const struct scenario_traffic *data, struct traffic_log *log)
{
    struct sender sender = {data, log, {-1, -1, -1}};
    // A customer's host has a processor of its own; this one shares ours.
    sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 1});
    for (enum family f = FAMILY_IPV4; f <= FAMILY_IPV6; f++)
        if ((sender.sockets[f] = socket_open(f)) < 0)
            return 1;
    int timer = timer_open(data->rate_pps);
    uint64_t due;
    while (timer >= 0 && read(timer, &due, sizeof due) == sizeof due)
        for (uint64_t i = 0; i < due && i < CATCH_UP_MAX; i++) {
            send_one(&sender, FAMILY_IPV4);
            send_one(&sender, FAMILY_IPV6);
        }
    return 1;
}
