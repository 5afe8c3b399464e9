// SPDX-License-Identifier: ISC
#include "role/route_socket.h"

#include "bgp/transport.h"
#include "role/endpoint.h"

#include <errno.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

enum { BACKLOG = 32, TTL_MAX = 255 };

static int set(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value) < 0 ? -errno : 0;
}

static int set_key(int fd, const struct net_router *router)
{
    size_t size = strlen(router->md5_key);
    if (size == 0)
        return 0;
    struct tcp_md5sig key = {.tcpm_keylen = (uint16_t)size};
    if (size > sizeof key.tcpm_key)
        return -EINVAL;
    union endpoint endpoint = endpoint_of(router->address, 0);
    memcpy(&key.tcpm_addr, &endpoint, endpoint_size(&endpoint));
    memcpy(key.tcpm_key, router->md5_key, size);
    return setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, &key, sizeof key) < 0 ? -errno : 0;
}

// Network control is the traffic class that must get through when all else is dropped; what does
// not know it, goes on without.
static void mark_control(int fd, enum family family)
{
    if (family == FAMILY_IPV4)
        (void)set(fd, IPPROTO_IP, IP_TOS, BGP_TRAFFIC_CLASS);
    else
        (void)set(fd, IPPROTO_IPV6, IPV6_TCLASS, BGP_TRAFFIC_CLASS);
}

// RFC 5082 §3: what we send says that it comes from next door, and nothing else is let in. The
// kernel drops it unseen, also before the connection is there.
static int set_ttl(int fd, enum family family)
{
    bool ipv4 = family == FAMILY_IPV4;
    return ipv4 ? set(fd, IPPROTO_IP, IP_TTL, TTL_MAX)
                : set(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, TTL_MAX);
}

static int set_ttl_min(int fd, enum family family)
{
    bool ipv4 = family == FAMILY_IPV4;
    return ipv4 ? set(fd, IPPROTO_IP, IP_MINTTL, TTL_MAX)
                : set(fd, IPPROTO_IPV6, IPV6_MINHOPCOUNT, TTL_MAX);
}

static int secure_ttl(int fd, const struct net_router *router)
{
    enum family family = router->address.family;
    if (!router->ttl_security)
        return 0;
    int error = set_ttl(fd, family);
    return error ? error : set_ttl_min(fd, family);
}

static int open_stream(enum family family)
{
    int fd = socket(endpoint_family(family), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    (void)set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    mark_control(fd, family);
    return fd;
}

static int make_listener(int fd, const struct net *net, struct address address, uint16_t port)
{
    int error = set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (!error && address.family == FAMILY_IPV6)
        error = set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    for (uint32_t i = 0; !error && net && i < net->router_count; i++) {
        if (net->routers[i].address.family != address.family)
            continue;
        error = set_key(fd, &net->routers[i]);
        if (!error && net->routers[i].ttl_security)
            error = set_ttl(fd, address.family);  // the answer to its call is one to be checked
    }
    union endpoint endpoint = endpoint_of(address, port);
    if (!error && bind(fd, &endpoint.any, endpoint_size(&endpoint)) < 0)
        error = -errno;
    if (!error && listen(fd, BACKLOG) < 0)
        error = -errno;
    return error;
}

static int done(int fd, int error)
{
    if (!error)
        return fd;
    close(fd);
    return error;
}

int route_socket_listen(const struct net *net, struct address address, uint16_t port)
{
    int fd = open_stream(address.family);
    return fd < 0 ? fd : done(fd, make_listener(fd, net, address, port));
}

int route_socket_listen_bmp(struct address address, uint16_t port)
{
    return route_socket_listen(NULL, address, port);
}

void route_socket_watch(int fd)
{
    (void)set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    (void)set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 10);
    (void)set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 5);
    (void)set(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

int route_socket_dial_bmp(struct address address, uint16_t port)
{
    int fd = open_stream(address.family);
    if (fd < 0)
        return fd;
    route_socket_watch(fd);
    union endpoint remote = endpoint_of(address, port);
    if (connect(fd, &remote.any, endpoint_size(&remote)) < 0 && errno != EINPROGRESS)
        return done(fd, -errno);
    return fd;
}

static int begin_dialling(int fd, const struct net_router *router)
{
    int error = set_key(fd, router);
    if (!error)
        error = secure_ttl(fd, router);
    union endpoint local = endpoint_of(router->local_address, 0);
    union endpoint remote = endpoint_of(router->address, router->port);
    if (!error && endpoint_size(&local) > 0 && bind(fd, &local.any, endpoint_size(&local)) < 0)
        error = -errno;
    if (!error && connect(fd, &remote.any, endpoint_size(&remote)) < 0 && errno != EINPROGRESS)
        error = -errno;
    return error;
}

int route_socket_dial(const struct net_router *router)
{
    int fd = open_stream(router->address.family);
    return fd < 0 ? fd : done(fd, begin_dialling(fd, router));
}

int route_socket_accepted(int fd, const struct net_router *router)
{
    return secure_ttl(fd, router);
}

int route_socket_accept(int listener, struct address *caller)
{
    union endpoint endpoint;
    socklen_t size = sizeof endpoint;
    int fd = accept4(listener, &endpoint.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return -errno;
    *caller = endpoint_address(&endpoint);
    (void)set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    mark_control(fd, caller->family);
    return fd;
}

void route_socket_answer(int listener, void (*answer)(void *owner, int fd, struct address caller),
                         void *owner)
{
    for (int i = 0; i < ROUTE_SOCKET_CALLS_MAX; i++) {
        struct address caller;
        int fd = route_socket_accept(listener, &caller);
        if (fd < 0)
            return;
        answer(owner, fd, caller);
    }
}

int route_socket_error(int fd)
{
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
        return -errno;
    return -error;
}
