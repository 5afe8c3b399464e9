// SPDX-License-Identifier: ISC
#include "engine/message.h"
#include "role/channel.h"
#include "role/daemon.h"
#include "role/filter.h"
#include "role/renew.h"
#include "role/web_asked.h"
#include "role/web_tell.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    QUESTIONS_PER_TURN_MAX = 4,
    EVENTS_PER_TURN_MAX = 512,  // of one role: a full table must not delay the other roles' events
    ABANDON_MS = 500,           // a killed role that writes a disk ends within, or hangs there
    SILENT_END_MS = 1000,       // a role whose channel closed has this long to end
    MUTE_MS = 180 * 1000,       // beyond the longest timeout_s of a channel
};

// The parent's own: the recording, the control socket, zones and the kill file are files; it reaps.
enum { ENGINE_PROMISES = FILTER_STDIO | FILTER_WRITE | FILTER_CHILDREN };

// Who may say what: a role that is taken over must not speak for another. The page has no say: it
// hands people's questions on.
static const bool may_say[ROLES][EVENT_KINDS] = {
    [ROLE_PROBE] = {[EVENT_NOTICE] = true,
                    [EVENT_TALLY] = true,
                    [EVENT_SIGNAL] = true,
                    [EVENT_FAULT] = true,
                    [EVENT_RATE] = true,
                    [EVENT_FLOW] = true},
    [ROLE_ROUTE] = {[EVENT_SESSION] = true,
                    [EVENT_ROUTE] = true,
                    [EVENT_OVERRIDE] = true,
                    [EVENT_NOTICE] = true,
                    [EVENT_ORIGIN] = true},
    [ROLE_INGEST] = {[EVENT_NOTICE] = true,
                     [EVENT_USE] = true,
                     [EVENT_DEMAND] = true,
                     [EVENT_CHANGE] = true,
                     [EVENT_ODD] = true},
    [ROLE_HOOK] =
        {[EVENT_HOOK] = true, [EVENT_HEALTH] = true, [EVENT_NOTICE] = true, [EVENT_CHANGE] = true},
    [ROLE_NOTIFY] = {[EVENT_DELIVERY] = true},
    [ROLE_SHELL] = {[EVENT_NOTICE] = true},
};

static bool may_say_it(enum event_role role, const struct event *event)
{
    static const enum event_role speakers[] = {
        [NOTICE_BY_ROUTE] = ROLE_ROUTE,   [NOTICE_BY_PROBE] = ROLE_PROBE,
        [NOTICE_BY_INGEST] = ROLE_INGEST, [NOTICE_BY_HOOK] = ROLE_HOOK,
        [NOTICE_BY_SHELL] = ROLE_SHELL,   [NOTICE_BY_ENGINE] = ROLES};
    return may_say[role][event->kind] &&
           (event->kind != EVENT_NOTICE || speakers[notice_origin(&event->notice)] == role);
}

void crew_kill(struct daemon *d, enum event_role role, const char *why)
{
    struct child *child = &d->children[role];
    if (child->pid == 0 || child->killed)
        return;
    child->killed = true;
    child->killed_at = d->now.mono;
    fprintf(stderr, "fairlead: %s is killed: %s\n", d->options->kinds[role].name, why);
    keeper_kill_role(&child->keeper);
}

static void close_channel(struct daemon *d, struct child *child)
{
    if (child->watched)
        uv_close((uv_handle_t *)&child->poll, NULL);
    child->watched = false;
    if (child->channel >= 0)
        close(child->channel);
    child->channel = -1;
    child->closed_at = d->now.mono;
}

