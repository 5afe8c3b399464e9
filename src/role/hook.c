// SPDX-License-Identifier: ISC
#include "role/hook.h"

#include "engine/message.h"
#include "net/object.h"
#include "role/channel.h"
#include "role/log.h"
#include "role/now.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    TURN_MS_MAX = 1000,
    FLOOD_MS = 10,           // a program that floods us is read so often: 6 MB a second
    STOP_MS = 700,           // for all to end by, when we are told to
    ENDS_PER_TURN_MAX = 64,  // of programs and what they left behind
};

const char hook_path_word[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

uint32_t hook_program_count(const struct hook_role *r)
{
    return r->net->hook_count + r->net->announce_count + r->net->changes.git_count;
}

struct program *hook_program(struct hook_role *r, uint32_t i)
{
    uint32_t hooks = r->net->hook_count, checks = r->net->announce_count;
    if (i < hooks)
        return &r->slots[i].program;
    return i < hooks + checks ? &r->checks[i - hooks].program
                              : &r->gits[i - hooks - checks].program;
}

static void tell(struct hook_role *r, const struct effect_hook *order, enum event_hook_state state,
                 const char *reason)
{
    struct event event = {.kind = EVENT_HOOK, .at = r->now};
    event.hook = (struct event_hook){order->hook, order->number, order->undo, state, ""};
    snprintf(event.hook.reason, sizeof event.hook.reason, "%s", reason);
    // The engine reads on every turn: one that does not has no use for this, and its own limit.
    if (channel_send_event(r->channel, r->net, &event) == -EPIPE)
        r->is_stopping = true;
}

static void log_end(const struct hook_role *r, const struct hook_slot *slot, const char *result,
                    const char *reason)
{
    log_line("event=hook_end name=%s action=%s number=%u result=%s ms=%" PRId64
             " output_bytes=%" PRIu64 " reason='%s'",
             r->net->hooks[slot->order.hook].name, slot->order.undo ? "undo" : "do",
             slot->order.number, result,
             mono_since_ns(r->now, slot->program.started_at) / NS_PER_MS, slot->program.written,
             reason);
}

// ---- running

static uint32_t running(const struct hook_role *r)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < r->net->hook_count; i++)
        count += r->slots[i].program.pid > 0;
    return count;
}

static void start(struct hook_role *r, struct hook_slot *slot)
{
    char object[NET_OBJECT_TEXT_MAX], words[5][32 + NET_OBJECT_TEXT_MAX];
    const struct effect_hook *order = &slot->order;
    const struct net_hook *hook = &r->net->hooks[order->hook];
    snprintf(words[0], sizeof words[0], "FAIRLEAD_OBJECT=%s",
             net_object_format(r->net, hook->object, object));
    snprintf(words[1], sizeof words[1], "FAIRLEAD_INCIDENT=%u", order->number);
    snprintf(words[2], sizeof words[2], "FAIRLEAD_ACTION=%s", order->undo ? "undo" : "do");
    snprintf(words[3], sizeof words[3], "FAIRLEAD_HOOK=%s", hook->name);
    snprintf(words[4], sizeof words[4], "FAIRLEAD_SITE=%s", r->net->site);
    const struct program_order run = {
        .path = hook->program,
        .arguments = order->undo ? &hook->undo_arguments : &hook->arguments,
        .environment = {hook_path_word, words[0], words[1], words[2], words[3], words[4]},
        .timeout_ns = hook->timeout_ns,
    };
    int error = program_start(&slot->program, &run, r->now);
    tell(r, order, error ? HOOK_FAILED : HOOK_STARTED, error ? strerror(-error) : "");
}

// A new order for one that runs ends that run when it is the other way round: what it would still
// do is not wanted any more.
static void take_order(struct hook_role *r, const struct effect_hook *order)
{
    struct hook_slot *slot = &r->slots[order->hook];
    if (slot->program.pid > 0 && order->undo != slot->order.undo)
        program_end_it(&slot->program, r->now);
    else if (slot->program.pid > 0 && order->number == slot->order.number)
        return;
    if (slot->has_next)
        tell(r, &slot->next, HOOK_FAILED, "another order came before it ran");
    slot->next = *order;
    slot->has_next = true;
}

