// SPDX-License-Identifier: ISC
// For tests of the route role: it runs in a process of its own; the test plays the engine on its
// channel and the two routers of the site on loopback. Every wait ends after WAIT_S at the latest.
#pragma once

#include "base/check.h"
#include "bgp/message.h"
#include "engine/small_net.h"
#include "role/channel.h"
#include "role/endpoint.h"
#include "role/now.h"
#include "role/roles.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WAIT_S = 20, EDGE1 = 0, EDGE2 = 1, TRANSIT_A = 0, TRANSIT_B = 1 };

struct router {
    int listener, fd;  // -1: none
    uint32_t id;
    uint8_t bytes[BGP_MESSAGE_MAX];
    struct bgp_message message;  // as last read, views into `bytes`
};

struct world {
    struct net net;
    struct router routers[2];
    pid_t role;
    int channel, handover;
    struct event event;  // as last waited for
};

static inline int listen_on(struct address address, uint16_t *port)
{
    union endpoint endpoint = endpoint_of(address, *port);
    int fd = socket(endpoint_family(address.family), SOCK_STREAM | SOCK_CLOEXEC, 0);
    socklen_t size = endpoint_size(&endpoint);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)), 0);
    assert_int_equal(bind(fd, &endpoint.any, size), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, &endpoint.any, &size), 0);
    *port = endpoint_port(&endpoint);
    return fd;
}

static inline void wait_readable(int fd, const char *for_what)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (poll(&p, 1, WAIT_S * 1000) != 1)
        fail_msg("waited %d s for %s", WAIT_S, for_what);
}

// Fills in what the small net leaves to the daemon; the routers listen, edge2 on IPv6.
static inline void world_init(struct world *w)
{
    *w = (struct world){.net = small_net(), .role = -1, .channel = -1};
    struct net *net = &w->net;
    static const char *const addresses[] = {"127.0.0.11", "::1"};
    net->router_id = check_address("192.0.2.5");
    net->steer.quiet_start_ns = 0;
    net->table_mib_max = 64;
    net->steer.marker = (struct net_community){64500, 666, 1};
    net->guard = (struct net_guard){.routes_per_router_max = 200,
                                    .routes_per_family_max = 200,
                                    .routes_max = 1000,
                                    .acts_per_minute_max = 1000,
                                    .acts_per_prefix_max = 6,
                                    .allowed_bogons = net->steer.prefixes};
    for (uint32_t i = 0; i < 2; i++) {
        w->routers[i] = (struct router){.fd = -1, .id = 0x0a000001 + i};
        net->routers[i].address = check_address(addresses[i]);
        net->routers[i].hold_time_s = 9;
        w->routers[i].listener = listen_on(net->routers[i].address, &net->routers[i].port);
    }
}

static inline void world_start(struct world *w)
{
    char why[ROLE_ERROR_MAX];
    int fds[2];
    assert_int_equal(channel_pair(fds), 0);
    struct route_role *role = route_role_open(&w->net, why);
    if (!role)
        fail_msg("%s", why);
    w->role = fork();
    if (w->role == 0) {
        close(fds[0]);
        _exit(route_role_run(role, fds[1]));
    }
    close(fds[1]);
    w->channel = fds[0];
    w->handover = route_role_take_handover(role);
    route_role_close(role);
}

// The role must go of its own accord, with this status.
static inline void world_end(struct world *w, int status)
{
    int ended;
    if (w->channel >= 0)
        close(w->channel);
    close(w->handover);
    assert_int_equal(waitpid(w->role, &ended, 0), w->role);
    assert_true(WIFEXITED(ended));
    assert_int_equal(WEXITSTATUS(ended), status);
    for (uint32_t i = 0; i < 2; i++) {
        if (w->routers[i].fd >= 0)
            close(w->routers[i].fd);
        close(w->routers[i].listener);
    }
}

static inline void router_accept(struct router *router)
{
    wait_readable(router->listener, "a connection");
    router->fd = accept(router->listener, NULL, NULL);
    assert_true(router->fd >= 0);
}

// Says that it is done, and reads no more; a plain close would be a reset.
static inline void router_hang_up(struct router *router)
{
    assert_int_equal(shutdown(router->fd, SHUT_WR), 0);
}

