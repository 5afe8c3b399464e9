// SPDX-License-Identifier: ISC
#include "role/probe_open.h"

#include "detect/delays.h"
#include "role/channel.h"
#include "role/log.h"
#include "role/loop.h"
#include "role/now.h"
#include "role/probe_departure.h"
#include "role/probe_hairpin.h"
#include "role/probe_receive.h"
#include "role/probe_rove.h"
#include "role/probe_send.h"
#include "role/probe_tell.h"
#include "role/probe_trace.h"
#include "role/probe_vouch.h"
#include "role/probe_xdp.h"

#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    TICK_NS = 5 * NS_PER_MS,         // the longest that the loop sleeps,
    TICK_BUSY_NS = 2 * NS_PER_MS,    // and while very many answers come
    TALLY_NS = 25 * NS_PER_MS,       // how often tallies are told
    RESPREAD_NS = 250 * NS_PER_MS,   // after such a stall all flows are due at once
    CLOCK_READ_NS = 50 * NS_PER_US,  // reading both clocks takes no longer, or we were interrupted
    CLOCK_READS_MAX = 3,
    BUSY_ANSWERS = 100,  // in the time of a tally: 4000/s
    CALM_ANSWERS = 50,
    MMAP_BYTES_MIN = 16 * 1024,  // traces come and go: what is freed of them goes to the system
};

static bool has_lagged(const struct probe_role *r, uint32_t id)
{
    return mono_since_ns(r->now, r->awaited_at) >
           r->flows[id].state.lag_max * (int64_t)PROBE_LAG_NS;
}

// Whoever did not run cannot vouch for what was out meanwhile, answered or not: its answers may
// have been lost by a host that was stopped as a whole.
static void check_lag(struct probe_role *r)
{
    int64_t lag_ns = mono_since_ns(r->now, r->awaited_at);
    delays_late(r->delays, lag_ns, r->now);
    if (lag_ns > PROBE_LAG_MIN_NS)
        vouch_stall(&r->vouch, lag_ns, r->now);
    if (lag_ns > PROBE_LAG_MIN_NS)
        probe_void_where(r, has_lagged, SAMPLE_LOOP_LAGGED);
    if (lag_ns > r->net->probe.timeout_min_ns)
        probe_hairpins_void(r, SAMPLE_LOOP_LAGGED);
    if (lag_ns > RESPREAD_NS) {
        log_line("event=probe_stalled lag_ms=%" PRId64, lag_ns / NS_PER_MS);
        schedule_start(r->schedule, r->now);
        probe_rove_start(r->rove);
        probe_hairpins_start(r);
    }
}

static bool is_any(const struct probe_role *r, uint32_t id)
{
    (void)r, (void)id;
    return true;
}

// Both clocks in one go; false: each time something came between.
static bool read_clocks(struct mono *mono, struct wall *wall)
{
    for (int i = 0; i < CLOCK_READS_MAX; i++) {
        *mono = now_mono();
        *wall = now_wall();
        if (mono_since_ns(now_mono(), *mono) < CLOCK_READ_NS)
            return true;
    }
    return false;
}

static void check_clock(struct probe_role *r)
{
    struct mono mono;
    struct wall wall;
    int64_t stepped_ns =
        read_clocks(&mono, &wall) ? clock_watch_stepped_ns(&r->clocks, mono, wall) : 0;
    if (stepped_ns == 0)
        return;
    log_line("event=clock_stepped by_us=%" PRId64, stepped_ns / NS_PER_US);
    probe_void_where(r, is_any, SAMPLE_CLOCK_STEPPED);
}

// Every callback begins so: before anything is read or judged, whether we may judge at all.
static void begin_turn(struct probe_role *r)
{
    r->now = now_mono();
    check_lag(r);
    check_clock(r);
    r->awaited_at = mono_add_ns(r->now, TICK_NS);
}

static void on_readable(uv_poll_t *handle, int status, int events)
{
    (void)events;
    struct probe_receiver *receiver = handle->data;
    begin_turn(receiver->role);
    probe_receive(receiver->role, receiver);  // takes an error off the socket too
    if (status < 0)
        uv_poll_start(handle, UV_READABLE | UV_DISCONNECT, on_readable);
}