static void start_what_waits(struct hook_role *r)
{
    for (uint32_t i = 0; i < r->net->hook_count && running(r) < HOOK_PROGRAMS_MAX; i++) {
        struct hook_slot *slot = &r->slots[i];
        if (!slot->has_next || slot->program.pid > 0)
            continue;
        slot->has_next = false;
        slot->order = slot->next;
        start(r, slot);
    }
}

// ---- ends

// The program with this number, of hook_program(); -1: none.
static int whose(struct hook_role *r, pid_t pid)
{
    for (uint32_t i = 0; i < hook_program_count(r); i++)
        if (hook_program(r, i)->pid > 0 && hook_program(r, i)->pid == pid)
            return (int)i;
    return -1;
}

uint32_t hook_kill_strays(struct hook_role *r)
{
    char path[64];
    int child, count = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    FILE *children = fopen(path, "re");
    while (children && fscanf(children, "%d", &child) == 1)
        // One that was just started may not have its own session yet.
        if (whose(r, getsid(child)) < 0 && whose(r, child) < 0)
            count += kill(child, SIGKILL) == 0;
    if (children)
        fclose(children);
    return (uint32_t)count;
}

static void run_ended(struct hook_role *r, struct hook_slot *slot)
{
    static const struct {
        enum event_hook_state state;
        const char *word;
    } results[] = {[PROGRAM_WELL] = {HOOK_DONE, "done"},
                   [PROGRAM_BADLY] = {HOOK_FAILED, "failed"},
                   [PROGRAM_TOO_LATE] = {HOOK_TIMED_OUT, "timed_out"}};
    char reason[PROGRAM_REASON_MAX];
    enum program_end end = program_reap(&slot->program, reason);
    log_end(r, slot, results[end].word, reason);
    tell(r, &slot->order, results[end].state, reason);
}

static void program_ended(struct hook_role *r, uint32_t i)
{
    uint32_t hooks = r->net->hook_count, checks = r->net->announce_count;
    if (i < hooks)
        run_ended(r, &r->slots[i]);
    else if (i < hooks + checks)
        hook_health_ended(r, &r->checks[i - hooks]);
    else
        hook_git_ended(r, &r->gits[i - hooks - checks]);
}

// Looks who ended before anything is reaped: what was found of a program by its number is its own.
static void hear_ends(struct hook_role *r)
{
    for (int i = 0; i < ENDS_PER_TURN_MAX; i++) {
        siginfo_t ended = {0};
        if (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) < 0 || ended.si_pid == 0)
            return;
        int program = whose(r, ended.si_pid);
        if (program < 0)
            waitpid(ended.si_pid, NULL, 0);
        else
            program_ended(r, (uint32_t)program);
        hook_kill_strays(r);
    }
}

// ---- the loop

static void hear_engine(struct hook_role *r)
{
    for (;;) {
        struct effect effect;
        char why[MESSAGE_WHY_MAX];
        int came = channel_receive_effect(r->channel, r->net, &effect, why);
        if (came == 0)
            return;
        if (came != 1) {
            r->is_stopping = true;
            return;
        }
        if (effect.kind == EFFECT_HOOK)
            take_order(r, &effect.hook);
    }
}

static void hear_signals(struct hook_role *r)
{
    struct signalfd_siginfo info;
    while (read(r->signals, &info, sizeof info) == (ssize_t)sizeof info)
        r->is_stopping |= info.ssi_signo == SIGTERM;
    hear_ends(r);
}

static int wait_ms(struct hook_role *r, bool is_flooding)
{
    struct mono due = mono_add_ms(r->now, is_flooding ? FLOOD_MS : TURN_MS_MAX);
    struct mono check = r->is_stopping ? due : hook_health_due(r);
    due = check.ns < due.ns ? check : due;
    struct mono git = r->is_stopping ? due : hook_git_due(r);
    due = git.ns < due.ns ? git : due;
    for (uint32_t i = 0; i < hook_program_count(r); i++) {
        struct mono at = program_due(hook_program(r, i));
        due = at.ns < due.ns ? at : due;
    }
    int64_t wait_ns = mono_since_ns(due, r->now);
    return wait_ns > 0 ? (int)(wait_ns / NS_PER_MS) + 1 : 0;
}

