// SPDX-License-Identifier: ISC
#include "role/route.h"

#include "engine/message.h"
#include "role/channel.h"
#include "role/loop.h"
#include "role/now.h"
#include "role/route_socket.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { CEASE_SHUTDOWN = 2 };  // RFC 4486 §3

enum {
    TICK_MS = 50,  // the loop's sense of time: far under any hold time
    MMAP_BYTES_MIN = 128 * 1024,
};

static void each_link(struct route_role *r, void (*act)(struct route_link *link))
{
    for (uint32_t router = 0; router < r->net->router_count; router++) {
        for (int side = 0; side < ROUTE_LINKS; side++)
            act(&r->routers[router].links[side]);
    }
}

void route_stop(struct route_role *r, int status, const char *why)
{
    if (r->stopping)
        return;
    route_log("route_stops", "reason=\"%s\" overrides=%u", why, r->ledger->count);
    r->stopping = true;
    r->status = status;
    uv_stop(&r->loop);
}

static void on_channel(uv_poll_t *poll, int status, int events);

static void want_channel(struct route_role *r)
{
    int events = UV_READABLE | UV_DISCONNECT | (r->outbox.count > 0 ? UV_WRITABLE : 0);
    if (events == r->channel_wanted)
        return;
    r->channel_wanted = events;
    uv_poll_start(&r->channel_poll, events, on_channel);
}

static void take_effect(struct route_role *r, const struct effect *effect)
{
    if (effect->kind == EFFECT_PLACE)
        route_table_place(r, &effect->place);
    else
        route_steer_effect(r, effect);
}

static void receive_effects(struct route_role *r)
{
    struct effect effect;
    char why[MESSAGE_WHY_MAX];
    for (int i = 0; i < ORDERS_WAITING_MAX && !r->stopping; i++) {
        int came = channel_receive_effect(r->channel, r->net, &effect, why);
        if (came == 0)
            return;
        if (came == 1)
            take_effect(r, &effect);
        else if (came == -EBADMSG)
            route_log("effect_refused", "reason=\"%s\"", why);
        else
            route_stop(r, 0, "the engine is gone");
    }
}

// All that waits, before the first is carried out: a later word may take an earlier one back.
static void take_effects(struct route_role *r)
{
    receive_effects(r);
    route_steer_carry_out(r);
}

static void on_channel(uv_poll_t *poll, int status, int events)
{
    struct route_role *r = poll->data;
    r->now = now_mono();
    if (events & UV_WRITABLE)
        route_tell_waiting(r);
    if (status < 0 || events & (UV_READABLE | UV_DISCONNECT))
        take_effects(r);
}

// NULL: the router is welcome.
static const char *reason_to_refuse(const struct route_role *r, const struct route_link *link,
                                    int fd)
{
    if (link->fd >= 0)
        return "it has called already";
    if (route_limit_is_closed(r, link->router))
        return "it had too many prefixes";
    int error = route_socket_accepted(fd, &r->net->routers[link->router]);
    return error ? strerror(-error) : NULL;
}

