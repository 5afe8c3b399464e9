// SPDX-License-Identifier: ISC
// The parent with roles of its own making: what it does when they die, lie, or do not listen.
#include "role/run.h"

#include "base/check.h"
#include "role/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// Roles log here what they live through; everybody inherits it.
#define KILL_PATH "/tmp/fairlead-run-test-kill"

enum { LOG_FD = 100, HANG_MS = 20 * 1000 };

static void log_line(const char *who, const char *what)
{
    char line[128];
    int size = snprintf(line, sizeof line, "%s %s %d\n", who, what, (int)getpid());
    if (write(LOG_FD, line, (size_t)size) != size)
        _exit(99);
}

static void *open_role(const struct net *net, char *why)
{
    (void)net, (void)why;
    return calloc(1, 1);
}

static void *open_refused(const struct net *net, char *why)
{
    (void)net;
    snprintf(why, ROLE_ERROR_MAX, "cannot open a socket: not today");
    return NULL;
}

static bool never_wanted(const struct net *net)
{
    (void)net;
    return false;
}

// Reads orders until the channel ends, as a good role does.
static int live(const char *who, int channel)
{
    static const struct net net;
    log_line(who, "lives");
    for (;;) {
        struct pollfd readable = {.fd = channel, .events = POLLIN};
        struct effect effect;
        char why[96];
        poll(&readable, 1, -1);
        int came = channel_receive_effect(channel, &net, &effect, why);
        if (came == 1 && effect.kind == EFFECT_RELEASE)
            log_line(who, "releases");
        if (came < 0) {
            log_line(who, "leaves");
            return 0;
        }
    }
}

static int live_probe(void *role, int channel)
{
    free(role);
    return live("probe", channel);
}

static int live_route(void *role, int channel)
{
    free(role);
    return live("route", channel);
}

static int live_web(void *role, int channel)
{
    free(role);
    log_line("web", "lives");
    char text[100 * 1024];
    size_t size;
    int came = 0;
    while (came != -EPIPE) {
        struct pollfd readable = {.fd = channel, .events = POLLIN};
        poll(&readable, 1, -1);
        came = channel_receive_text(channel, text, sizeof text, &size);
        if (came == 1 && memmem(text, size, "\"now_ns\"", 8) && memmem(text, size, "\"facts\"", 7))
            log_line("web", "sees");
    }
    return 0;
}

static int end_badly(void *role, int channel)
{
    (void)channel;
    free(role);
    log_line("role", "fails");
    return 7;
}

static int lie(void *role, int channel)
{
    static const struct net net;
    free(role);
    const struct event event = {.kind = EVENT_COMMAND, .command = COMMAND_FREEZE};
    channel_send_event(channel, &net, &event);
    return live("probe", channel);
}

static int babble(void *role, int channel)
{
    free(role);
    channel_send_text(channel, "babble", 6);
    return live("probe", channel);
}

static int hang_store(void *role, int channel)
{
    static const char text[] = "!the disk is full";
    free(role);
    signal(SIGTERM, SIG_IGN);
    channel_send_text(channel, text, sizeof text - 1);
    log_line("store", "lives");
    while (pause() < 0)  // always
        continue;
    return 0;
}

static int hear_nothing(void *role, int channel)
{
    (void)channel;
    free(role);
    signal(SIGTERM, SIG_IGN);
    log_line("route", "lives");
    while (pause() < 0)  // always
        continue;
    return 0;
}

static int close_and_stay(void *role, int channel)
{
    free(role);
    close(channel);
    log_line("route", "lives");
    while (pause() < 0)  // always
        continue;
    return 0;
}

static void say_notice(int channel, enum notice_kind kind)
{
    static const struct net net;
    const struct event event = {
        .kind = EVENT_NOTICE,
        .notice = {kind, true, .router = NET_NOBODY, .text = "heard from ingest"}};
    channel_send_event(channel, &net, &event);
}

static int live_ingest(void *role, int channel)
{
    free(role);
    say_notice(channel, NOTICE_COUNTERS_LOST);
    return live("ingest", channel);
}

static int speak_for_route(void *role, int channel)
{
    free(role);
    say_notice(channel, NOTICE_OWN_WITHDRAWN);
    return live("ingest", channel);
}

#define KIND(role, body)                                                                           \
    {                                                                                              \
        .name = role, .open = open_role, .run = body, .close = free                                \
    }
