// SPDX-License-Identifier: ISC
#include "role/agent.h"

#include "kernel/relay.h"
#include "role/endpoint.h"
#include "role/kernel_socket.h"
#include "role/log.h"
#include "role/now.h"
#include "role/route_socket.h"
#include "role/spawn.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum {
    OUT_MAX = 1024 * 1024,  // bytes that wait for one reader; above, its kernel's words wait
    OUT_ROOM = OUT_MAX + RELAY_FRAME_MAX + 1024,  // one more datagram, and small frames
    DATAGRAMS_PER_TURN_MAX = 32,
    GREET_MS = 5000,  // a caller that does not greet is none of ours
    STUCK_MS = 10000,
};

// One who reads, with a kernel's socket of his own, so that he gets dumps and changes in order.
struct reader {
    int fd;  // -1: nobody
    struct address who;
    bool is_greeted;
    struct kernel_socket kernel;
    bool is_resting;  // a dump that a former reader asked for runs out first
    uint32_t sequence;
    struct mono came_at, said_at, moved_at;  // the last: when he took something
    size_t in_size, out_first, out_end;
    uint8_t in[RELAY_HELLO_SIZE + KERNEL_PARTS * RELAY_REQUEST_SIZE];
    uint8_t *out;  // OUT_ROOM bytes
};

struct agent {
    struct net net;  // whose routers are those who may read: for the keys of the listener
    int listener, signals;
    uint64_t instance;
    struct mono now;
    struct reader readers[AGENT_READERS_MAX];
};

static size_t waiting(const struct reader *r)
{
    return r->out_end - r->out_first;
}

// The next octet to be written, with room for any frame behind it.
static struct writer room(struct reader *r)
{
    if (r->out_first > 0) {
        memmove(r->out, r->out + r->out_first, waiting(r));
        r->out_end -= r->out_first;
        r->out_first = 0;
    }
    return writer_over(r->out + r->out_end, OUT_ROOM - r->out_end);
}

static void say(struct agent *a, struct reader *r, struct relay_frame frame)
{
    struct writer w = room(r);
    frame.sequence = r->sequence;
    relay_frame_encode(&w, &frame);
    writer_bytes(&w, frame.payload, frame.size);
    if (!writer_ok(&w))
        return;  // only a goodbye can find no room
    r->sequence++;
    r->out_end += w.size;
    r->said_at = a->now;
}

static bool flush(struct agent *a, struct reader *r)
{
    if (waiting(r) == 0)
        return true;
    ssize_t sent = send(r->fd, r->out + r->out_first, waiting(r), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0)
        return errno == EAGAIN || errno == EINTR;
    r->out_first += (size_t)sent;
    r->moved_at = a->now;
    return true;
}

// The last words may not arrive; the log has them in any case.
static void part_with(struct agent *a, struct reader *r, const char *why)
{
    char text[ADDRESS_TEXT_MAX];
    log_line("event=agent_parted reader=%s reason=\"%s\"", address_format(r->who, text), why);
    if (r->is_greeted)
        say(a, r,
            (struct relay_frame){
                .kind = RELAY_GOODBYE, .size = strlen(why), .payload = (const uint8_t *)why});
    flush(a, r);
    close(r->fd);
    r->fd = -1;
    (void)kernel_socket_subscribe(&r->kernel, false);
    r->is_resting = true;
}

static struct reader *find_place(struct agent *a)
{
    for (int i = 0; i < AGENT_READERS_MAX; i++) {
        struct reader *r = &a->readers[i];
        if (r->fd < 0 && !r->is_resting && r->kernel.fd >= 0)
            return r;
    }
    return NULL;
}

static bool is_allowed(const struct agent *a, struct address who)
{
    for (uint32_t i = 0; i < a->net.router_count; i++) {
        if (address_equal(a->net.routers[i].address, who))
            return true;
    }
    return false;
}

