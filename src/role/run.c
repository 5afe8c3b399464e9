// SPDX-License-Identifier: ISC
#include "role/run.h"

#include "role/answers.h"
#include "role/audited.h"
#include "role/channel.h"
#include "role/daemon.h"
#include "role/journal.h"
#include "role/loop.h"
#include "role/now.h"
#include "role/renew.h"
#include "role/web_tell.h"
#include "role/zones.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    STOP_MS = 1800,  // for the roles to tidy up; then they are killed
    DESCRIPTORS_WANTED = 8192,
};

// A route process that takes no orders must not go on holding up old ones: without it the sessions
// drop and the routers forget.
static void send_orders(struct daemon *d)
{
    const struct child *route = &d->children[ROLE_ROUTE];
    if (route->channel < 0 || d->released)
        return;
    (void)outbox_flush(d->outbox, route->channel, d->net,
                       d->now.mono);  // its death is told by SIGCHLD
    if (outbox_stuck_ns(d->outbox, d->now.mono) > d->net->steer.lease_ns)
        crew_kill(d, ROLE_ROUTE, "it takes no orders for longer than the lease");
}

static void order(struct daemon *d, const struct effect *effect)
{
    if (!outbox_add(d->outbox, effect))
        crew_kill(d, ROLE_ROUTE, "too many orders wait for it");
}

// The engine keeps the time of it: an order that is lost is given up there.
static void order_hook(struct daemon *d, const struct effect *effect)
{
    const struct child *hook = &d->children[ROLE_HOOK];
    if (hook->channel >= 0 && channel_send_effect(hook->channel, d->net, effect) == -EAGAIN)
        crew_kill(d, ROLE_HOOK, "it takes no orders");
}

// The engine asks for what it hears nothing of once more.
static void order_page(struct daemon *d, const struct effect *effect)
{
    const struct child *notify = &d->children[ROLE_NOTIFY];
    if (notify->channel < 0)
        return;
    if (channel_send_effect(notify->channel, d->net, effect) == -EAGAIN)
        crew_kill(d, ROLE_NOTIFY, "it takes no pages");
    if (!d->pages_owed)
        d->pages_owed_since = d->now.mono;
    d->pages_owed = true;
}

void daemon_carry_out(struct daemon *d, const struct effect *effect)
{
    static const bool is_order[EFFECT_KINDS] = {
        [EFFECT_ANNOUNCE] = true, [EFFECT_WITHDRAW] = true, [EFFECT_RELEASE] = true,
        [EFFECT_STANCE] = true,   [EFFECT_PLACE] = true,    [EFFECT_LEASE] = true};
    if (is_order[effect->kind])
        order(d, effect);
    if (effect->kind == EFFECT_HOOK)
        order_hook(d, effect);
    if (effect->kind == EFFECT_PAGE)
        order_page(d, effect);
}

static void note_recording(struct daemon *d, int error)
{
    if (error)
        teller_say(&d->teller, d->now, "recording ended: %s; everything else goes on",
                   strerror(-error));
}

void daemon_feed(struct daemon *d, const struct event *event)
{
    note_recording(d, recorder_add(&d->recorder, d->net, event));
    audited_event(d, event);
    size_t count;
    const struct effect *effects = engine_step(d->engine, event, &count);
    for (size_t i = 0; i < count; i++) {
        teller_effect(&d->teller, d->now, &effects[i]);
        if (effects[i].kind == EFFECT_ANSWERED)
            d->answered = effects[i].answered;
        if (audited_effect(d, &effects[i]))
            daemon_carry_out(d, &effects[i]);
        stored_effect(d, &effects[i]);  // last: no act waits for these
        web_tell_effect(d, &effects[i]);
    }
}

void daemon_stop(struct daemon *d, int exit_status)
{
    if (d->phase == DAEMON_STOPPING)
        return;
    d->phase = DAEMON_STOPPING;
    service_tell(&d->service, "STOPPING=1");
    d->exit_status = exit_status;
    d->stop_by = mono_add_ms(d->now.mono, STOP_MS);
    const struct event event = {.kind = EVENT_COMMAND, .at = d->now.mono, .command = COMMAND_STOP};
    daemon_feed(d, &event);  // it answers with a release
}

// The last to leave: it writes what the others did at their end.
static bool audit_has_ended(struct daemon *d)
{
    if (crew_is_alive(d))
        return false;
    if (!crew_role_is_alive(d, ROLE_AUDIT))
        return true;
    if (!d->audit_ended)
        audited_stop(d);
    d->audit_ended = true;
    audited_turn(d);
    if (audit_desk_is_done(d->desk) && d->children[ROLE_AUDIT].channel >= 0)
        shutdown(d->children[ROLE_AUDIT].channel, SHUT_WR);
    return false;
}

