// SPDX-License-Identifier: ISC
// This host's own kernel.
#include "role/route_fib.h"

#include "role/now.h"
#include "role/route.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    DATAGRAMS_PER_TURN_MAX = 32,  // about 5 ms
    PIECES_PER_TICK = 16,         // of a later dump, so that it is spread over seconds
};

bool route_fib_local_open(struct route_fib *f, char *why)
{
    int error = kernel_socket_open(&f->kernel);
    if (error)
        snprintf(why, ROLE_ERROR_MAX, "cannot read the kernel's routes: %s", strerror(-error));
    return !error;
}

static void on_ready(uv_poll_t *poll, int status, int events);

static void watch(struct route_fib *f)
{
    if (!route_fib_watch(f, f->kernel.fd, UV_READABLE, on_ready))
        route_fib_lose(f, "cannot watch the kernel's socket");
}

static void ask(struct route_fib *f)
{
    enum kernel_part part;
    if (!fib_wants_dump(f->fib, f->role->now, &part))
        return;
    int error = kernel_socket_ask(&f->kernel, part);
    if (!error)
        fib_dump_begins(f->fib, part);
    else
        route_log("fib_not_asked", "router=%s reason=\"%s\"", f->role->net->routers[f->router].name,
                  strerror(-error));
}

// What was lost is made good by reading everything anew.
static void note_loss(struct route_fib *f)
{
    if (route_log_may(f->role))
        route_log("fib_resync", "router=%s reason=\"the kernel said more than we could read\"",
                  f->role->net->routers[f->router].name);
    fib_must_resync(f->fib);
}

// False: nothing more is to be read now.
static bool hear(struct route_fib *f)
{
    char why[FIB_TEXT_MAX];
    ssize_t size = kernel_socket_receive(&f->kernel, f->datagram);
    if (size == -EAGAIN)
        return false;
    if (size == -ENOBUFS) {
        note_loss(f);
        return true;
    }
    if (size < 0) {
        route_fib_unwatch(f);
        kernel_socket_close(&f->kernel);
        snprintf(why, sizeof why, "cannot read the kernel's routes: %s", strerror((int)-size));
        route_fib_lose(f, why);
        return false;
    }
    bool is_dumping = f->kernel.part != KERNEL_PARTS;
    if (!route_fib_hear(f, f->datagram, (size_t)size, netlink_order_here(), why) &&
        route_log_may(f->role))
        route_log("fib_malformed", "router=%s reason=\"%s\"", f->role->net->routers[f->router].name,
                  why);
    ask(f);
    bool is_piece = is_dumping &&
                    netlink_is_dumped(f->datagram, (size_t)size, netlink_order_here()) &&
                    !fib_why_unknown(f->fib);
    return !is_piece || --f->pieces > 0;
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
    struct route_fib *f = poll->data;
    (void)status;
    (void)events;
    f->role->now = now_mono();
    for (int i = 0; i < DATAGRAMS_PER_TURN_MAX; i++) {
        if (hear(f))
            continue;
        if (f->poll && f->pieces <= 0)
            uv_poll_stop(f->poll);  // until the next tick
        return;
    }
}

void route_fib_local_start(struct route_fib *f)
{
    int error = kernel_socket_subscribe(&f->kernel, true);
    if (error)
        route_fib_lose(f, "cannot subscribe to the kernel's changes");
    f->pieces = PIECES_PER_TICK;
    watch(f);
    ask(f);
}

void route_fib_local_tick(struct route_fib *f)
{
    bool is_stopped = f->pieces <= 0;
    f->pieces = PIECES_PER_TICK;
    if (is_stopped)
        watch(f);
    ask(f);
}
