// SPDX-License-Identifier: ISC
// A session and its socket. A turn reads once, so that a whole table arriving on one socket delays
// neither the other routers nor the engine's orders; what is left is read in the next.
#include "role/route.h"

#include "role/now.h"
#include "role/route_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void free_poll(uv_handle_t *poll)
{
    free(poll);
}

static void drop_socket(struct route_link *link)
{
    if (link->fd < 0)
        return;
    uv_close((uv_handle_t *)link->poll, free_poll);
    close(link->fd);
    link->fd = -1;
    link->poll = NULL;
}

// Writes what the socket takes.
static void write_output(struct route_link *link)
{
    size_t size;
    const uint8_t *bytes = bgp_session_output(&link->session, &size);
    if (size == 0 || link->fd < 0 || link->session.state == BGP_CONNECT)
        return;
    ssize_t sent = send(link->fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0)
        bgp_session_sent(&link->session, link->role->now, (size_t)sent);
    else if (sent < 0 && errno != EAGAIN && errno != EINTR)
        bgp_session_closed(&link->session, link->role->now, strerror(errno));
}

// The last words. Unread input would make the kernel answer with a reset that overtakes them.
static void hang_up(struct route_link *link)
{
    uint8_t unread[4096];
    if (link->fd < 0)
        return;
    write_output(link);
    shutdown(link->fd, SHUT_WR);
    for (int i = 0; i < 16 && recv(link->fd, unread, sizeof unread, MSG_DONTWAIT) > 0; i++)
        ;
    drop_socket(link);
}

static void read_input(struct route_link *link)
{
    size_t room;
    uint8_t *to = bgp_session_room(&link->session, &room);
    ssize_t came = recv(link->fd, to, room, MSG_DONTWAIT);
    if (came > 0)
        bgp_session_received(&link->session, (size_t)came);
    else if (came == 0)
        bgp_session_closed(&link->session, link->role->now, "the router closed the connection");
    else if (errno != EAGAIN && errno != EINTR)
        bgp_session_closed(&link->session, link->role->now, strerror(errno));
}

static void on_ready(uv_poll_t *poll, int status, int events);

static bool is_live(const struct route_link *link)
{
    return link->role->routers[link->router].live == link;
}

// What the router is to be told, as fast as it reads; but others have a turn too.
static void say_and_write(struct route_link *link)
{
    enum { PER_TURN_MAX = 8 };  // fillings of the output: a megabyte
    size_t left = 0;
    for (int i = 0; i < PER_TURN_MAX && left == 0; i++) {
        if (is_live(link))
            route_say_turn(link->role, link->router);
        bgp_session_output(&link->session, &left);
        if (left == 0)
            return;
        write_output(link);
        bgp_session_output(&link->session, &left);
    }
}

static void want(struct route_link *link)
{
    if (link->fd < 0)
        return;
    size_t size;
    bgp_session_output(&link->session, &size);
    bool connecting = link->session.state == BGP_CONNECT;
    bool waits = size > 0 || (is_live(link) && route_say_waits(link->role, link->router));
    int events = connecting || waits ? UV_WRITABLE : 0;
    if (!connecting && !link->role->paused)
        events |= UV_READABLE;
    if (events == link->wanted)
        return;
    link->wanted = events;
    if (events)
        uv_poll_start(link->poll, events, on_ready);
    else
        uv_poll_stop(link->poll);
}

static int take_socket(struct route_link *link, int fd)
{
    link->poll = malloc(sizeof *link->poll);
    if (!link->poll || uv_poll_init(&link->role->loop, link->poll, fd) < 0) {
        free(link->poll);
        link->poll = NULL;
        close(fd);
        return -ENOMEM;
    }
    link->poll->data = link;
    link->fd = fd;
    link->wanted = 0;
    return 0;
}

static void dial(struct route_link *link)
{
    const struct route_link *other = &link->role->routers[link->router].links[ROUTE_CALLED];
    if (other->session.state > BGP_CONNECT) {
        bgp_session_closed(&link->session, link->role->now, "the router has called");
        return;
    }
    if (route_limit_is_closed(link->role, link->router)) {
        bgp_session_closed(&link->session, link->role->now, "it had too many prefixes");
        return;
    }
    int fd = route_socket_dial(&link->role->net->routers[link->router]);
    int error = fd < 0 ? fd : take_socket(link, fd);
    if (error)
        bgp_session_closed(&link->session, link->role->now, strerror(-error));
}

static void draw_events(struct route_link *link)
{
    struct bgp_session_event event;
    while (bgp_session_next(&link->session, link->role->now, &event)) {
        if (event.kind == BGP_EVENT_DIAL)
            dial(link);
        else if (event.kind == BGP_EVENT_DOWN)
            hang_up(link);
        route_session_event(link, &event);
    }
}

void route_link_turn(struct route_link *link)
{
    draw_events(link);
    if (link->cut_subcode != 0) {
        say_and_write(link);  // withdrawals first: without them the router searches its whole table
        bgp_session_stop(&link->session, link->role->now, link->cut_subcode, link->cut_text);
        link->cut_subcode = 0;
        draw_events(link);
    }
    say_and_write(link);
    draw_events(link);  // writing may have failed
    want(link);
}

static void finish_dialling(struct route_link *link)
{
    int error = route_socket_error(link->fd);
    if (error)
        bgp_session_closed(&link->session, link->role->now, strerror(-error));
    else
        bgp_session_connected(&link->session, link->role->now);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
    struct route_link *link = poll->data;
    struct route_role *r = link->role;
    r->now = now_mono();
    if (link->session.state == BGP_CONNECT)
        finish_dialling(link);
    else if (status < 0 || events & UV_READABLE)
        read_input(link);
    route_link_turn(link);
}

void route_link_called(struct route_link *link, int fd)
{
    if (take_socket(link, fd))
        return;
    bgp_session_connected(&link->session, link->role->now);
    route_link_turn(link);
}

// Before a router is called silent: what it said may wait in the socket while we did not run.
void route_link_time(struct route_link *link)
{
    struct route_role *r = link->role;
    if (!mono_reached(r->now, bgp_session_deadline(&link->session)))
        return;
    if (link->fd >= 0 && link->session.state > BGP_CONNECT) {
        read_input(link);
        route_link_turn(link);
    }
    bgp_session_time(&link->session, r->now);
    route_link_turn(link);
}

void route_link_cut(struct route_link *link, uint8_t subcode, const char *text)
{
    link->cut_subcode = subcode;
    link->cut_text = text;
}