static void take_call(struct agent *a, int fd, struct address who)
{
    char text[ADDRESS_TEXT_MAX];
    struct reader *r = find_place(a);
    const char *why = !is_allowed(a, who) ? "it is not among --allow"
                      : !r                ? "there are too many readers"
                                          : NULL;
    log_line("event=%s reader=%s%s%s%s", why ? "agent_refused" : "agent_called",
             address_format(who, text), why ? " reason=\"" : "", why ? why : "", why ? "\"" : "");
    if (why) {
        close(fd);
        return;
    }
    r->fd = fd;
    r->who = who;
    r->is_greeted = false;
    r->sequence = 0;
    r->in_size = r->out_first = r->out_end = 0;
    r->came_at = r->said_at = r->moved_at = a->now;
    struct writer w = room(r);
    relay_hello_encode(&w, &(struct relay_hello){.version = RELAY_VERSION,
                                                 .order = netlink_order_here(),
                                                 .instance = a->instance});
    r->out_end += w.size;
}

// Callers are few; a flood of strangers is taken one a turn, so that it delays nobody.
static void accept_one(struct agent *a)
{
    struct address who;
    int fd = route_socket_accept(a->listener, &who);
    if (fd >= 0)
        take_call(a, fd, who);
}

static const char *take_hello(struct reader *r, struct cursor *in)
{
    struct relay_hello hello;
    switch (relay_hello_decode(in, &hello)) {
    case RELAY_GOOD:
        r->is_greeted = true;
        return kernel_socket_subscribe(&r->kernel, true) ? "the kernel cannot be subscribed" : NULL;
    case RELAY_NEEDS_MORE:
        return NULL;
    case RELAY_MALFORMED:
        break;
    }
    return "it speaks another language";
}

static const char *take_requests(struct agent *a, struct reader *r, struct cursor *in)
{
    enum kernel_part part;
    enum relay_verdict verdict;
    while ((verdict = relay_request_decode(in, &part)) == RELAY_GOOD) {
        if (r->kernel.part != KERNEL_PARTS)
            return "it asks before the answer to what it asked";
        if (kernel_socket_ask(&r->kernel, part))
            return "the kernel cannot be asked";
        say(a, r, (struct relay_frame){.kind = RELAY_DUMP_BEGINS, .part = part});
    }
    return verdict == RELAY_MALFORMED ? "it asks for what there is not" : NULL;
}

// Why we part with him; NULL: we do not.
static const char *read_reader(struct agent *a, struct reader *r)
{
    ssize_t came = recv(r->fd, r->in + r->in_size, sizeof r->in - r->in_size, MSG_DONTWAIT);
    if (came == 0)
        return "it closed the connection";
    if (came < 0)
        return errno == EAGAIN || errno == EINTR ? NULL : strerror(errno);
    r->in_size += (size_t)came;
    struct cursor in = cursor_over(r->in, r->in_size);
    const char *why = r->is_greeted ? NULL : take_hello(r, &in);
    if (!why && r->is_greeted)
        why = take_requests(a, r, &in);
    r->in_size -= in.pos;
    memmove(r->in, r->in + in.pos, r->in_size);
    return why;
}

// What the datagram ends, if it ends a dump: 1 whole, 0 not; else -1.
static int ends(struct reader *r, const uint8_t *bytes, size_t size)
{
    struct cursor datagram = cursor_over(bytes, size);
    struct netlink_message message;
    int ended = -1;
    while (netlink_message_next(&datagram, netlink_order_here(), &message)) {
        int now = kernel_socket_ends(&r->kernel, &message);
        ended = now >= 0 ? now : ended;
    }
    return ended;
}