#define PROBE(body) KIND("probe", body)
#define ROUTE(body) KIND("route", body)
#define WEB(body) KIND("web", body)
#define INGEST(body) KIND("ingest", body)
#define STORE KIND("store", hang_store)
#define NONE(role)                                                                                 \
    {                                                                                              \
        .name = role, .wanted = never_wanted, .open = open_role, .close = free                     \
    }
#define NO_INGEST NONE("ingest")
#define NO_HOOK NONE("hook")
#define NO_WEB NONE("web")

enum trigger { WAIT, TERM, TERM_TWICE, KILL_PROBE, KILL_ROUTE, KILL_WEB, KILL_INGEST, KILL_PARENT };

static const struct {
    const char *name;
    struct role_kind kinds[ROLES];
    const char *after;  // in the log: then the trigger is pulled
    enum trigger trigger;
    int status;  // of the parent
    const char *log, *out, *errors;
} rows[] = {
    {"asked to end: releases, then ends",
     {PROBE(live_probe), ROUTE(live_route), NO_INGEST, NO_HOOK, WEB(live_web)},
     "web sees",
     TERM,
     0,
     "route releases",
     "site test, mode observe",
     ""},
    {"without a page",
     {PROBE(live_probe), ROUTE(live_route), NO_INGEST, NO_HOOK, NO_WEB},
     "route lives",
     TERM,
     0,
     "route leaves",
     "site test",
     ""},
    {"probe is killed",
     {PROBE(live_probe), ROUTE(live_route), NO_INGEST, NO_HOOK, NO_WEB},
     "probe lives",
     KILL_PROBE,
     3,
     "route releases",
     "the probe process is dead: killed by signal 9",
     "fairlead: probe killed by signal 9 (Killed): everything is released and Fairlead stops"},
    {"route is killed",
     {PROBE(live_probe), ROUTE(live_route), NO_INGEST, NO_HOOK, NO_WEB},
     "route lives",
     KILL_ROUTE,
     3,
     "probe leaves",
     "the route process is dead",
     "fairlead: route killed by signal 9"},
    {"probe fails",
     {PROBE(end_badly), ROUTE(live_route), NO_INGEST, NO_HOOK, NO_WEB},
     "route lives",
     WAIT,
     3,
     "route releases",
     "ended with status 7",
     "fairlead: probe ended with status 7"},
    {"the page is killed: lives again",
     {PROBE(live_probe), ROUTE(live_route), NO_INGEST, NO_HOOK, WEB(live_web)},
     "web lives",
     KILL_WEB,
     0,
     "web lives",
     "the web process is alive: started again",
     ""},
    {"the page fails for ever: without it",
     {PROBE(live_probe), ROUTE(live_route), NO_INGEST, NO_HOOK, WEB(end_badly)},
     "role fails",
     TERM,
     0,
     "route releases",
     "",
     ""},
    {"ingest is killed: lives again, and is heard again",
     {PROBE(live_probe), ROUTE(live_route), INGEST(live_ingest), NO_HOOK, NO_WEB},
     "ingest lives",
     KILL_INGEST,
     0,
     "ingest lives",
     "the ingest process is alive: started again",
     ""},
    {"ingest fails for ever: without it",
     {PROBE(live_probe), ROUTE(live_route), INGEST(end_badly), NO_HOOK, NO_WEB},
     "role fails",
     TERM,
     0,
     "route releases",
     "",
     ""},
    {"ingest speaks for route: killed and started again, and no more comes of it",
     {PROBE(live_probe), ROUTE(live_route), INGEST(speak_for_route), NO_HOOK, NO_WEB},
     "ingest lives",
     TERM,
     0,
     "route releases",
     "",
     "fairlead: ingest is killed: it said what it may not"},
    {"probe gives a command",
     {PROBE(lie), ROUTE(live_route), NO_INGEST, NO_HOOK, NO_WEB},
     "route lives",
     WAIT,
     3,
     "route releases",
     "",
     "fairlead: probe is killed: it said what it may not"},
    {"probe says what is no message",
     {PROBE(babble), ROUTE(live_route), NO_INGEST, NO_HOOK, NO_WEB},
     "route lives",
     WAIT,
     3,
     "route releases",
     "",
     "fairlead: probe is killed: it said what it may not: "},
    {"route does not end",
     {PROBE(live_probe), ROUTE(hear_nothing), NO_INGEST, NO_HOOK, NO_WEB},
     "route lives",
     TERM,
     0,
     "probe leaves",
     "",
     "fairlead: route is killed: it did not end in time"},
    {"the store says what is wrong, then hangs: all else goes on, and ends",
     {PROBE(live_probe), ROUTE(live_route), NO_INGEST, NO_HOOK, NO_WEB, [ROLE_STORE] = STORE},
     "store lives",
     TERM,
     0,
     "route releases",
     ": the disk is full",
     "fairlead: store is killed: it did not end in time"},
    {"asked twice: at once",
     {PROBE(live_probe), ROUTE(hear_nothing), NO_INGEST, NO_HOOK, NO_WEB},
     "route lives",
     TERM_TWICE,
     0,
     "probe",
     "",
     "fairlead: route is killed: it did not end in time"},
    {"route closes its channel and stays",
     {PROBE(live_probe), ROUTE(close_and_stay), NO_INGEST, NO_HOOK, NO_WEB},
     "route lives",
     WAIT,
     3,
     "probe leaves",
     "",
     "fairlead: route is killed: it closed its channel and did not end"},
    {"a socket cannot be had",
     {{.name = "probe", .open = open_refused, .run = live_probe, .close = free},
      {.name = "route", .open = open_refused, .run = live_route, .close = free},
      NO_INGEST,
      NO_HOOK,
      NO_WEB},
     "",
     WAIT,
     3,
     "",
     "",
     "fairlead: cannot open a socket: not today\nfairlead: cannot open a socket: not today"},
    // That the streams end shows that nobody is left.
    {"the parent is killed: all leave",
     {PROBE(live_probe), ROUTE(live_route), NO_INGEST, NO_HOOK, WEB(live_web)},
     "web sees",
     KILL_PARENT,
     -SIGKILL,
     "web sees",
     "",
     ""},
};