static void answer_call(void *role, int fd, struct address caller)
{
    struct route_role *r = role;
    char text[ADDRESS_TEXT_MAX];
    for (uint32_t i = 0; i < r->net->router_count; i++) {
        struct route_link *link = &r->routers[i].links[ROUTE_CALLED];
        if (!address_equal(r->net->routers[i].address, caller))
            continue;
        const char *why = reason_to_refuse(r, link, fd);
        if (!why) {
            route_link_called(link, fd);
            return;
        }
        if (route_log_may(r))
            route_log("call_refused", "router=%s reason=\"%s\"", r->net->routers[i].name, why);
        close(fd);
        return;
    }
    if (route_log_may(r))
        route_log("call_refused", "from=%s reason=\"no such router is configured\"",
                  address_format(caller, text));
    close(fd);
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

// What the table gave back lies in malloc's heap between what is in use. Once a good part of it is
// free and no more is being freed, the system gets it: it may need it before it comes again.
static void give_memory_back(struct route_role *r)
{
    size_t bytes = rib_bytes(r->rib);
    bool is_still = bytes == r->rib_bytes_last;
    r->rib_bytes_last = bytes;
    if (bytes > r->rib_bytes_high)
        r->rib_bytes_high = bytes;
    if (!is_still || bytes >= r->rib_bytes_high / 4 * 3)
        return;
    malloc_trim(0);
    r->rib_bytes_high = bytes;
}

static void on_tick(uv_timer_t *timer)
{
    struct route_role *r = timer->data;
    r->now = now_mono();
    give_memory_back(r);
    each_link(r, route_link_time);
    route_session_tick(r);
    route_refresh_tick(r);
    route_known_tick(r);
    route_steer_watch_kill(r);
    route_steer_tick(r);
    route_watch_tick(r);
    route_origins_tick(r);
    route_ask_tick(r);
    route_fib_tick(r);
    route_bmp_tick(r);
    route_notices_tick(r);
}

// Before the loop sleeps: whatever was said on the way is written.
static void on_prepare(uv_prepare_t *prepare)
{
    struct route_role *r = prepare->data;
    route_bmp_turn(r);
    each_link(r, route_link_turn);
    want_channel(r);
}

static void on_idle(uv_idle_t *idle)
{
    struct route_role *r = idle->data;
    if (!rib_sweep(r->rib))
        uv_idle_stop(idle);
}

void route_sweep(struct route_role *r)
{
    uv_idle_start(&r->sweep, on_idle);
}

static void on_signal(uv_signal_t *signal, int number)
{
    (void)number;
    route_stop(signal->data, 0, "asked to stop");
}

static void start_polling(struct route_role *r)
{
    uv_poll_init(&r->loop, &r->channel_poll, r->channel);
    r->channel_poll.data = r;
    want_channel(r);
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        if (r->listeners[family] < 0)
            continue;
        uv_poll_init(&r->loop, &r->listen_polls[family], r->listeners[family]);
        r->listen_polls[family].data = r;
        uv_poll_start(&r->listen_polls[family], UV_READABLE, on_call);
    }
}

static void start_loop(struct route_role *r)
{
    static const int numbers[] = {SIGTERM, SIGINT};
    for (size_t i = 0; i < 2; i++) {
        uv_signal_init(&r->loop, &r->signals[i]);
        r->signals[i].data = r;
        uv_signal_start(&r->signals[i], on_signal, numbers[i]);
    }
    uv_idle_init(&r->loop, &r->sweep);
    r->sweep.data = r;
    uv_prepare_init(&r->loop, &r->prepare);
    r->prepare.data = r;
    uv_prepare_start(&r->prepare, on_prepare);
    uv_timer_init(&r->loop, &r->tick);
    r->tick.data = r;
    uv_timer_start(&r->tick, on_tick, 0, TICK_MS);
    start_polling(r);
    route_ask_start(r);
    route_fib_start(r);
    route_bmp_start(r);
}

static void start_state(struct route_role *r)
{
    r->now = r->started_at = now_mono();
    r->gate.net = r->net;
    r->gate.rib = r->rib;
    r->gate.ledger = r->ledger;
    r->gate.complete_at = (struct mono){INT64_MAX};
    route_steer_start(r);
    for (uint32_t router = 0; router < r->net->router_count; router++) {
        for (int side = 0; side < ROUTE_LINKS; side++) {
            struct route_link *link = &r->routers[router].links[side];
            link->role = r;
            link->router = router;
            link->side = side;
            link->fd = -1;
            route_session_init(link, r->now);
        }
    }
}

static void say_goodbye(struct route_link *link)
{
    route_link_cut(link, CEASE_SHUTDOWN, "fairlead stops");
    route_link_turn(link);
}

int route_role_run(struct route_role *r, int channel)
{
    r->channel = channel;
    // Else malloc raises it with each large piece freed, and keeps those that follow in its heap.
    mallopt(M_MMAP_THRESHOLD, MMAP_BYTES_MIN);
    if (uv_loop_init(&r->loop) < 0) {
        route_log("route_stops", "reason=\"cannot make an event loop\"");
        return 3;
    }
    signal(SIGPIPE, SIG_IGN);
    start_state(r);
    start_loop(r);
    uv_run(&r->loop, UV_RUN_DEFAULT);
    // Withdrawals first: a router that lost the session walks its whole table to find our routes.
    r->now = now_mono();
    route_steer_withdraw_all(r, "fairlead stops");
    each_link(r, say_goodbye);
    route_ask_stop(r);
    route_fib_stop(r);
    route_bmp_stop(r);
    loop_close_all(&r->loop);
    uv_run(&r->loop, UV_RUN_DEFAULT);
    uv_loop_close(&r->loop);
    return r->status;
}