static bool read_whole(struct probe_role *r, struct probe_receiver *receiver)
{
    if (!probe_receive(r, receiver))
        return false;
    receiver->read_at = r->now;
    probe_check_drops(r, receiver, probe_dropped(receiver));
    return true;
}

// Before a probe is called lost: its answer may wait in the socket, the socket may have dropped it,
// and the link may just have gone. Once in a turn: what comes after it began is of later probes, or
// late. False when there is more than one turn can read.
static bool is_up_to_date(struct probe_role *r, struct probe_receiver *receiver)
{
    if (receiver->read_at.ns == r->now.ns)
        return true;
    for (uint32_t i = 0; i < r->receiver_count; i++)
        if (probe_hears_for(&r->receivers[i], receiver) && !read_whole(r, &r->receivers[i]))
            return false;
    probe_links_check(r);
    probe_links_check_drops(r);
    return true;
}

static void expire(struct probe_role *r)
{
    struct sample sample;
    for (uint32_t id; (id = flight_overdue(&r->flight, r->now)) != FLIGHT_NOBODY;) {
        struct probe_receiver *receiver = probe_receiver_of(r, id);
        if (!is_up_to_date(r, receiver))
            return;
        if (departure_is_in_doubt(&r->paths[r->flows[id].path].departure, r->now))
            probe_void(r, id, SAMPLE_UNSEEN);
        else if (flight_expire(&r->flight, id, r->now, &sample))
            probe_tell(r, &sample);
    }
}

static void on_timer(uv_timer_t *timer);

// When there is something to do. While very many answers come that is nearly always within the
// millisecond in which timers count: not worth to be looked for.
static struct mono next_due(const struct probe_role *r)
{
    struct mono wake = mono_add_ns(r->now, r->is_busy ? TICK_BUSY_NS : TICK_NS);
    if (r->is_busy)
        return wake;
    struct mono due[] = {schedule_due(r->schedule), flight_due(&r->flight), probe_rove_due(r->rove),
                         probe_trace_due(r->trace), probe_hairpins_due(r)};
    for (size_t i = 0; i < sizeof due / sizeof due[0]; i++)
        wake = mono_reached(wake, due[i]) ? due[i] : wake;
    return wake;
}

static void arm(struct probe_role *r)
{
    int64_t wait_ns = mono_since_ns(next_due(r), now_mono());  // a turn that was long waits less
    uint64_t wait_ms = wait_ns > 0 ? (uint64_t)((wait_ns + NS_PER_MS - 1) / NS_PER_MS) : 0;
    r->awaited_at = mono_add_ns(r->now, (int64_t)wait_ms * NS_PER_MS);
    uv_update_time(&r->loop);
    uv_timer_start(&r->timer, on_timer, wait_ms, 0);
}

// To be woken for each answer costs more than all else when thousands come in a second; as the
// kernel writes down when each came, they may wait for the next turn.
static void note_pace(struct probe_role *r)
{
    bool is_busy = r->came > (r->is_busy ? CALM_ANSWERS : BUSY_ANSWERS);
    for (uint32_t i = 0; is_busy != r->is_busy && i < r->receiver_count; i++)
        if (is_busy)
            uv_poll_stop(&r->receivers[i].poll);
        else
            uv_poll_start(&r->receivers[i].poll, UV_READABLE | UV_DISCONNECT, on_readable);
    r->is_busy = is_busy;
    r->came = 0;
}

static void on_timer(uv_timer_t *timer)
{
    struct probe_role *r = timer->data;
    begin_turn(r);
    probe_departures_read(r);
    for (uint32_t i = 0; r->is_busy && i < r->receiver_count; i++)
        probe_receive(r, &r->receivers[i]);
    expire(r);
    probe_send_due(r);
    probe_rove_send(r->rove);
    probe_send_rest(r);
    probe_trace_turn(r->trace);
    probe_hairpins_turn(r);
    if (mono_since_ns(r->now, r->tallied_at) >= TALLY_NS) {
        r->tallied_at = r->now;
        probe_tell_gathered(r);
        note_pace(r);
        probe_ask_source(r);
        probe_links_ask(r);
        probe_xdp_ask(r);
        probe_tick_detectors(r);
        probe_send_tallies(r);
        probe_send_rates(r);
        probe_flows_turn(r);
        probe_tell_vouch(r);
    }
    if (r->channel >= 0)
        arm(r);
}

