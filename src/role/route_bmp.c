// SPDX-License-Identifier: ISC
#include "role/route_bmp.h"

#include "role/endpoint.h"
#include "role/now.h"
#include "role/route.h"
#include "role/route_bmp_note.h"
#include "role/route_socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct net_bmp *net_of(const struct route_role *r)
{
    return &r->net->bmp;
}

static bool open_listener(struct route_role *r, enum family family, char *why)
{
    struct address address = net_of(r)->listen[family];
    if (address.family == FAMILY_NONE)
        return true;
    r->bmp.listeners[family] = route_socket_listen_bmp(address, net_of(r)->port);
    if (r->bmp.listeners[family] >= 0)
        return true;
    char text[ENDPOINT_TEXT_MAX];
    snprintf(why, ROLE_ERROR_MAX, "cannot listen for BMP on %s: %s",
             endpoint_format(address, net_of(r)->port, text), strerror(-r->bmp.listeners[family]));
    return false;
}

bool route_bmp_open(struct route_role *r, char *why)
{
    uint32_t count = net_of(r)->sender_count;
    r->bmp.senders = calloc(count > 0 ? count : 1, sizeof *r->bmp.senders);
    if (!r->bmp.senders) {
        snprintf(why, ROLE_ERROR_MAX, "cannot start BMP: out of memory");
        return false;
    }
    for (uint32_t i = 0; i < count; i++)
        r->bmp.senders[i] = (struct route_bmp_sender){.role = r, .number = i, .fd = -1};
    return open_listener(r, FAMILY_IPV4, why) && open_listener(r, FAMILY_IPV6, why);
}

static void free_input(struct route_bmp_sender *s)
{
    bmp_monitor_free(s->monitor);
    free(s->peers);
    free(s->in);
    s->monitor = NULL;
    s->peers = NULL;
    s->in = NULL;
    s->in_size = 0;
}

void route_bmp_close(struct route_role *r)
{
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        if (r->bmp.listeners[family] >= 0)
            close(r->bmp.listeners[family]);
    }
    for (uint32_t i = 0; r->bmp.senders && i < net_of(r)->sender_count; i++)
        free_input(&r->bmp.senders[i]);
    free(r->bmp.senders);
}

static void free_poll(uv_handle_t *poll)
{
    free(poll);
}

static void drop_socket(struct route_bmp_sender *s)
{
    uv_close((uv_handle_t *)s->poll, free_poll);
    close(s->fd);
    s->fd = -1;
    s->poll = NULL;
    s->connecting = s->ready = false;
}

// The next call, a quarter of the wait left to nobody: routers do not damp BMP.
static void rest(struct route_bmp_sender *s)
{
    struct route_role *r = s->role;
    s->retry_ms = s->retry_ms * 2 < ROUTE_BMP_RETRY_MIN_MS   ? ROUTE_BMP_RETRY_MIN_MS
                  : s->retry_ms * 2 > ROUTE_BMP_RETRY_MAX_MS ? ROUTE_BMP_RETRY_MAX_MS
                                                             : s->retry_ms * 2;
    s->retry_at = mono_add_ms(r->now, s->retry_ms);
}

// Ends the connection; `reason` of the sender says why.
static void hang_up(struct route_bmp_sender *s)
{
    bool was_up = s->fd >= 0 && !s->connecting;
    if (s->fd >= 0)
        drop_socket(s);
    if (was_up) {
        route_bmp_lost(s);
        route_bmp_note_router(s, true);
        s->since = s->role->now;
    }
    free_input(s);
    rest(s);
}

static void on_ready(uv_poll_t *poll, int status, int events);

static void want(struct route_bmp_sender *s)
{
    if (s->fd < 0)
        return;
    int events = s->connecting ? UV_WRITABLE : s->role->paused ? 0 : UV_READABLE;
    if (events == s->wanted)
        return;
    s->wanted = events;
    if (events)
        uv_poll_start(s->poll, events, on_ready);
    else
        uv_poll_stop(s->poll);
}