static void wait_for_news(struct hook_role *r)
{
    struct pollfd fds[2 + NET_HOOKS_MAX + NET_ANNOUNCE_MAX + NET_REPOSITORIES_MAX];
    nfds_t count = 2;
    bool is_flooding = false;
    fds[0] = (struct pollfd){r->is_stopping ? -1 : r->channel, POLLIN, 0};
    fds[1] = (struct pollfd){r->signals, POLLIN, 0};
    for (uint32_t i = 0; i < hook_program_count(r); i++) {
        const struct program *program = hook_program(r, i);
        if (program->output >= 0 && !program->is_flooding)
            fds[count++] = (struct pollfd){program->output, POLLIN, 0};
        is_flooding |= program->output >= 0 && program->is_flooding;
    }
    poll(fds, count, wait_ms(r, is_flooding));
    r->now = now_mono();
}

static void turn(struct hook_role *r)
{
    wait_for_news(r);
    if (!r->is_stopping)
        hear_engine(r);
    for (uint32_t i = 0; i < hook_program_count(r); i++)
        program_turn(hook_program(r, i), r->now);
    hear_signals(r);
    if (r->is_stopping)
        return;
    start_what_waits(r);
    hook_health_turn(r);
    hook_git_turn(r);
}

static bool is_any_left(struct hook_role *r)
{
    for (uint32_t i = 0; i < hook_program_count(r); i++)
        if (hook_program(r, i)->pid > 0)
            return true;
    return false;
}

// Nothing that was started outlives us.
static void end_all(struct hook_role *r)
{
    struct mono begun_at = r->now = now_mono();
    for (uint32_t i = 0; i < hook_program_count(r); i++)
        program_end_it(hook_program(r, i), r->now);
    while (is_any_left(r) && mono_since_ns(r->now, begun_at) < (int64_t)STOP_MS * NS_PER_MS)
        turn(r);
    for (uint32_t i = 0; i < hook_program_count(r); i++)
        program_kill(hook_program(r, i));
    hook_kill_strays(r);
}

static int open_signals(void)
{
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGCHLD);
    sigaddset(&wanted, SIGTERM);
    sigprocmask(SIG_BLOCK, &wanted, NULL);
    return signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
}

int hook_role_run(struct hook_role *r, int channel)
{
    r->channel = channel;
    r->signals = open_signals();
    if (r->signals < 0) {
        fprintf(stderr, "fairlead: cannot run programs: %s\n", strerror(errno));
        return 3;
    }
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);  // what programs leave behind comes to us
    r->now = now_mono();
    hook_health_begin(r);
    while (!r->is_stopping)
        turn(r);
    end_all(r);
    close(r->signals);
    return 0;
}

bool hook_role_wanted(const struct net *net)
{
    bool is_any_asked = false;
    for (uint32_t i = 0; i < net->announce_count; i++)
        is_any_asked |= net->announce[i].health.program[0] != '\0';
    return net->hook_count > 0 || is_any_asked || net->changes.git_count > 0;
}

struct hook_role *hook_role_open(const struct net *net, char *why)
{
    struct hook_role *r = calloc(1, sizeof *r);
    if (!r) {
        snprintf(why, ROLE_ERROR_MAX, "cannot run programs: out of memory");
        return NULL;
    }
    r->net = net;
    if (!hook_git_open(r)) {
        snprintf(why, ROLE_ERROR_MAX, "cannot look at repositories: out of memory");
        hook_role_close(r);
        return NULL;
    }
    for (uint32_t i = 0; i < hook_program_count(r); i++)
        program_init(hook_program(r, i));
    return r;
}

void hook_role_close(struct hook_role *r)
{
    if (r)
        hook_git_close(r);
    free(r);
}
