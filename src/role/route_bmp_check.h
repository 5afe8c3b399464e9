// SPDX-License-Identifier: ISC
// For tests of the station: it runs in this process, its loop turned by hand; the test is the
// routers, on loopback.
#pragma once

#include "role/route_bmp.h"

#include "bmp/bmp_check.h"
#include "engine/message.h"
#include "engine/small_net.h"
#include "role/channel.h"
#include "role/endpoint.h"
#include "role/now.h"
#include "role/route.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RM = BMP_ROUTE_MONITORING, UP = BMP_PEER_UP, DOWN = BMP_PEER_DOWN };
enum { EDGE1, EDGE2, SERVER, SENDERS, TURNS = 200, WAIT_MS = 30 * 1000 };

static const char *const names[SENDERS] = {"edge1", "edge2", "rs"};
static const char *const addresses[SENDERS] = {"127.0.0.21", "::1", "127.0.0.23"};

struct station {
    struct net net;
    struct route_role *role;
    int channel;  // the engine's end
    struct event event;
};

static inline int bound_socket(const char *address, uint16_t *port)
{
    union endpoint endpoint = endpoint_of(check_address(address), *port);
    int fd = socket(endpoint.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    socklen_t size = endpoint_size(&endpoint);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)), 0);
    assert_int_equal(bind(fd, &endpoint.any, size), 0);
    assert_int_equal(getsockname(fd, &endpoint.any, &size), 0);
    *port = endpoint_port(&endpoint);
    return fd;
}

// A port that is free on both loopbacks.
static inline uint16_t free_port(void)
{
    uint16_t port = 0;
    close(bound_socket("::1", &port));
    close(bound_socket("127.0.0.1", &port));
    return port;
}

static inline void station_init(struct station *st)
{
    *st = (struct station){.net = small_net()};
    st->net.router_id = check_address("192.0.2.5");
    st->net.table_mib_max = 64;
    st->net.steer.marker = (struct net_community){64500, 666, 1};
    st->net.guard = (struct net_guard){
        .routes_per_router_max = 200, .routes_per_family_max = 200, .routes_max = 1000};
    st->net.bmp = (struct net_bmp){.port = free_port(), .peers_max = 4, .sender_count = SENDERS};
    st->net.bmp.listen[FAMILY_IPV4] = check_address("127.0.0.1");
    st->net.bmp.listen[FAMILY_IPV6] = check_address("::1");
    for (uint32_t i = 0; i < SENDERS; i++) {
        struct address address = check_address(addresses[i]);
        strcpy(st->net.bmp.senders[i].name, names[i]);
        st->net.bmp.senders[i].address[address.family] = address;
    }
}

static inline void station_start(struct station *st)
{
    char why[ROLE_ERROR_MAX];
    int fds[2];
    // Another test may have taken the port since.
    for (int i = 0; i < 20 && !(st->role = route_role_open(&st->net, why)); i++)
        st->net.bmp.port = free_port();
    if (!st->role)
        fail_msg("%s", why);
    assert_int_equal(channel_pair(fds), 0);
    st->role->channel = fds[0];
    st->channel = fds[1];
    assert_int_equal(uv_loop_init(&st->role->loop), 0);
    uv_idle_init(&st->role->loop, &st->role->sweep);
    st->role->sweep.data = st->role;
    st->role->now = st->role->started_at = now_mono();
    route_bmp_start(st->role);
}

static inline void close_handle(uv_handle_t *handle, void *context)
{
    (void)context;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static inline void station_end(struct station *st)
{
    route_bmp_stop(st->role);
    uv_walk(&st->role->loop, close_handle, NULL);
    uv_run(&st->role->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&st->role->loop), 0);
    close(st->role->channel);
    close(st->channel);
    route_role_close(st->role);
}

static inline void turn(struct station *st)
{
    uv_run(&st->role->loop, UV_RUN_NOWAIT);
    route_bmp_turn(st->role);
}

static inline void turns(struct station *st)
{
    for (int i = 0; i < TURNS; i++)
        turn(st);
}