static bool take_socket(struct route_bmp_sender *s, int fd)
{
    struct route_role *r = s->role;
    s->poll = malloc(sizeof *s->poll);
    if (!s->poll || uv_poll_init(&r->loop, s->poll, fd) < 0) {
        free(s->poll);
        s->poll = NULL;
        close(fd);
        snprintf(s->reason, sizeof s->reason, "out of memory");
        return false;
    }
    s->poll->data = s;
    s->fd = fd;
    s->wanted = 0;
    return true;
}

static bool make_room(struct route_bmp_sender *s)
{
    uint32_t peers_max = net_of(s->role)->peers_max;
    struct siphash_key key;
    if (getrandom(&key, sizeof key, 0) != sizeof key)
        return false;
    s->monitor = bmp_monitor_new(peers_max, key);
    s->peers = calloc(peers_max, sizeof *s->peers);
    s->in = malloc(ROUTE_BMP_INPUT_MAX);
    if (!s->monitor || !s->peers || !s->in)
        return false;
    for (uint32_t i = 0; i < peers_max; i++) {
        for (size_t table = 0; table < BMP_TABLES; table++)
            s->peers[i].tables[table].rib = RIB_NO_PEER;
    }
    return true;
}

static void go_up(struct route_bmp_sender *s)
{
    s->connecting = false;
    if (!make_room(s)) {
        snprintf(s->reason, sizeof s->reason, "out of memory");
        hang_up(s);
        return;
    }
    s->since = s->role->now;
    s->connections++;
    s->messages = s->malformed = s->unknown = 0;
    s->system_name[0] = s->system_description[0] = '\0';
    route_bmp_note_router(s, false);
    want(s);
}

static struct route_bmp_sender *sender_at(struct route_role *r, struct address caller)
{
    for (uint32_t i = 0; i < net_of(r)->sender_count; i++) {
        if (address_equal(net_of(r)->senders[i].address[caller.family], caller))
            return &r->bmp.senders[i];
    }
    return NULL;
}

// A router that calls again has lost the connection before, whatever our kernel knows of it.
static void answer_call(void *role, int fd, struct address caller)
{
    struct route_role *r = role;
    char text[ADDRESS_TEXT_MAX];
    struct route_bmp_sender *s = sender_at(r, caller);
    route_socket_watch(fd);
    if (!s) {
        if (route_log_may(r))
            route_log("bmp_refused", "from=%s reason=\"no such sender is configured\"",
                      address_format(caller, text));
        close(fd);
        return;
    }
    if (s->fd >= 0) {
        snprintf(s->reason, sizeof s->reason, "it connects anew");
        hang_up(s);
    }
    if (take_socket(s, fd))
        go_up(s);
}

static void on_call(uv_poll_t *poll, int status, int events)
{
    struct route_role *r = poll->data;
    int listener;
    (void)events;
    r->now = now_mono();
    if (status >= 0 && uv_fileno((uv_handle_t *)poll, &listener) == 0)
        route_socket_answer(listener, answer_call, r);
}

static void call(struct route_bmp_sender *s)
{
    const struct net_bmp_sender *sender = &net_of(s->role)->senders[s->number];
    bool ipv6 = sender->address[FAMILY_IPV4].family == FAMILY_NONE;
    int fd = route_socket_dial_bmp(sender->address[ipv6 ? FAMILY_IPV6 : FAMILY_IPV4], sender->port);
    if (fd < 0)
        snprintf(s->reason, sizeof s->reason, "%s", strerror(-fd));
    if (fd < 0 || !take_socket(s, fd)) {
        rest(s);
        return;
    }
    s->connecting = true;
    s->since = s->role->now;
    want(s);
}

static void finish_call(struct route_bmp_sender *s)
{
    int error = route_socket_error(s->fd);
    if (!error) {
        go_up(s);
        return;
    }
    snprintf(s->reason, sizeof s->reason, "%s", strerror(-error));
    hang_up(s);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
    struct route_bmp_sender *s = poll->data;
    (void)status, (void)events;
    s->role->now = now_mono();
    if (s->connecting)
        finish_call(s);
    else
        s->ready = true;  // it is read when its turn comes
}