// True when more may wait.
static bool hear_role(struct daemon *d, enum event_role role)
{
    struct child *child = &d->children[role];
    for (int i = 0; i < EVENTS_PER_TURN_MAX; i++) {
        struct event event;
        char why[MESSAGE_WHY_MAX] = "";
        int came =
            child->channel < 0 ? 0 : channel_receive_event(child->channel, d->net, &event, why);
        if (came == 0)
            return false;
        if (came == 1 && may_say_it(role, &event)) {
            if (event.kind == EVENT_DELIVERY)
                d->pages_owed = false;
            daemon_feed(d, &event);
            continue;
        }
        char said[160];
        snprintf(said, sizeof said, "it said what it may not%s%s", why[0] ? ": " : "", why);
        if (came != -EPIPE)
            crew_kill(d, role, said);
        close_channel(d, child);
    }
    return true;
}

static void hear_web(struct daemon *d)
{
    struct child *web = &d->children[ROLE_WEB];
    int came = 1;
    for (int i = 0; came == 1 && i < QUESTIONS_PER_TURN_MAX; i++)
        came = web->channel < 0 ? 0 : web_asked_take(d, web->channel);
    if (came >= 0)
        return;
    if (came == -EBADMSG)
        crew_kill(d, ROLE_WEB, "it said what it may not");
    close_channel(d, web);
}

void crew_hear(struct daemon *d)
{
    hear_web(d);
    for (enum event_role role = 0; role < ROLES; role++)
        if (role_says_events(role))
            (void)hear_role(d, role);
}

void crew_tell(struct daemon *d, enum event_role role, enum event_role_state state,
               const char *reason)
{
    struct event event = {.kind = EVENT_ROLE, .at = d->now.mono};
    event.role = (struct event_role_change){.role = role, .state = state};
    snprintf(event.role.reason, sizeof event.role.reason, "%s", reason);
    daemon_feed(d, &event);
}

void crew_tell_alive(struct daemon *d)
{
    for (enum event_role role = 0; role < ROLES; role++)
        if (d->children[role].pid > 0)
            crew_tell(d, role, ROLE_ALIVE, "");
}

// Forks the role's keeper, while we can.
static int open_keeper(struct daemon *d, enum event_role role)
{
    enum { OTHERS = 4, CONTROLS = 2 * ASKERS_MAX + 1 };
    int inherited[2 * ROLES + OTHERS + CONTROLS];
    uint32_t count = 0;
    for (int i = 0; i < ROLES; i++) {
        inherited[count++] = d->children[i].channel;
        inherited[count++] = d->children[i].keeper.orders;
    }
    inherited[count++] = d->recorder.file ? fileno(d->recorder.file) : -1;
    inherited[count++] = d->handovers.route;
    inherited[count++] = d->handovers.store;
    inherited[count++] = d->service.fd;
    count += askers_descriptors(&d->web_askers, inherited + count, ASKERS_MAX);
    if (d->control)
        count += control_descriptors(d->control, inherited + count, ASKERS_MAX + 1);
    const struct spawn spawn = {.kinds = d->options->kinds,
                                .roles = d->roles,
                                .role = role,
                                .role_count = ROLES,
                                .inherited = inherited,
                                .inherited_count = count,
                                .user = d->users[role],
                                .once = !role_may_die(role),
                                .net = d->net};
    return keeper_open(&d->children[role].keeper, &spawn);
}

static int start_role(struct daemon *d, enum event_role role)
{
    struct child *child = &d->children[role];
    pid_t pid = keeper_start_role(&child->keeper, &child->channel);
    if (pid < 0)
        return (int)pid;
    child->pid = pid;
    child->killed = false;
    return 0;
}

static int watch_role(struct daemon *d, enum event_role role);

static void start_again(struct daemon *d, enum event_role role)
{
    struct child *child = &d->children[role];
    const char *name = d->options->kinds[role].name;
    struct mono *oldest = &child->starts[child->start_count++ % RESTARTS_MAX];
    if (child->start_count > RESTARTS_MAX &&
        mono_since_ns(d->now.mono, *oldest) < 60ll * NS_PER_S) {
        teller_say(&d->teller, d->now,
                   "the %s process ended %d times in a minute: going on without", name,
                   RESTARTS_MAX + 1);
        return;
    }
    *oldest = d->now.mono;
    int error = start_role(d, role);
    if (!error)
        error = watch_role(d, role);
    if (error)
        teller_say(&d->teller, d->now, "the %s process cannot start again: %s", name,
                   strerror(-error));
    else if (role == ROLE_AUDIT)
        audit_desk_restart(d->desk);  // it lives when it has written
    else
        crew_tell(d, role, ROLE_ALIVE, "started again");
    if (!error)
        renew_for(d, role);
}