struct stream {
    int fd;
    size_t size;
    char text[64 * 1024];
};

struct trial {
    pid_t parent;
    struct stream log, out, errors;
};

static void read_stream(struct stream *stream)
{
    ssize_t got =
        read(stream->fd, stream->text + stream->size, sizeof stream->text - 1 - stream->size);
    if (got <= 0) {
        close(stream->fd);
        stream->fd = -1;
        return;
    }
    stream->size += (size_t)got;
    stream->text[stream->size] = '\0';
}

// Reads on until `needle` stands in the log, or, without one, until all streams ended.
static bool read_until(struct trial *t, const char *needle)
{
    struct stream *streams[] = {&t->log, &t->out, &t->errors};
    while (!needle || !strstr(t->log.text, needle)) {
        struct pollfd fds[3];
        bool open = false;
        for (int i = 0; i < 3; i++) {
            fds[i] = (struct pollfd){.fd = streams[i]->fd, .events = POLLIN};
            open |= streams[i]->fd >= 0;
        }
        if (!open)
            return !needle;
        if (poll(fds, 3, HANG_MS) <= 0)
            return false;
        for (int i = 0; i < 3; i++)
            if (fds[i].fd >= 0 && fds[i].revents)
                read_stream(streams[i]);
    }
    return true;
}

static void run_parent(const struct role_kind *kinds, int out, int errors, int log)
{
    static struct net net = {
        .site = "test", .user = "nobody", .kill_path = KILL_PATH, .steer.lease_ns = NS_PER_S};
    dup2(out, STDOUT_FILENO);
    dup2(errors, STDERR_FILENO);
    dup2(log, LOG_FD);
    for (int fd = 3; fd < LOG_FD; fd++)  // so that the streams end with the last of the processes
        close(fd);
    _exit(run_daemon(&(struct run_options){.net = &net, .kinds = kinds}));
}

static struct trial *start(const struct role_kind *kinds)
{
    int log[2], out[2], errors[2];
    struct trial *t = calloc(1, sizeof *t);
    assert_true(t && pipe(log) == 0 && pipe(out) == 0 && pipe(errors) == 0);
    t->parent = fork();
    if (t->parent == 0)
        run_parent(kinds, out[1], errors[1], log[1]);
    close(log[1]);
    close(out[1]);
    close(errors[1]);
    t->log.fd = log[0];
    t->out.fd = out[0];
    t->errors.fd = errors[0];
    return t;
}

// The process that wrote "NAME lives PID" last.
static pid_t pid_of(const struct trial *t, const char *name)
{
    char needle[32];
    pid_t pid = 0;
    snprintf(needle, sizeof needle, "%s lives ", name);
    for (const char *at = t->log.text; (at = strstr(at, needle)); at++)
        pid = (pid_t)strtol(at + strlen(needle), NULL, 10);
    assert_true(pid > 1);
    return pid;
}