static inline void read_bytes(int fd, uint8_t *to, size_t size)
{
    while (size > 0) {
        wait_readable(fd, "bytes of a message");
        ssize_t came = read(fd, to, size);
        assert_true(came > 0);
        to += came;
        size -= (size_t)came;
    }
}

// The next message that is no KEEPALIVE; it must be of this type.
static inline struct bgp_message *router_read(struct router *router, uint8_t type)
{
    struct bgp_context context = {
        .as4 = true, .families = {0, 1, 1}, .local_as = 64500, .local_id = router->id};
    do {
        read_bytes(router->fd, router->bytes, BGP_HEADER_SIZE);
        size_t size = (size_t)router->bytes[16] << 8 | router->bytes[17];
        read_bytes(router->fd, router->bytes + BGP_HEADER_SIZE, size - BGP_HEADER_SIZE);
        bgp_message_decode(cursor_over(router->bytes, size), &context, &router->message);
    } while (router->message.header.type == BGP_KEEPALIVE && type != BGP_KEEPALIVE);
    assert_string_equal(bgp_type_name(router->message.header.type), bgp_type_name(type));
    return &router->message;
}

static inline void router_write(struct router *router, const struct writer *w)
{
    assert_true(writer_ok(w));
    assert_int_equal(send(router->fd, w->bytes, w->size, MSG_NOSIGNAL), w->size);
}

static inline void router_say_open(struct router *router)
{
    uint8_t bytes[BGP_MESSAGE_MAX];
    struct writer w = writer_over(bytes, sizeof bytes);
    bgp_open_encode(&w, &(struct bgp_open){
                            .asn = 64500,
                            .id = router->id,
                            .hold_s = 90,
                            .families = {0, 1, 1},
                            .as4 = true,
                            .next_hop_ipv6 = true,
                            .refresh = true,
                            .add_path = {0, BGP_ADD_PATH_SEND, BGP_ADD_PATH_SEND},
                        });
    router_write(router, &w);
}

static inline void router_say_keepalive(struct router *router)
{
    uint8_t bytes[BGP_HEADER_SIZE];
    struct writer w = writer_over(bytes, sizeof bytes);
    bgp_keepalive_encode(&w);
    router_write(router, &w);
}

static inline void router_establish(struct router *router)
{
    router_say_open(router);
    router_read(router, BGP_OPEN);
    router_say_keepalive(router);
    router_read(router, BGP_KEEPALIVE);
}

// Hex of a body after the header; the marker and the length come of themselves.
static inline void router_say(struct router *router, uint8_t type, const char *hex)
{
    uint8_t bytes[BGP_MESSAGE_MAX], body[BGP_MESSAGE_MAX];
    struct writer w = writer_over(bytes, sizeof bytes);
    size_t begun = bgp_message_begin(&w, type);
    writer_bytes(&w, body, check_hex(hex, body));
    bgp_message_end(&w, begun);
    router_write(router, &w);
}

// The next event of this kind, others passed over.
static inline struct event *engine_hear(struct world *w, enum event_kind kind)
{
    char why[96];
    for (;;) {
        wait_readable(w->channel, "an event");
        int came = channel_receive_event(w->channel, &w->net, &w->event, why);
        if (came != 1)
            fail_msg("the channel gave %d", came);
        if (w->event.kind == kind)
            return &w->event;
    }
}

static inline void engine_say(struct world *w, const struct effect *effect)
{
    struct effect now = *effect;
    now.at = now_mono();
    assert_int_equal(channel_send_effect(w->channel, &w->net, &now), 0);
}

static inline void engine_lease(struct world *w)
{
    engine_say(w, &(struct effect){.kind = EFFECT_LEASE});
}

static inline void engine_order(struct world *w, enum effect_kind kind, uint32_t router,
                                const char *prefix)
{
    engine_say(w, &(struct effect){
                      .kind = kind,
                      .override = {router, TRANSIT_B, check_prefix(prefix), 1},
                  });
}

// The next word on an override; it must be of this state and reason.
static inline void engine_hears_override(struct world *w, enum event_override_state state,
                                         const char *reason)
{
    struct event_override *o = &engine_hear(w, EVENT_OVERRIDE)->override;
    if (o->state != state || strcmp(o->reason, reason) != 0)
        fail_msg("override state %d, '%s'", o->state, o->reason);
}
