// SPDX-License-Identifier: ISC
// GTSM (RFC 5082) on real sockets: from how far away a connection comes to be.
#include "role/route_socket.h"

#include "bgp/transport.h"

#include "base/check.h"
#include "role/endpoint.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

enum { SOON_MS = 3000, NEVER_MS = 300, NEAR = 255, FAR = 254 };

static const struct {
    const char *name, *address;
    bool secured;
    int ttl;  // of what the router sends
    bool comes;
} rows[] = {
    {"IPv4, near", "127.0.0.21", true, NEAR, true},
    {"IPv4, far", "127.0.0.22", true, FAR, false},
    {"IPv4, no matter", "127.0.0.23", false, 64, true},
    {"IPv6, near", "::1", true, NEAR, true},
    {"IPv6, far", "::1", true, FAR, false},
    {"IPv6, no matter", "::1", false, 64, true},
};

static int stream(enum family family, int ttl)
{
    int fd = socket(endpoint_family(family), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    int level = family == FAMILY_IPV4 ? IPPROTO_IP : IPPROTO_IPV6;
    int option = family == FAMILY_IPV4 ? IP_TTL : IPV6_UNICAST_HOPS;
    assert_int_equal(setsockopt(fd, level, option, &ttl, sizeof ttl), 0);
    return fd;
}

static uint16_t bind_to(int fd, struct address address)
{
    union endpoint endpoint = endpoint_of(address, 0);
    socklen_t size = endpoint_size(&endpoint);
    assert_int_equal(bind(fd, &endpoint.any, size), 0);
    assert_int_equal(getsockname(fd, &endpoint.any, &size), 0);
    return endpoint_port(&endpoint);
}

static bool happens(int fd, short what, int within_ms)
{
    struct pollfd p = {.fd = fd, .events = what};
    return poll(&p, 1, within_ms) == 1 && p.revents & what;
}

static struct net net_of(size_t row)
{
    struct net net = {.router_count = 1};
    net.routers[0].address = check_address(rows[row].address);
    net.routers[0].ttl_security = rows[row].secured;
    return net;
}

static void dials_only_who_is_near(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct net net = net_of(i);
        int listener = stream(net.routers[0].address.family, rows[i].ttl);
        net.routers[0].port = bind_to(listener, net.routers[0].address);
        assert_int_equal(listen(listener, 1), 0);
        int fd = route_socket_dial(&net.routers[0]);
        CHECK_ROW(rows[i].name, fd >= 0);
        bool came = happens(fd, POLLOUT, rows[i].comes ? SOON_MS : NEVER_MS);
        CHECK_ROW(rows[i].name, came == rows[i].comes);
        close(fd);
        close(listener);
    }
}

// The kernel connects whoever calls; but what comes from far away over it is never heard.
static void hears_only_who_is_near(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct net net = net_of(i);
        struct address ours = net.routers[0].address;
        int probe = stream(ours.family, 64);
        uint16_t port = bind_to(probe, ours);
        close(probe);
        int listener = route_socket_listen(&net, ours, port);
        CHECK_ROW(rows[i].name, listener >= 0);
        int router = stream(ours.family, rows[i].ttl);
        bind_to(router, ours);
        union endpoint to = endpoint_of(ours, port);
        connect(router, &to.any, endpoint_size(&to));
        CHECK_ROW(rows[i].name, happens(listener, POLLIN, SOON_MS));
        struct address caller;
        int fd = route_socket_accept(listener, &caller);
        CHECK_ROW(rows[i].name, fd >= 0 && address_equal(caller, ours));
        CHECK_ROW(rows[i].name, route_socket_accepted(fd, &net.routers[0]) == 0);
        CHECK_ROW(rows[i].name, happens(router, POLLOUT, SOON_MS));
        CHECK_ROW(rows[i].name, send(router, "x", 1, MSG_NOSIGNAL) == 1);
        bool heard = happens(fd, POLLIN, rows[i].comes ? SOON_MS : NEVER_MS);
        CHECK_ROW(rows[i].name, heard == rows[i].comes);
        // And what we say comes from next door, the answer to the call included.
        int ttl = 0;
        socklen_t size = sizeof ttl;
        bool ipv4 = ours.family == FAMILY_IPV4;
        getsockopt(fd, ipv4 ? IPPROTO_IP : IPPROTO_IPV6, ipv4 ? IP_TTL : IPV6_UNICAST_HOPS, &ttl,
                   &size);
        CHECK_ROW(rows[i].name, !rows[i].secured || ttl == 255);
        getsockopt(listener, ipv4 ? IPPROTO_IP : IPPROTO_IPV6, ipv4 ? IP_TTL : IPV6_UNICAST_HOPS,
                   &ttl, &size);
        CHECK_ROW(rows[i].name, !rows[i].secured || ttl == 255);
        // S23: routers forward it before what customers send.
        int marked = 0;
        getsockopt(fd, ipv4 ? IPPROTO_IP : IPPROTO_IPV6, ipv4 ? IP_TOS : IPV6_TCLASS, &marked,
                   &size);
        CHECK_ROW(rows[i].name, marked == BGP_TRAFFIC_CLASS);
        close(fd);
        close(router);
        close(listener);
    }
}

struct answered {
    struct address from;
    int count;
};

static void count_and_close(void *owner, int fd, struct address caller)
{
    struct answered *answered = owner;
    assert_true(address_equal(caller, answered->from));
    answered->count++;
    close(fd);
}

// Many callers at once do not hold up a turn, and none is lost.
static void answers_so_many_a_turn(void **state)
{
    (void)state;
    enum { CALLERS = ROUTE_SOCKET_CALLS_MAX + 3 };
    static const char *const ours[] = {"127.0.0.24", "::1"};
    static const int more[] = {ROUTE_SOCKET_CALLS_MAX, 3, 0};
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
        struct answered answered = {.from = check_address(ours[i])};
        int probe = stream(answered.from.family, 64), callers[CALLERS];
        uint16_t port = bind_to(probe, answered.from);
        close(probe);
        int listener = route_socket_listen_bmp(answered.from, port);
        CHECK_ROW(ours[i], listener >= 0);
        union endpoint to = endpoint_of(answered.from, port);
        for (int n = 0; n < CALLERS; n++) {
            callers[n] = stream(answered.from.family, 64);
            bind_to(callers[n], answered.from);
            connect(callers[n], &to.any, endpoint_size(&to));
            CHECK_ROW(ours[i], happens(callers[n], POLLOUT, SOON_MS));
        }
        for (size_t turn = 0; turn < sizeof more / sizeof more[0]; turn++) {
            int before = answered.count;
            route_socket_answer(listener, count_and_close, &answered);
            CHECK_ROW(ours[i], answered.count - before == more[turn]);
        }
        for (int n = 0; n < CALLERS; n++)
            close(callers[n]);
        close(listener);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dials_only_who_is_near),
        cmocka_unit_test(hears_only_who_is_near),
        cmocka_unit_test(answers_so_many_a_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
