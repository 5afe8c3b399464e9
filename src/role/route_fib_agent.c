// SPDX-License-Identifier: ISC
// The kernel of a router by way of `fairlead agent` on it. What comes from there is believed no
// more than any packet: a word that cannot be ends the connection, and nothing is known until the
// next.
#include "role/route_fib.h"

#include "kernel/relay.h"
#include "role/endpoint.h"
#include "role/now.h"
#include "role/route.h"
#include "role/route_socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { RETRY_FIRST_MS = 1000, RETRY_LAST_MS = 10000 };

static const char *name_of(const struct route_fib *f)
{
    return f->role->net->routers[f->router].name;
}

void route_fib_agent_close(struct route_fib *f)
{
    struct route_fib_agent *agent = &f->agent;
    route_fib_unwatch(f);
    if (agent->fd >= 0)
        close(agent->fd);
    agent->fd = -1;
}

// The connection is over, or did not come about: what was known no longer is.
static void end(struct route_fib *f, const char *why)
{
    struct route_fib_agent *agent = &f->agent;
    char said[FIB_TEXT_MAX];
    route_fib_agent_close(f);
    int64_t wait_ms = (int64_t)RETRY_FIRST_MS << (agent->failures < 4 ? agent->failures : 4);
    agent->dial_at = mono_add_ms(f->role->now, wait_ms < RETRY_LAST_MS ? wait_ms : RETRY_LAST_MS);
    snprintf(said, sizeof said, "no word of its agent: %.100s", why);
    if (agent->failures++ == 0)
        route_fib_lose(f, said);
}