// Until it lives again.
static bool kill_and_wait(struct trial *t, const char *name)
{
    char needle[32];
    if (kill(pid_of(t, name), SIGKILL) != 0)
        return false;
    t->log.text[0] = '\0';
    t->log.size = 0;
    snprintf(needle, sizeof needle, "%s lives", name);
    return read_until(t, needle);
}

static bool pull(struct trial *t, enum trigger trigger)
{
    switch (trigger) {
    case WAIT:
        return true;
    case TERM:
        return kill(t->parent, SIGTERM) == 0;
    case TERM_TWICE:
        return kill(t->parent, SIGTERM) == 0 && read_until(t, "probe leaves") &&
               kill(t->parent, SIGINT) == 0;
    case KILL_PROBE:
        return kill(pid_of(t, "probe"), SIGKILL) == 0;
    case KILL_ROUTE:
        return kill(pid_of(t, "route"), SIGKILL) == 0;
    case KILL_PARENT:
        return kill(t->parent, SIGKILL) == 0;
    case KILL_WEB:
        return kill_and_wait(t, "web") && kill(t->parent, SIGTERM) == 0;
    case KILL_INGEST:
        return kill_and_wait(t, "ingest") && kill(t->parent, SIGTERM) == 0;
    }
    return false;
}

static int status_of(pid_t pid)
{
    int status;
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void holds_the_roles_together(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct trial *t = start(rows[i].kinds);
        CHECK_ROW(rows[i].name, read_until(t, rows[i].after));
        CHECK_ROW(rows[i].name, pull(t, rows[i].trigger));
        CHECK_ROW(rows[i].name, read_until(t, NULL));
        int status = status_of(t->parent);
        if (status != rows[i].status || !strstr(t->log.text, rows[i].log) ||
            !strstr(t->out.text, rows[i].out) || !strstr(t->errors.text, rows[i].errors) ||
            (!rows[i].errors[0] && t->errors.size > 0))
            fail_msg("row '%s': status %d, log:\n%sout:\n%serrors:\n%s", rows[i].name, status,
                     t->log.text, t->out.text, t->errors.text);
        free(t);
    }
}

static void gives_up_on_a_page_that_fails_for_ever(void **state)
{
    (void)state;
    static const struct role_kind kinds[ROLES] = {PROBE(live_probe), ROUTE(live_route), NO_INGEST,
                                                  NO_HOOK, WEB(end_badly)};
    struct trial *t = start(kinds);
    while (!strstr(t->out.text, "going on without"))
        assert_true(read_until(t, "no such line") || t->out.fd >= 0);
    assert_int_equal(kill(t->parent, SIGTERM), 0);
    assert_true(read_until(t, NULL));
    assert_int_equal(status_of(t->parent), 0);
    free(t);
}

static void hears_what_was_started_again(void **state)
{
    (void)state;
    static const struct role_kind kinds[ROLES] = {PROBE(live_probe), ROUTE(live_route),
                                                  INGEST(live_ingest), NO_HOOK, NO_WEB};
    struct trial *t = start(kinds);
    assert_true(read_until(t, "ingest lives") && kill_and_wait(t, "ingest"));
    assert_true(kill_and_wait(t, "ingest"));
    assert_int_equal(kill(t->parent, SIGTERM), 0);
    assert_true(read_until(t, NULL));
    int heard = 0;
    for (const char *at = t->out.text; (at = strstr(at, ": heard from ingest")); at++)
        heard++;
    assert_int_equal(heard, 3);
    assert_int_equal(status_of(t->parent), 0);
    free(t);
}

// The parent sees the kill file by itself and has the engine let everything go; it goes on living.
static void releases_when_the_kill_file_stands(void **state)
{
    (void)state;
    static const struct role_kind kinds[ROLES] = {PROBE(live_probe), ROUTE(live_route), NO_INGEST,
                                                  NO_HOOK, NO_WEB};
    struct trial *t = start(kinds);
    assert_true(read_until(t, "route lives"));
    close(open(KILL_PATH, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    assert_true(read_until(t, "route releases"));
    unlink(KILL_PATH);
    assert_null(strstr(t->log.text, "leaves"));
    assert_int_equal(kill(t->parent, SIGTERM), 0);
    assert_true(read_until(t, NULL));
    assert_non_null(strstr(t->out.text, "stands: all is withdrawn, nothing moves"));
    assert_int_equal(status_of(t->parent), 0);
    free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_the_roles_together),
        cmocka_unit_test(hears_what_was_started_again),
        cmocka_unit_test(releases_when_the_kill_file_stands),
        cmocka_unit_test(gives_up_on_a_page_that_fails_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
