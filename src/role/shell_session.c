// SPDX-License-Identifier: ISC
// One device: connected, known by its key, told who we are, and then a channel for each command, on
// a session that stays. Some (IOS) end the session with the command: then there is a new one for
// the next, and nothing is wrong. Where one that has served ends within a command, as when somebody
// clears it or the device fails over, the look begins anew, once. Whatever else fails ends the
// session; the facts stay as they are, and the next look begins anew.
#include "role/shell.h"

#include "base/escape.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// The step after it, this one again later, `reason`; the device ended the session, `reason`.
enum verdict { GO, WAIT, FAILED, ENDED };

static struct output_of output_of(const struct shell_device *d)
{
    return (struct output_of){.net = d->role->net,
                              .patterns = d->role->patterns,
                              .device = d->config->name,
                              .vendor = d->vendor->name};
}

// Its sockets answer no more, so that the library does not wait for anything when it lets go.
void shell_hang_up(struct shell_device *d)
{
    if (d->fd >= 0)
        shutdown(d->fd, SHUT_RDWR);
    if (d->channel)
        libssh2_channel_free(d->channel);
    if (d->session)
        libssh2_session_free(d->session);
    if (d->fd >= 0)
        close(d->fd);
    d->channel = NULL;
    d->session = NULL;
    d->fd = -1;
    d->served = 0;
}

// What the other side wrote may be in it.
static enum verdict fail(struct shell_device *d, const char *what, const char *reason)
{
    char text[2 * SHELL_REASON_MAX];
    int used = snprintf(text, sizeof text, "%s%s%s", what, what[0] ? ": " : "", reason);
    escape_text(text, used < (int)sizeof text ? (size_t)used : sizeof text - 1, d->reason,
                sizeof d->reason);
    return FAILED;
}

static bool is_end(int result)
{
    return result == LIBSSH2_ERROR_SOCKET_NONE || result == LIBSSH2_ERROR_SOCKET_SEND ||
           result == LIBSSH2_ERROR_SOCKET_RECV || result == LIBSSH2_ERROR_SOCKET_DISCONNECT;
}

static enum verdict of_library(struct shell_device *d, int result, const char *what)
{
    char *text = NULL;
    if (result == 0 || result == LIBSSH2_ERROR_EAGAIN)
        return result == 0 ? GO : WAIT;
    libssh2_session_last_error(d->session, &text, NULL, 0);
    fail(d, what, text && text[0] ? text : "it ended the session");
    return is_end(result) ? ENDED : FAILED;
}

static void begin(struct shell_device *d, enum shell_step step)
{
    d->step = step;
    d->give_up_at = mono_add_ns(d->role->now, d->role->net->ssh.timeout_ns);
}

// ---- steps