// When all orders are out, the end of its channel tells each role to tidy up and leave.
static void go_on_stopping(struct daemon *d)
{
    if (audit_has_ended(d)) {
        uv_stop(&d->loop);
        return;
    }
    if (!d->released && (d->children[ROLE_ROUTE].channel < 0 || outbox_is_empty(d->outbox))) {
        d->released = true;
        crew_shut_channels(d);
    }
    if (mono_reached(d->now.mono, d->stop_by) || d->stop_requests > 1)
        for (enum event_role role = 0; role < ROLES; role++)
            crew_kill(d, role, "it did not end in time");
}

// Route has let everything go by itself: the engine must not ask for it again.
static void watch_kill_file(struct daemon *d)
{
    const char *path = d->net->kill_path;
    bool stands = path[0] && access(path, F_OK) == 0;
    if (stands == d->killed)
        return;
    d->killed = stands;
    teller_say(&d->teller, d->now,
               stands ? "'%s' stands: all is withdrawn, nothing moves"
                      : "'%s' is gone: `fairlead thaw` lets things move again",
               path);
    const struct event event = {
        .kind = EVENT_COMMAND, .at = d->now.mono, .command = COMMAND_WITHDRAW};
    if (stands)
        daemon_feed(d, &event);
}

static void turn(struct daemon *d, bool tick)
{
    d->now = (struct teller_now){now_mono(), now_wall()};
    if (d->stop_requests > 0)
        daemon_stop(d, 0);
    if (tick)
        crew_restart(d);
    crew_hear(d);
    if (d->child_ended) {
        d->child_ended = false;
        crew_reap(d);
    }
    if (d->hung_up)
        renew_certificates(d);
    d->hung_up = false;
    if (tick) {
        const struct event event = {.kind = EVENT_TICK, .at = d->now.mono};
        daemon_feed(d, &event);
        watch_kill_file(d);
        crew_end_the_silent(d);
        crew_end_the_mute(d);
        zones_turn(d);
        web_tell_picture(d);
        askers_tick(&d->web_askers, d->now.mono);
        if (d->control)
            control_tick(d->control, d->now.mono);
    }
    audited_turn(d);
    stored_turn(d, tick);
    send_orders(d);
    note_recording(d, recorder_turn(&d->recorder, d->now.mono));
    if (d->phase == DAEMON_STOPPING)
        go_on_stopping(d);
    service_turn(&d->service, d->now.mono);
    int64_t took_ns = mono_since_ns(now_mono(), d->now.mono);
    if (took_ns > d->turn_longest_ns)
        d->turn_longest_ns = took_ns;
}

void daemon_on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    turn(poll->data, false);
}

static void on_timer(uv_timer_t *timer)
{
    turn(timer->data, true);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct daemon *d = handle->data;
    if (number == SIGCHLD)
        d->child_ended = true;
    else if (number == SIGHUP && !d->has_terminal)
        d->hung_up = true;
    else
        d->stop_requests++;
    turn(d, false);
}

static int start_loop(struct daemon *d)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD};
    int error = uv_loop_init(&d->loop);
    if (error)
        return error;
    uv_timer_init(&d->loop, &d->timer);
    d->timer.data = d;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        uv_signal_init(&d->loop, &d->signals[i]);
        d->signals[i].data = d;
        error = uv_signal_start(&d->signals[i], on_signal, numbers[i]);
        if (error)
            return error;
    }
    d->child_ended = true;  // perhaps before anybody listened
    const struct asker_answers answers = {daemon_answer, d, daemon_along};
    askers_init(&d->web_askers, &d->loop, answers, d->handovers);
    if (d->control) {
        error = control_start(d->control, &d->loop, answers, d->handovers);
        if (error)
            return error;
    }
    error = crew_watch(d);
    return error ? error : uv_timer_start(&d->timer, on_timer, 0, ENGINE_TICK_MS);
}

static void say_hello(struct daemon *d)
{
    const struct net *net = d->net;
    char address[ADDRESS_TEXT_MAX];
    teller_say(&d->teller, d->now,
               "fairlead %s: site %s, mode %s: %u routers, %u upstreams, %u targets",
               FAIRLEAD_VERSION, net->site, net_mode_names[net->mode], net->router_count,
               net->upstream_count, net->target_count);
    if (net->web_address.family) {
        bool bare = net->web_address.family == FAMILY_IPV4;
        teller_say(&d->teller, d->now, "dashboard: http://%s%s%s:%u/", bare ? "" : "[",
                   address_format(net->web_address, address), bare ? "" : "]", net->web_port);
    }
}