// In a later turn than that which closed its channel: libuv lets go of the handle in between.
void crew_restart(struct daemon *d)
{
    for (enum event_role role = 0; role < ROLES; role++) {
        bool again = d->children[role].again && d->phase == DAEMON_RUNNING;
        d->children[role].again = false;
        if (again)
            start_again(d, role);
    }
}

static void role_ended(struct daemon *d, enum event_role role, int status)
{
    char reason[96];
    while (role_says_events(role) && hear_role(d, role))  // its last words
        continue;
    close_channel(d, &d->children[role]);
    d->children[role].pid = 0;
    d->pages_owed &= role != ROLE_NOTIFY;  // nor does the next one owe them
    if (d->phase == DAEMON_STOPPING)
        return;
    if (WIFSIGNALED(status))
        snprintf(reason, sizeof reason, "killed by signal %d (%s)", WTERMSIG(status),
                 WTERMSIG(status) == SIGSYS ? "it asked the kernel for what it may not"
                                            : strsignal(WTERMSIG(status)));
    else
        snprintf(reason, sizeof reason, "ended with status %d", WEXITSTATUS(status));
    crew_tell(d, role, ROLE_DEAD, reason);
    if (role_may_die(role)) {
        d->children[role].again = true;
        return;
    }
    fprintf(stderr, "fairlead: %s %s: everything is released and Fairlead stops\n",
            d->options->kinds[role].name, reason);
    daemon_stop(d, 3);
}

// Also what hooks left behind, when their process died: they are ours then.
void crew_reap(struct daemon *d)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        for (enum event_role role = 0; role < ROLES; role++)
            if (d->children[role].pid == pid)
                role_ended(d, role, status);
}

void crew_end_the_silent(struct daemon *d)
{
    for (enum event_role role = 0; role < ROLES; role++) {
        struct child *child = &d->children[role];
        if (child->pid > 0 && child->channel < 0 &&
            mono_since_ns(d->now.mono, child->closed_at) > (int64_t)SILENT_END_MS * NS_PER_MS)
            crew_kill(d, role, "it closed its channel and did not end");
    }
}

static bool writes_disk(enum event_role role)
{
    return role == ROLE_AUDIT || role == ROLE_STORE;
}

// One that the kernel cannot end, because its disk does not answer, is left to the kernel.
bool crew_role_is_alive(const struct daemon *d, enum event_role role)
{
    const struct child *child = &d->children[role];
    return child->pid > 0 &&
           !(writes_disk(role) && child->killed &&
             mono_since_ns(d->now.mono, child->killed_at) > ABANDON_MS * NS_PER_MS);
}

bool crew_is_alive(const struct daemon *d)
{
    bool alive = false;
    for (enum event_role role = 0; role < ROLES; role++)
        alive |= role != ROLE_AUDIT && crew_role_is_alive(d, role);
    return alive;
}

void crew_shut_channels(struct daemon *d)
{
    for (enum event_role role = 0; role < ROLES; role++)
        if (d->children[role].channel >= 0 && role != ROLE_AUDIT)
            shutdown(d->children[role].channel, SHUT_WR);
}

// One that hangs would hold every page, or every act, and the return of what was moved.
void crew_end_the_mute(struct daemon *d)
{
    if (d->desk && audit_desk_is_mute(d->desk, d->now.mono))
        crew_kill(d, ROLE_AUDIT, "it answers nothing");
    if (d->pages_owed &&
        mono_since_ns(d->now.mono, d->pages_owed_since) > (int64_t)MUTE_MS * NS_PER_MS)
        crew_kill(d, ROLE_NOTIFY, "it says nothing of a page");
    d->pages_owed &= d->children[ROLE_NOTIFY].channel >= 0;
}

