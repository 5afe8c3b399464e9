// SPDX-License-Identifier: ISC
#include "role/shell.h"

#include "role/channel.h"
#include "role/log.h"
#include "role/loop.h"
#include "role/now.h"
#include "role/secret.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool shell_role_wanted(const struct net *net)
{
    return net->ssh.device_count > 0;
}

// ---- opened with privileges

static const struct net_ssh_vendor *vendor_of(const struct net_ssh *ssh, const char *name)
{
    for (uint32_t i = 0; i < ssh->vendor_count; i++)
        if (strcmp(ssh->vendors[i].name, name) == 0)
            return &ssh->vendors[i];
    return NULL;  // the configuration was checked for it
}

static bool load_patterns(struct shell_role *r, char *why)
{
    const char *directory = r->net->ssh.patterns[0] ? r->net->ssh.patterns : pattern_files_shell();
    char error[PATTERN_FILES_WHY_MAX];
    pattern_watch_begin(&r->watch, directory);
    r->patterns = pattern_files_load(directory, error);
    if (!r->patterns)
        snprintf(why, ROLE_ERROR_MAX, "cannot ask devices: %.*s", ROLE_ERROR_MAX - 32, error);
    return r->patterns != NULL;
}

struct shell_role *shell_role_open(const struct net *net, char *why)
{
    const struct net_ssh *ssh = &net->ssh;
    struct shell_role *r = calloc(1, sizeof *r);
    if (!r || libssh2_init(0) != 0) {
        snprintf(why, ROLE_ERROR_MAX, "cannot ask devices: out of memory");
        free(r);
        return NULL;
    }
    r->net = net;
    for (uint32_t i = 0; i < ssh->device_count; i++)
        r->devices[i] = (struct shell_device){.role = r,
                                              .fd = -1,
                                              .config = &ssh->devices[i],
                                              .vendor = vendor_of(ssh, ssh->devices[i].vendor)};
    const struct secret_file key = {ssh->key_file, "use the secret in", 077};
    const struct secret_file known = {ssh->known_hosts, "know devices by", 0};
    if (secret_read_whole(&key, r->key, sizeof r->key, why) &&
        secret_read_whole(&known, r->known, sizeof r->known, why) && shell_hosts_read(r, why) &&
        load_patterns(r, why))
        return r;
    shell_role_close(r);
    return NULL;
}

void shell_role_close(struct shell_role *r)
{
    if (!r)
        return;
    shell_hosts_done(r);
    syslog_patterns_free(r->patterns);
    explicit_bzero(r->key, sizeof r->key);
    free(r);
}

// ---- notices out

// The device that is lost, or is not any more, where that is not told yet.
static bool next_lost(struct shell_device *d, struct notice *notice)
{
    if (d->is_lost == d->is_lost_told)
        return false;
    d->is_lost_told = d->is_lost;
    *notice = (struct notice){.kind = NOTICE_SSH_LOST,
                              .raised = d->is_lost,
                              .router = net_router_by_name(d->role->net, d->config->name)};
    snprintf(notice->peer, sizeof notice->peer, "%s", d->config->name);
    snprintf(notice->text, sizeof notice->text, "%s", d->is_lost ? d->reason : "it answers again");
    return true;
}

static bool next_notice(struct shell_role *r, struct notice *notice)
{
    for (uint32_t i = 0; i < r->net->ssh.device_count; i++) {
        struct shell_device *d = &r->devices[i];
        if (next_lost(d, notice) || (d->step == SHELL_REST && output_next(&d->output, notice)))
            return true;
    }
    return false;
}

static void stop(struct shell_role *r)
{
    r->channel = -1;
    loop_close_all(&r->loop);
}

static void tell_all(struct shell_role *r)
{
    for (;;) {
        if (!r->has_pending && next_notice(r, &r->pending)) {
            r->pending.since = r->now;
            r->has_pending = true;
        }
        if (!r->has_pending || r->channel < 0)
            return;
        const struct event event = {.kind = EVENT_NOTICE, .at = r->now, .notice = r->pending};
        int error = channel_send_event(r->channel, r->net, &event);
        if (error == -EAGAIN)
            return;
        r->has_pending = false;
        if (error == -EPIPE)
            stop(r);
    }
}

// ---- the loop

// Those that cannot be read change nothing.
static void look_at_patterns(struct shell_role *r)
{
    char why[PATTERN_FILES_WHY_MAX];
    if (!pattern_watch_changed(&r->watch, r->now))
        return;
    struct syslog_patterns *patterns = pattern_files_load(r->watch.directory, why);
    if (!patterns) {
        log_line("event=shell_patterns_refused why='%s'", why);
        return;
    }
    syslog_patterns_free(r->patterns);
    r->patterns = patterns;
    log_line("event=shell_patterns_loaded rules=%u", syslog_patterns_count(patterns));
}

static void on_timer(uv_timer_t *timer)
{
    struct shell_role *r = timer->data;
    r->now = now_mono();
    look_at_patterns(r);
    for (uint32_t i = 0; i < r->net->ssh.device_count; i++)
        shell_turn(&r->devices[i]);
    tell_all(r);
}

// The engine has nothing to order here; what matters is whether it is there.
static void on_channel(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    struct shell_role *r = poll->data;
    if (!channel_is_up(r->channel, r->net))
        stop(r);
}

static void on_terminate(uv_signal_t *handle, int number)
{
    (void)number;
    stop(handle->data);
}

static int start(struct shell_role *r)
{
    int error = uv_timer_init(&r->loop, &r->timer);
    if (!error)
        error = uv_signal_init(&r->loop, &r->terminate);
    if (!error)
        error = uv_signal_start(&r->terminate, on_terminate, SIGTERM);
    if (!error)
        error = uv_poll_init(&r->loop, &r->channel_poll, r->channel);
    r->timer.data = r->terminate.data = r->channel_poll.data = r;
    if (!error)
        error = uv_poll_start(&r->channel_poll, UV_READABLE, on_channel);
    return error ? error : uv_timer_start(&r->timer, on_timer, 0, SHELL_TICK_MS);
}

int shell_role_run(struct shell_role *r, int channel)
{
    signal(SIGINT, SIG_IGN);  // from a terminal it comes to all; the engine tells us when to end
    r->channel = channel;
    int error = uv_loop_init(&r->loop);
    if (!error) {
        error = start(r);
        if (error)
            stop(r);
        uv_run(&r->loop, UV_RUN_DEFAULT);
        uv_loop_close(&r->loop);
    }
    for (uint32_t i = 0; i < r->net->ssh.device_count; i++)
        shell_hang_up(&r->devices[i]);
    if (error)
        fprintf(stderr, "fairlead: cannot ask devices: %s\n", uv_strerror(error));
    return error ? 3 : 0;
}