static void on_hairpin(uv_poll_t *handle, int status, int events)
{
    (void)status, (void)events;
    struct probe_role *r = handle->data;
    begin_turn(r);
    probe_hairpins_receive(r);
}

static void on_link(uv_poll_t *handle, int status, int events)
{
    (void)status, (void)events;
    struct probe_role *r = handle->data;
    begin_turn(r);
    probe_links_check(r);
}

// The engine has nothing to order here; what matters is whether it is there.
static void on_channel(uv_poll_t *handle, int status, int events)
{
    (void)status, (void)events;
    struct probe_role *r = handle->data;
    if (!channel_is_up(r->channel, r->net))
        probe_stop(r);
}

static void on_terminate(uv_signal_t *handle, int number)
{
    (void)number;
    probe_stop(handle->data);
}

void probe_stop(struct probe_role *r)
{
    r->channel = -1;
    loop_close_all(&r->loop);
}

static int watch(struct probe_role *r, uv_poll_t *poll, int fd, uv_poll_cb on_event)
{
    int error = uv_poll_init(&r->loop, poll, fd);
    return error ? error : uv_poll_start(poll, UV_READABLE | UV_DISCONNECT, on_event);
}

static int watch_all(struct probe_role *r)
{
    int error = uv_timer_init(&r->loop, &r->timer);
    if (!error)
        error = uv_signal_init(&r->loop, &r->terminate);
    if (!error)
        error = uv_signal_start(&r->terminate, on_terminate, SIGTERM);
    r->timer.data = r->terminate.data = r->channel_poll.data = r->link_poll.data = r;
    if (!error)
        error = watch(r, &r->channel_poll, r->channel, on_channel);
    if (!error)
        error = watch(r, &r->link_poll, r->links.changes, on_link);
    for (uint32_t i = 0; !error && i < r->receiver_count; i++) {
        struct probe_receiver *receiver = &r->receivers[i];
        receiver->poll.data = receiver;
        receiver->dropped = probe_dropped(receiver);
        error = watch(r, &receiver->poll, receiver->fd, on_readable);
    }
    if (!error)
        error = probe_hairpins_watch(r, on_hairpin);
    return error;
}

static void tell_counts(const struct probe_counts *c)
{
    log_line("event=probe_end sent=%" PRIu64 " ok=%" PRIu64 " lost=%" PRIu64 " void=%" PRIu64
             " late=%" PRIu64 " doubled=%" PRIu64 " strange=%" PRIu64 " no_room=%" PRIu64
             " untold=%" PRIu64,
             c->sent, c->ok, c->lost, c->voided, c->late, c->doubled, c->strange, c->no_room,
             c->untold);
}

int probe_role_run(struct probe_role *r, int channel)
{
    signal(SIGINT, SIG_IGN);  // from a terminal it comes to all; the engine tells us when to end
    mallopt(M_MMAP_THRESHOLD, MMAP_BYTES_MIN);
    region_use_large_pages(&r->memory);
    r->channel = channel;
    r->now = r->awaited_at = r->tallied_at = r->told_at = now_mono();
    r->wall_ns = now_wall().ns - r->now.ns;
    r->rates_at = probe_rates_end(r->now, r->wall_ns);
    clock_watch_init(&r->clocks, r->now, now_wall());
    int error = uv_loop_init(&r->loop);
    if (error) {
        fprintf(stderr, "fairlead: cannot probe: %s\n", uv_strerror(error));
        return 3;
    }
    error = watch_all(r);
    if (error) {
        fprintf(stderr, "fairlead: cannot probe: %s\n", uv_strerror(error));
        probe_stop(r);
    } else {
        probe_links_ask_all(r);
        probe_links_read(r);
        probe_links_check_drops(r);
        probe_xdp_ask_all(r);
        r->now = now_mono();
        schedule_start(r->schedule, r->now);
        probe_rove_start(r->rove);
        probe_trace_start(r->trace);
        probe_hairpins_start(r);
        arm(r);
    }
    uv_run(&r->loop, UV_RUN_DEFAULT);
    uv_loop_close(&r->loop);
    probe_rove_sum_up(r->rove);
    r->counts.ok += r->answers.count;  // that still wait to be told
    tell_counts(&r->counts);
    return error ? 3 : 0;
}