static bool send_bytes(struct route_fib *f, const struct writer *w)
{
    ssize_t sent = send(f->agent.fd, w->bytes, w->size, MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent == (ssize_t)w->size;  // a few octets always fit, or the connection is of no use
}

static void greet(struct route_fib *f)
{
    uint8_t bytes[RELAY_HELLO_SIZE];
    struct writer w = writer_over(bytes, sizeof bytes);
    relay_hello_encode(&w, &(struct relay_hello){.version = RELAY_VERSION});
    if (!send_bytes(f, &w))
        end(f, strerror(errno));
}

static void ask(struct route_fib *f)
{
    enum kernel_part part;
    uint8_t bytes[RELAY_REQUEST_SIZE];
    struct writer w = writer_over(bytes, sizeof bytes);
    if (f->agent.fd < 0 || !f->agent.is_greeted || f->agent.is_asked ||
        !fib_wants_dump(f->fib, f->role->now, &part))
        return;
    relay_request_encode(&w, part);
    f->agent.is_asked = true;
    if (!send_bytes(f, &w))
        end(f, "it does not read");
}

// False: the frame cannot be, and `why` says how.
static bool take_frame(struct route_fib *f, const struct relay_frame *frame, char *why)
{
    struct route_fib_agent *agent = &f->agent;
    snprintf(why, FIB_TEXT_MAX, "frame %u where %u should be", frame->sequence, agent->sequence);
    if (frame->sequence != agent->sequence++)
        return false;
    switch (frame->kind) {
    case RELAY_DATAGRAM:
        return route_fib_hear(f, frame->payload, frame->size, agent->order, why);
    case RELAY_DUMP_BEGINS:
        fib_dump_begins(f->fib, frame->part);
        return true;
    case RELAY_DUMP_ENDS:
        agent->is_asked = false;
        snprintf(why, FIB_TEXT_MAX, "the end of a dump that did not begin");
        if (fib_dumping(f->fib) != frame->part)
            return false;
        fib_dump_ends(f->fib, f->role->now, frame->part, frame->is_whole);
        return true;
    case RELAY_LOST:
        fib_must_resync(f->fib);
        return true;
    case RELAY_ALIVE:
        return true;
    case RELAY_GOODBYE:
        snprintf(why, FIB_TEXT_MAX, "it says goodbye: ");
        for (size_t i = 0, at = strlen(why); i < frame->size; i++, at++) {
            bool is_plain = frame->payload[i] >= 0x20 && frame->payload[i] < 0x7f;
            why[at] = is_plain && frame->payload[i] != '"' ? (char)frame->payload[i] : '?';
            why[at + 1] = '\0';
        }
        return false;
    case RELAY_KINDS:
        break;
    }
    return false;
}

static enum relay_verdict take_hello(struct route_fib *f, struct cursor *stream)
{
    struct relay_hello hello;
    enum relay_verdict verdict = relay_hello_decode(stream, &hello);
    if (verdict != RELAY_GOOD)
        return verdict;
    f->agent.is_greeted = true;
    f->agent.order = hello.order;
    f->agent.failures = 0;
    route_log("fib_agent", "router=%s version=%u instance=%016llx", name_of(f), hello.version,
              (unsigned long long)hello.instance);
    return verdict;
}

static void take_input(struct route_fib *f)
{
    struct route_fib_agent *agent = &f->agent;
    struct cursor stream = cursor_over(agent->input, agent->size);
    enum relay_verdict verdict = agent->is_greeted ? RELAY_GOOD : take_hello(f, &stream);
    char why[FIB_TEXT_MAX] = "it speaks another language";
    while (verdict == RELAY_GOOD) {
        struct relay_frame frame;
        verdict = relay_frame_decode(&stream, &frame);
        if (verdict == RELAY_GOOD && !take_frame(f, &frame, why))
            verdict = RELAY_MALFORMED;
    }
    if (verdict == RELAY_MALFORMED) {
        end(f, why);
        return;
    }
    agent->size -= stream.pos;
    memmove(agent->input, agent->input + stream.pos, agent->size);
    ask(f);
}

static void read_input(struct route_fib *f)
{
    struct route_fib_agent *agent = &f->agent;
    size_t room = 2 * RELAY_FRAME_MAX - agent->size;  // a whole frame always fits
    ssize_t came = recv(agent->fd, agent->input + agent->size, room, MSG_DONTWAIT);
    if (came > 0) {
        agent->size += (size_t)came;
        agent->heard_at = f->role->now;
        take_input(f);
    } else if (came == 0) {
        end(f, "it closed the connection");
    } else if (errno != EAGAIN && errno != EINTR) {
        end(f, strerror(errno));
    }
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
    struct route_fib *f = poll->data;
    f->role->now = now_mono();
    if (f->agent.is_dialling) {
        int error = route_socket_error(f->agent.fd);
        f->agent.is_dialling = false;
        if (error || !route_fib_watch(f, f->agent.fd, UV_READABLE, on_ready))
            end(f, error ? strerror(-error) : "out of memory");
        else
            greet(f);
    } else if (status < 0 || events & UV_READABLE) {
        read_input(f);
    }
}

static void dial(struct route_fib *f)
{
    const struct net_fib *configured = &f->role->net->routers[f->router].fib;
    struct net_router to = {.address = configured->address, .port = configured->port};
    memcpy(to.md5_key, configured->md5_key, sizeof to.md5_key);
    int fd = route_socket_dial(&to);
    if (fd < 0) {
        end(f, strerror(-fd));
        return;
    }
    uint8_t *input = f->agent.input;
    f->agent = (struct route_fib_agent){.fd = fd,
                                        .is_dialling = true,
                                        .heard_at = f->role->now,
                                        .failures = f->agent.failures,
                                        .input = input};
    if (!route_fib_watch(f, fd, UV_WRITABLE, on_ready))
        end(f, "out of memory");
}

void route_fib_agent_tick(struct route_fib *f)
{
    struct route_fib_agent *agent = &f->agent;
    struct mono now = f->role->now;
    if (agent->fd < 0) {
        if (mono_reached(now, agent->dial_at))
            dial(f);
        return;
    }
    if (mono_since_ns(now, agent->heard_at) > (int64_t)RELAY_SILENT_MS * NS_PER_MS)
        end(f, "it is silent");
    else
        ask(f);
}