static enum verdict dial(struct shell_device *d)
{
    char methods[128];
    union endpoint endpoint = endpoint_of(d->config->address, d->config->port);
    if (!shell_hosts_methods(d->role, d->config, methods, sizeof methods))
        return fail(d, "", "ssh.known_hosts has no key of it");
    d->fd = socket(endpoint.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (d->fd < 0 ||
        (connect(d->fd, &endpoint.any, endpoint_size(&endpoint)) < 0 && errno != EINPROGRESS))
        return fail(d, "cannot connect", strerror(errno));
    d->session = libssh2_session_init();
    if (!d->session)
        return fail(d, "cannot connect", "out of memory");
    libssh2_session_set_blocking(d->session, 0);
    return of_library(d, libssh2_session_method_pref(d->session, LIBSSH2_METHOD_HOSTKEY, methods),
                      "its key");
}

static enum verdict rest(struct shell_device *d)
{
    if (!mono_reached(d->role->now, d->ask_at))
        return WAIT;
    d->ask_at = mono_add_ns(d->role->now, d->role->net->ssh.interval_ns);
    d->command = 0;
    d->is_anew = false;
    output_begin(&d->output);
    begin(d, d->session ? SHELL_OPEN : SHELL_CONNECT);
    return d->session ? GO : dial(d);
}

static enum verdict await_connection(struct shell_device *d)
{
    struct pollfd writable = {.fd = d->fd, .events = POLLOUT};
    int error = 0;
    socklen_t size = sizeof error;
    if (poll(&writable, 1, 0) <= 0)
        return WAIT;
    if (getsockopt(d->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 || error)
        return fail(d, "cannot connect", strerror(error));
    d->step = SHELL_HANDSHAKE;
    return GO;
}

static enum verdict shake_hands(struct shell_device *d)
{
    const char *why;
    enum verdict verdict =
        of_library(d, libssh2_session_handshake(d->session, d->fd), "no session of SSH");
    if (verdict != GO)
        return verdict;
    if (!shell_hosts_know(d->role, d->config, d->session, &why))
        return fail(d, "", why);
    d->step = SHELL_LOGIN;
    return GO;
}

static enum verdict log_in(struct shell_device *d)
{
    const struct shell_role *r = d->role;
    enum verdict verdict = of_library(d,
                                      libssh2_userauth_publickey_frommemory(
                                          d->session, r->net->ssh.user, strlen(r->net->ssh.user),
                                          NULL, 0, r->key, strlen(r->key), NULL),
                                      "it does not let us in");
    if (verdict == GO)
        begin(d, SHELL_OPEN);
    return verdict;
}

static enum verdict open_channel(struct shell_device *d)
{
    d->channel = libssh2_channel_open_session(d->session);
    if (d->channel) {
        d->step = SHELL_RUN;
        return GO;
    }
    enum verdict verdict =
        of_library(d, libssh2_session_last_errno(d->session), "it opens no channel");
    if (verdict == WAIT || d->served == 0)
        return verdict;
    shell_hang_up(d);  // it ended the session after a command that it did run
    begin(d, SHELL_CONNECT);
    return dial(d);
}

static enum verdict run(struct shell_device *d)
{
    const char *command = d->vendor->commands.items[d->command];
    enum verdict verdict = of_library(d, libssh2_channel_exec(d->channel, command), command);
    if (verdict != GO)
        return verdict;
    libssh2_channel_handle_extended_data2(d->channel, LIBSSH2_CHANNEL_EXTENDED_DATA_IGNORE);
    d->step = SHELL_READ;
    return GO;
}

static enum verdict read_output(struct shell_device *d)
{
    const char *command = d->vendor->commands.items[d->command];
    const struct output_of of = output_of(d);
    char bytes[4096];
    for (size_t done = 0; done < SHELL_READ_MAX;) {
        ssize_t size = libssh2_channel_read(d->channel, bytes, sizeof bytes);
        if (size < 0)
            return of_library(d, (int)size, command);
        if (size == 0 && !libssh2_channel_eof(d->channel))
            return WAIT;
        if (size == 0) {
            output_end_command(&d->output, &of);
            d->step = SHELL_CLOSE;
            return GO;
        }
        if (!output_take(&d->output, &of, bytes, (size_t)size))
            return fail(d, command, "it prints more than 1 MiB");
        done += (size_t)size;
    }
    return WAIT;
}

// A command that failed did not print all that there is.
static enum verdict close_channel(struct shell_device *d)
{
    const char *command = d->vendor->commands.items[d->command];
    enum verdict verdict = of_library(d, libssh2_channel_close(d->channel), command);
    char text[64];
    if (verdict == WAIT)
        return WAIT;
    int status = libssh2_channel_get_exit_status(d->channel);
    libssh2_channel_free(d->channel);
    d->channel = NULL;
    snprintf(text, sizeof text, "it ends with status %d", status);
    if (status != 0)
        return fail(d, command, text);
    d->served++;
    d->command++;
    begin(d, SHELL_OPEN);
    if (d->command < d->vendor->commands.count)
        return GO;
    output_end(&d->output, true);
    d->is_lost = false;
    d->step = SHELL_REST;
    return WAIT;  // what came of it is told before the next look, be that overdue
}

static enum verdict (*const steps[SHELL_STEPS])(struct shell_device *) = {
    [SHELL_REST] = rest,        [SHELL_CONNECT] = await_connection, [SHELL_HANDSHAKE] = shake_hands,
    [SHELL_LOGIN] = log_in,     [SHELL_OPEN] = open_channel,        [SHELL_RUN] = run,
    [SHELL_READ] = read_output, [SHELL_CLOSE] = close_channel,
};

// All that this look has seen is seen once more. A device that does so again and again is lost.
static enum verdict begin_anew(struct shell_device *d)
{
    if (d->served == 0 || d->is_anew)
        return FAILED;
    shell_hang_up(d);
    d->is_anew = true;
    d->command = 0;
    output_begin(&d->output);
    begin(d, SHELL_CONNECT);
    return dial(d);
}

void shell_turn(struct shell_device *d)
{
    enum verdict verdict = GO;
    for (int i = 0; verdict == GO && i < SHELL_STEPS_PER_TURN_MAX; i++) {
        verdict = steps[d->step](d);
        if (verdict == ENDED)
            verdict = begin_anew(d);
    }
    if (verdict == WAIT && d->step != SHELL_REST && mono_reached(d->role->now, d->give_up_at))
        verdict = fail(d, d->step >= SHELL_RUN ? d->vendor->commands.items[d->command] : "",
                       "no answer in time");
    if (verdict == GO || verdict == WAIT)
        return;
    output_end(&d->output, false);
    d->is_lost = true;
    shell_hang_up(d);
    d->step = SHELL_REST;
}