static void begin(struct daemon *d)
{
    d->now = (struct teller_now){now_mono(), now_wall()};
    say_hello(d);
    struct event event = {.kind = EVENT_START, .at = d->now.mono, .start = {.wall = d->now.wall}};
    if (getrandom(&event.start.seed, sizeof event.start.seed, GRND_NONBLOCK) < 0)
        event.start.seed = (uint64_t)d->now.wall.ns;  // jitter wants no secret
    audited_start(d);
    daemon_feed(d, &event);
    past_tell(d);
    zones_turn(d);
    crew_tell_alive(d);
    char said[NET_NAME_MAX + 64];
    snprintf(said, sizeof said, "READY=1\nSTATUS=site %s, mode %s", d->net->site,
             net_mode_names[d->net->mode]);
    service_tell(&d->service, said);
}

static int run(struct daemon *d)
{
    sigset_t all, before;  // a signal waits until there is somebody to take it
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    int error = crew_fork(d);
    if (!error)
        error = start_loop(d);
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (error) {
        fprintf(stderr, "fairlead: cannot start: %s\n", strerror(-error));
        return 3;
    }
    begin(d);
    uv_run(&d->loop, UV_RUN_DEFAULT);
    crew_close(d);
    askers_close(&d->web_askers);
    control_close(d->control);
    d->control = NULL;
    loop_close_all(&d->loop);
    uv_run(&d->loop, UV_RUN_DEFAULT);
    uv_loop_close(&d->loop);
    return d->exit_status;
}

static void raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= DESCRIPTORS_WANTED)
        return;
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS_WANTED ? limit.rlim_max : DESCRIPTORS_WANTED;
    (void)setrlimit(RLIMIT_NOFILE, &limit);  // where it is too low, opening a socket says so
}

// The recording is a file that may need privileges, too.
static bool open_all(struct daemon *d)
{
    char why[ROLE_ERROR_MAX];
    if (!zones_are_known(d->net, why)) {
        fprintf(stderr, "fairlead: %s\n", why);
        return false;
    }
    if (!crew_open(d))
        return false;
    past_read(&d->past, d->net);
    int error = recorder_open(&d->recorder, d->net, &d->options->config);
    if (error)
        fprintf(stderr, "fairlead: cannot record to '%s': %s\n", d->net->record_path,
                error == -ENOKEY ? "a secret could not be blotted out: write it without escapes"
                                 : strerror(-error));
    return !error;
}

static struct daemon *daemon_new(const struct run_options *options)
{
    struct daemon *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->options = options;
    d->net = options->net;
    d->engine = engine_new(options->net);
    d->outbox = outbox_new();
    d->desk = options->net->audit_path[0] ? audit_desk_new() : NULL;
    d->handovers = (struct asker_handovers){-1, -1};
    d->has_terminal = isatty(STDIN_FILENO) != 0;
    service_open(&d->service);
    for (enum event_role role = 0; role < ROLES; role++)
        d->children[role].channel = d->children[role].keeper.orders = -1;
    teller_init(&d->teller, options->net, STDOUT_FILENO, options->json);
    d->teller.journal = options->json ? -1 : journal_open(STDOUT_FILENO);
    return d;
}

static void daemon_free(struct daemon *d)
{
    if (!d)
        return;
    crew_close(d);
    control_close(d->control);
    int error = recorder_close(&d->recorder);
    if (error)
        fprintf(stderr, "fairlead: the recording's end is lost: %s\n", strerror(-error));
    service_close(&d->service);
    if (d->teller.journal >= 0)
        close(d->teller.journal);
    engine_free(d->engine);
    outbox_free(d->outbox);
    audit_desk_free(d->desk);
    free(d);
}

int run_daemon(const struct run_options *options)
{
    int status = 3;
    signal(SIGPIPE, SIG_IGN);
    raise_descriptors();
    // What libraries would read at their first use: not every role may open files.
    json_object_seed(0);
    tzset();
    struct daemon *d = daemon_new(options);
    if (!d || !d->engine || !d->outbox || (options->net->audit_path[0] && !d->desk))
        fprintf(stderr, "fairlead: out of memory\n");
    else if (open_all(d))
        status = run(d);
    daemon_free(d);
    return status;
}