static bool is_wanted(const struct daemon *d, enum event_role role)
{
    const struct role_kind *kind = &d->options->kinds[role];
    return kind->open && (!kind->wanted || kind->wanted(d->net));
}

static bool find_users(struct daemon *d, char *why)
{
    bool good = spawn_user_find(d->net->user, false, &d->user, why);
    for (enum event_role role = 0; good && role < ROLES; role++) {
        const struct role_kind *kind = &d->options->kinds[role];
        if (is_wanted(d, role))
            good = spawn_user_of(d->net, kind->name, kind->forks == SPAWN_FORKS_HOOKS,
                                 &d->users[role], why);
    }
    return good;
}

bool crew_open(struct daemon *d)
{
    const struct run_options *o = d->options;
    char why[ROLE_ERROR_MAX];
    bool good = find_users(d, why);
    if (!good)
        fprintf(stderr, "fairlead: %s\n", why);
    for (enum event_role role = 0; role < ROLES; role++) {
        if (!is_wanted(d, role))
            continue;
        d->roles[role] = o->kinds[role].open(d->net, why);
        if (!d->roles[role]) {
            fprintf(stderr, "fairlead: %s\n", why);
            good = false;
        }
    }
    if (good) {  // a convenience: without it everything else goes on
        d->control = control_open(d->net, &d->user, why);
        if (why[0])
            fprintf(stderr, "fairlead: %s\n", why);
    }
    return good;
}

static void close_role(struct daemon *d, enum event_role role)
{
    if (d->roles[role])
        d->options->kinds[role].close(d->roles[role]);
    d->roles[role] = NULL;
}

static int take_handover(struct daemon *d, enum event_role role)
{
    int (*take)(void *) = d->options->kinds[role].take_handover;
    return take && d->roles[role] ? take(d->roles[role]) : -1;
}

static int fork_role(struct daemon *d, enum event_role role)
{
    int error = d->roles[role] ? open_keeper(d, role) : 0;
    return error || !d->roles[role] ? error : start_role(d, role);
}

// Of their sockets the parent keeps none.
int crew_fork(struct daemon *d)
{
    int error = prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 ? -errno : 0;
    for (enum event_role role = 0; !error && role < ROLES; role++)
        error = fork_role(d, role);
    if (error)
        return error;
    d->handovers.route = take_handover(d, ROLE_ROUTE);
    d->handovers.store = take_handover(d, ROLE_STORE);
    for (enum event_role role = 0; role < ROLES; role++)
        close_role(d, role);
    spawn_go_first();  // the engine: the leases are its to renew
    error = spawn_drop(&d->user);
    return error ? error : filter_apply(ENGINE_PROMISES);
}

static int watch_role(struct daemon *d, enum event_role role)
{
    struct child *child = &d->children[role];
    if (child->channel < 0)
        return 0;  // it is not wanted
    int error = uv_poll_init(&d->loop, &child->poll, child->channel);
    if (error)
        return error;
    child->watched = true;
    child->poll.data = d;
    return uv_poll_start(&child->poll, UV_READABLE, daemon_on_readable);
}

int crew_watch(struct daemon *d)
{
    int error = 0;
    for (enum event_role role = 0; !error && role < ROLES; role++)
        error = watch_role(d, role);
    return error;
}

void crew_close(struct daemon *d)
{
    for (enum event_role role = 0; role < ROLES; role++) {
        struct child *child = &d->children[role];
        if (child->pid > 0) {  // only after a failed start, or abandoned
            keeper_kill_role(&child->keeper);
            waitpid(child->pid, NULL, writes_disk(role) ? WNOHANG : 0);
            child->pid = 0;
        }
        close_channel(d, child);
        keeper_close(&child->keeper);
        close_role(d, role);
    }
    if (d->handovers.route >= 0)
        close(d->handovers.route);
    if (d->handovers.store >= 0)
        close(d->handovers.store);
    d->handovers = (struct asker_handovers){-1, -1};
}