// The station's end of a call; NULL: not taken yet, or hung up.
static inline const struct route_bmp_sender *station_end_of(const struct station *st, int fd)
{
    union endpoint mine = {0}, theirs;
    socklen_t size = sizeof mine;
    assert_int_equal(getsockname(fd, &mine.any, &size), 0);
    for (uint32_t i = 0; i < SENDERS; i++) {
        const struct route_bmp_sender *sender = &st->role->bmp.senders[i];
        socklen_t their_size = sizeof theirs;
        memset(&theirs, 0, sizeof theirs);
        if (sender->fd >= 0 && getpeername(sender->fd, &theirs.any, &their_size) == 0 &&
            their_size == size && memcmp(&mine, &theirs, size) == 0)
            return sender;
    }
    return NULL;
}

// Whether the station has ended the connection.
static inline bool is_over(int fd)
{
    uint8_t byte;
    ssize_t came = recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK);
    return came == 0 || (came < 0 && errno != EAGAIN);
}

static inline bool ends(struct station *st, int fd)
{
    struct mono end = mono_add_ms(now_mono(), WAIT_MS);
    while (!is_over(fd) && !mono_reached(now_mono(), end))
        turn(st);
    return is_over(fd);
}

static inline int call_from(struct station *st, uint32_t sender)
{
    uint16_t any = 0;
    int fd = bound_socket(addresses[sender], &any);
    bool ipv6 = check_address(addresses[sender]).family == FAMILY_IPV6;
    union endpoint to = endpoint_of(check_address(ipv6 ? "::1" : "127.0.0.1"), st->net.bmp.port);
    assert_int_equal(connect(fd, &to.any, endpoint_size(&to)), 0);
    struct mono end = mono_add_ms(now_mono(), WAIT_MS);
    while (!station_end_of(st, fd) && !is_over(fd) && !mono_reached(now_mono(), end))
        turn(st);
    turns(st);
    return fd;
}

static inline size_t waiting_at(const struct route_bmp_sender *sender)
{
    int octets = 0;
    assert_int_equal(ioctl(sender->fd, FIONREAD, &octets), 0);
    return (size_t)octets;
}

// Until it waits where the station reads it. Loopback does not always carry it within the call that
// sends: a busy kernel leaves it to a thread of its own.
static inline void send_all(struct station *st, int fd, const uint8_t *bytes, size_t size)
{
    const struct route_bmp_sender *sender = station_end_of(st, fd);
    size_t before = sender ? waiting_at(sender) : 0;
    struct mono end = mono_add_ms(now_mono(), WAIT_MS);
    assert_int_equal(send(fd, bytes, size, MSG_NOSIGNAL), size);
    while (sender && waiting_at(sender) < before + size && !mono_reached(now_mono(), end))
        ;
}

static inline void say(struct station *st, int fd, uint8_t type, const char *body)
{
    uint8_t bytes[1024];
    send_all(st, fd, bytes, check_bmp(type, body, bytes));
    turns(st);
}

static inline uint32_t table_of(struct station *st, const char *name)
{
    char text[NOTICE_PEER_MAX];
    for (uint32_t peer = 0; peer < RIB_PEERS_MAX; peer++)
        if (route_bmp_peer_name(st->role, peer, text) && strcmp(text, name) == 0)
            return peer;
    return RIB_NO_PEER;
}

static inline uint32_t routes_of(struct station *st, const char *name, enum family family)
{
    uint32_t peer = table_of(st, name);
    return peer == RIB_NO_PEER ? 0 : rib_route_count(st->role->rib, peer, family);
}

static inline uint32_t tables(const struct station *st)
{
    uint32_t count = 0;
    for (uint32_t peer = NET_ROUTERS_MAX; peer < RIB_PEERS_MAX; peer++)
        count += rib_peer_kind(st->role->rib, peer) != RIB_PEER_NONE;
    return count;
}

// Whether so many are left when those of calls that were ended are gone.
static inline bool tables_become(struct station *st, uint32_t count)
{
    struct mono end = mono_add_ms(now_mono(), WAIT_MS);
    while (tables(st) != count && !mono_reached(now_mono(), end))
        turn(st);
    return tables(st) == count;
}

// The next notice of this kind.
static inline const struct notice *hear(struct station *st, enum notice_kind kind)
{
    char why[MESSAGE_WHY_MAX];
    while (channel_receive_event(st->channel, &st->net, &st->event, why) == 1)
        if (st->event.kind == EVENT_NOTICE && st->event.notice.kind == kind)
            return &st->event.notice;
    fail_msg("no notice of %s", notice_rules[kind].name);
    return NULL;
}