// One datagram of the kernel's goes to the reader. False: there is none now.
static bool relay_one(struct agent *a, struct reader *r, const char **why)
{
    static_assert((int)RELAY_PAYLOAD_MAX >= (int)KERNEL_SOCKET_DATAGRAM,
                  "a datagram fits into a frame");
    struct writer w = room(r);
    enum kernel_part part = r->kernel.part;
    uint8_t *payload = w.bytes + RELAY_HEADER_SIZE;
    ssize_t size = kernel_socket_receive(&r->kernel, payload);
    if (size == -EAGAIN)
        return false;
    if (size == -ENOBUFS) {
        say(a, r, (struct relay_frame){.kind = RELAY_LOST});
        return true;
    }
    if (size < 0) {
        *why = "the kernel cannot be read";
        return false;
    }
    struct relay_frame frame = {
        .kind = RELAY_DATAGRAM, .sequence = r->sequence++, .size = (size_t)size};
    relay_frame_encode(&w, &frame);
    r->out_end += RELAY_HEADER_SIZE + (size_t)size;
    r->said_at = a->now;
    int ended = ends(r, payload, (size_t)size);
    uint8_t whole = (uint8_t)(ended == 1);
    if (ended >= 0)
        say(a, r,
            (struct relay_frame){
                .kind = RELAY_DUMP_ENDS, .part = part, .size = 1, .payload = &whole});
    return true;
}

static const char *relay(struct agent *a, struct reader *r)
{
    const char *why = NULL;
    for (int i = 0; i < DATAGRAMS_PER_TURN_MAX && waiting(r) < OUT_MAX; i++) {
        if (!relay_one(a, r, &why))
            break;
    }
    return why;
}

// A socket whose reader went amid a dump is of use again once that has run out.
static void rest(struct agent *a, struct reader *r)
{
    (void)a;
    for (int i = 0; i < DATAGRAMS_PER_TURN_MAX; i++) {
        ssize_t size = kernel_socket_receive(&r->kernel, r->out);
        if (size == -EAGAIN && r->kernel.part == KERNEL_PARTS)
            r->is_resting = false;
        if (size > 0)
            (void)ends(r, r->out, (size_t)size);
        if (size < 0 && size != -ENOBUFS)
            return;
    }
}

// What time alone brings; why we part with him, or NULL.
static const char *look_at_clock(struct agent *a, struct reader *r)
{
    if (!r->is_greeted)
        return mono_since_ns(a->now, r->came_at) > (int64_t)GREET_MS * NS_PER_MS
                   ? "it does not greet"
                   : NULL;
    if (waiting(r) > 0 && mono_since_ns(a->now, r->moved_at) > (int64_t)STUCK_MS * NS_PER_MS)
        return "it reads too slowly";
    if (waiting(r) == 0) {
        r->moved_at = a->now;
        if (mono_since_ns(a->now, r->said_at) >= (int64_t)RELAY_ALIVE_MS * NS_PER_MS)
            say(a, r, (struct relay_frame){.kind = RELAY_ALIVE});
    }
    return NULL;
}

static void serve(struct agent *a, struct reader *r, short of_socket, short of_kernel)
{
    const char *why = NULL;
    if (r->fd < 0) {
        if (r->is_resting)
            rest(a, r);
        return;
    }
    if (of_socket & (POLLIN | POLLHUP | POLLERR))
        why = read_reader(a, r);
    if (!why && r->is_greeted && of_kernel)
        why = relay(a, r);
    if (!why)
        why = look_at_clock(a, r);
    if (!why && !flush(a, r))
        why = strerror(errno);
    if (why)
        part_with(a, r, why);
}

static const char *remedy(int error)
{
    switch (error) {
    case EADDRINUSE:
        return ": another agent runs here, or choose another port";
    case EACCES:
        return ": run as root, or choose a port above 1023";
    case EADDRNOTAVAIL:
        return ": no interface of this host has that address";
    default:
        return "";
    }
}

