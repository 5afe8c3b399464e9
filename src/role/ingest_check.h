// SPDX-License-Identifier: ISC
// The role in a process of its own over real sockets on loopback, both families, for its tests.
#pragma once

#include "role/ingest.h"

#include "base/check.h"
#include "engine/message.h"
#include "role/channel.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TOKEN "0123456789abcdef"

struct server {
    pid_t pid;
    int channel;
    struct net net;
};

static const char *const loopbacks[FAMILIES] = {"", "127.0.0.1", "::1"};

// A port that is free in both families, as far as anybody can know; below those that the kernel
// gives away, and some apart from those of a test that runs beside this one.
static inline uint16_t free_port(int type)
{
    for (uint16_t port = (uint16_t)(20000 + getpid() * 8 % 12000);; port++) {
        bool is_free = true;
        for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
            union endpoint endpoint = endpoint_of(check_address(loopbacks[family]), port);
            int fd = socket(endpoint.any.sa_family, type, 0);
            is_free &= bind(fd, &endpoint.any, endpoint_size(&endpoint)) == 0;
            close(fd);
        }
        if (is_free)
            return port;
    }
}

static inline struct net site(void)
{
    struct net net = {.site = "fra1", .router_count = 1, .upstream_count = 2};
    strcpy(net.routers[0].name, "edge1");
    strcpy(net.upstreams[0].name, "transit-a");
    strcpy(net.upstreams[1].name, "transit-b");
    strcpy(net.counters.token, TOKEN);
    net.detect.false_acts_mpy = 100;
    net.counters.failed_normal_ppm = 1000;
    net.counters.port = free_port(SOCK_DGRAM);
    net.counters.http_port = free_port(SOCK_STREAM);
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct address loopback = check_address(loopbacks[family]);
        net.counters.listen[family] = net.counters.http[family] = loopback;
        net.upstreams[0].next_hop[family] = net.upstreams[1].next_hop[family] = loopback;
    }
    return net;
}

static inline struct server start_at(const struct net *net)
{
    struct server server = {.net = *net};
    int channel[2];
    char why[ROLE_ERROR_MAX] = "";
    assert_true(ingest_role_wanted(&server.net));
    struct ingest_role *role = ingest_role_open(&server.net, why);
    if (!role)
        fail_msg("%s", why);
    assert_int_equal(channel_pair(channel), 0);
    server.pid = fork();
    if (server.pid == 0) {
        close(channel[0]);
        _exit(ingest_role_run(role, channel[1]));
    }
    close(channel[1]);
    ingest_role_close(role);
    server.channel = channel[0];
    return server;
}

static inline void stop(struct server *server)
{
    int status;
    close(server->channel);
    waitpid(server->pid, &status, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static inline int to(const struct server *server, enum family family, int type)
{
    union endpoint endpoint = endpoint_of(check_address(loopbacks[family]),
                                          type == SOCK_DGRAM ? server->net.counters.port
                                                             : server->net.counters.http_port);
    int fd = socket(endpoint.any.sa_family, type, 0);
    assert_int_equal(connect(fd, &endpoint.any, endpoint_size(&endpoint)), 0);
    return fd;
}

// The whole answer.
static inline void ask(const struct server *server, enum family family, const char *request,
                       char *answer, size_t size)
{
    int fd = to(server, family, SOCK_STREAM);
    size_t got = 0, length = strlen(request);
    assert_int_equal(send(fd, request, length, MSG_NOSIGNAL), length);
    for (ssize_t n; got < size - 1 && (n = recv(fd, answer + got, size - 1 - got, 0)) > 0;)
        got += (size_t)n;
    answer[got] = '\0';
    close(fd);
}