// Gives every whole message that is there; false: the connection is over.
static bool hear_all(struct route_bmp_sender *s)
{
    struct cursor in = cursor_over(s->in, s->in_size);
    bool goes_on = true;
    while (goes_on && cursor_left(&in) >= BMP_HEADER_SIZE) {
        uint32_t size;
        uint8_t type;
        bool framed = bmp_frame_decode(in, &size, &type).remedy == BMP_ACCEPT;
        if (framed && size > cursor_left(&in))
            break;
        // With a bad frame nobody knows how much it is: the verdict on what is there says so.
        goes_on = route_bmp_hear(s, cursor_part(&in, framed ? size : cursor_left(&in)));
    }
    size_t left = cursor_left(&in);
    memmove(s->in, s->in + s->in_size - left, left);
    s->in_size = left;
    return goes_on;
}

static size_t read_some(struct route_bmp_sender *s, size_t size_max)
{
    size_t room = ROUTE_BMP_INPUT_MAX - s->in_size;
    room = room < size_max ? room : size_max;
    ssize_t came = recv(s->fd, s->in + s->in_size, room, MSG_DONTWAIT);
    s->ready = false;
    if (came > 0) {
        s->in_size += (size_t)came;
        if (!hear_all(s))
            hang_up(s);
        return (size_t)came;
    }
    if (came < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    snprintf(s->reason, sizeof s->reason, "%s",
             came == 0 ? "the router closed the connection" : strerror(errno));
    hang_up(s);
    return 0;
}

void route_bmp_turn(struct route_role *r)
{
    uint32_t count = net_of(r)->sender_count;
    size_t done = 0;
    for (uint32_t i = 0; i < count && done < ROUTE_BMP_TURN_MAX && !r->stopping; i++) {
        struct route_bmp_sender *s = &r->bmp.senders[(r->bmp.first + i) % count];
        if (s->ready && s->fd >= 0 && !r->paused)
            done += read_some(s, ROUTE_BMP_TURN_MAX - done < ROUTE_BMP_READ_MAX
                                     ? ROUTE_BMP_TURN_MAX - done
                                     : ROUTE_BMP_READ_MAX);
    }
    if (count > 0 && done >= ROUTE_BMP_TURN_MAX)
        r->bmp.first = (r->bmp.first + 1) % count;
    for (uint32_t i = 0; i < count; i++)
        want(&r->bmp.senders[i]);
}

static void look_at(struct route_bmp_sender *s)
{
    struct route_role *r = s->role;
    bool calls = net_of(r)->senders[s->number].port != 0;
    if (s->fd >= 0 && !s->connecting) {
        route_bmp_complete_by_time(s);
        return;
    }
    int64_t waited_ns = mono_since_ns(r->now, s->since);
    if (s->connecting && waited_ns >= (int64_t)ROUTE_BMP_CONNECT_MS * NS_PER_MS) {
        snprintf(s->reason, sizeof s->reason, "no answer within %d s", ROUTE_BMP_CONNECT_MS / 1000);
        hang_up(s);
    } else if (s->fd < 0 && calls && mono_reached(r->now, s->retry_at)) {
        call(s);
    }
    bool late = mono_since_ns(r->now, r->started_at) >= (int64_t)ROUTE_BMP_LATE_MS * NS_PER_MS;
    if (late && !s->down_told) {
        if (s->reason[0] == '\0')
            snprintf(s->reason, sizeof s->reason, "it has not called");
        route_bmp_note_router(s, true);
    }
}

void route_bmp_tick(struct route_role *r)
{
    for (uint32_t i = 0; i < net_of(r)->sender_count; i++)
        look_at(&r->bmp.senders[i]);
}

void route_bmp_start(struct route_role *r)
{
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        if (r->bmp.listeners[family] < 0)
            continue;
        uv_poll_init(&r->loop, &r->bmp.polls[family], r->bmp.listeners[family]);
        r->bmp.polls[family].data = r;
        uv_poll_start(&r->bmp.polls[family], UV_READABLE, on_call);
    }
}

void route_bmp_stop(struct route_role *r)
{
    for (uint32_t i = 0; i < net_of(r)->sender_count; i++) {
        struct route_bmp_sender *s = &r->bmp.senders[i];
        if (s->fd >= 0)
            drop_socket(s);
    }
}