static int take_over_signals(void)
{
    sigset_t endings;
    sigemptyset(&endings);
    sigaddset(&endings, SIGINT);
    sigaddset(&endings, SIGTERM);
    sigprocmask(SIG_BLOCK, &endings, NULL);
    signal(SIGPIPE, SIG_IGN);
    int fd = signalfd(-1, &endings, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

static int open_reader(struct reader *r)
{
    r->out = malloc(OUT_ROOM);
    return r->out ? kernel_socket_open(&r->kernel) : -ENOMEM;
}

static int open_all(struct agent *a, const struct agent_options *options)
{
    int error = 0;
    for (uint32_t i = 0; i < options->allow_count; i++) {
        struct net_router *router = &a->net.routers[a->net.router_count++];
        router->address = options->allow[i];
        memcpy(router->md5_key, options->md5_key, sizeof router->md5_key);
    }
    a->listener = route_socket_listen(&a->net, options->listen, options->port);
    if (a->listener < 0)
        return a->listener;
    for (int i = 0; !error && i < AGENT_READERS_MAX; i++)
        error = open_reader(&a->readers[i]);
    if (error)
        return error;
    a->signals = take_over_signals();
    return a->signals < 0 ? a->signals : 0;
}

struct agent *agent_open(const struct agent_options *options, char *why)
{
    struct spawn_user user;
    char text[ENDPOINT_TEXT_MAX];
    if (!spawn_user_find(options->user, false, &user, why))
        return NULL;
    struct agent *a = calloc(1, sizeof *a);
    int error = a ? 0 : -ENOMEM;
    if (a) {
        a->listener = a->signals = -1;
        for (int i = 0; i < AGENT_READERS_MAX; i++)
            a->readers[i].fd = a->readers[i].kernel.fd = -1;
        bool is_random = getrandom(&a->instance, sizeof a->instance, 0) == sizeof a->instance;
        error = is_random ? open_all(a, options) : -EIO;
    }
    if (!error)
        error = spawn_drop(&user);
    if (!error)
        return a;
    snprintf(why, ROLE_ERROR_MAX, "cannot show this host's kernel on %s: %s%s",
             endpoint_format(options->listen, options->port, text), strerror(-error),
             remedy(-error));
    agent_close(a);
    return NULL;
}

void agent_close(struct agent *a)
{
    if (!a)
        return;
    for (int i = 0; i < AGENT_READERS_MAX; i++) {
        if (a->readers[i].fd >= 0)
            close(a->readers[i].fd);
        kernel_socket_close(&a->readers[i].kernel);
        free(a->readers[i].out);
    }
    if (a->listener >= 0)
        close(a->listener);
    if (a->signals >= 0)
        close(a->signals);
    free(a);
}

// The kernel is not read for one whose octets wait: what does not fit into its socket it counts as
// lost, and the reader asks anew.
static void watch_reader(const struct reader *r, struct pollfd *of_socket, struct pollfd *of_kernel)
{
    bool is_read = r->is_resting || (r->fd >= 0 && r->is_greeted && waiting(r) < OUT_MAX);
    short events = r->fd >= 0 && waiting(r) > 0 ? POLLIN | POLLOUT : POLLIN;
    *of_socket = (struct pollfd){.fd = r->fd, .events = events};
    *of_kernel = (struct pollfd){.fd = is_read ? r->kernel.fd : -1, .events = POLLIN};
}

int agent_run(struct agent *a)
{
    enum { SIGNALS, LISTENER, READERS, TICK_MS = 250 };
    struct pollfd polled[READERS + 2 * AGENT_READERS_MAX];
    polled[SIGNALS] = (struct pollfd){.fd = a->signals, .events = POLLIN};
    polled[LISTENER] = (struct pollfd){.fd = a->listener, .events = POLLIN};
    for (;;) {
        for (int i = 0; i < AGENT_READERS_MAX; i++)
            watch_reader(&a->readers[i], &polled[READERS + 2 * i], &polled[READERS + 2 * i + 1]);
        if (poll(polled, sizeof polled / sizeof polled[0], TICK_MS) < 0 && errno != EINTR)
            return -errno;
        a->now = now_mono();
        if (polled[SIGNALS].revents)
            break;
        for (int i = 0; i < AGENT_READERS_MAX; i++)
            serve(a, &a->readers[i], polled[READERS + 2 * i].revents,
                  polled[READERS + 2 * i + 1].revents);
        if (polled[LISTENER].revents)
            accept_one(a);
    }
    for (int i = 0; i < AGENT_READERS_MAX; i++) {
        if (a->readers[i].fd >= 0)
            part_with(a, &a->readers[i], "the agent stops");
    }
    return 0;
}
