// SPDX-License-Identifier: ISC
// One program at a time of each repository: what the branch's tip is, and when that is another than
// before, the way from there to here. Both sides of it: commits that were there and are no more
// mean that history was rewritten, which is told, and loses nothing.
//
// git, not a library: a repository is somebody else's data of any size, and this way it is read in
// a process that can be ended.
#include "role/hook_git.h"

#include "role/channel.h"
#include "role/hook.h"
#include "role/now.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char git_path[] = "/usr/bin/git";

// Nothing but what we say: no file of the machine's or the user's, no questions, no locks. The
// repository may be somebody else's (safe.directory): we only read it.
static const char *const environment[] = {"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
                                          "GIT_OPTIONAL_LOCKS=0",  "GIT_TERMINAL_PROMPT=0",
                                          "GIT_NO_LAZY_FETCH=1",   "HOME=/nonexistent",
                                          hook_path_word};
static_assert(sizeof environment / sizeof environment[0] <= PROGRAM_ENVIRONMENT_MAX, "all of it");

static const struct net_repository *repository_of(const struct hook_role *r,
                                                  const struct hook_git *git)
{
    return &r->net->changes.git[git - r->gits];
}

bool hook_git_open(struct hook_role *r)
{
    bool good = true;
    for (uint32_t i = 0; i < r->net->changes.git_count; i++) {
        struct hook_git *git = &r->gits[i];
        git->queue = calloc(HOOK_GIT_EVENTS_MAX, sizeof *git->queue);
        git->output = malloc(HOOK_GIT_OUTPUT_MAX);
        good = good && git->queue && git->output;
    }
    return good;
}

void hook_git_close(struct hook_role *r)
{
    for (uint32_t i = 0; i < r->net->changes.git_count; i++) {
        free(r->gits[i].queue);
        free(r->gits[i].output);
    }
}

// ---- what is told

static void put(struct hook_git *git, const struct event *event)
{
    if (git->count < HOOK_GIT_EVENTS_MAX)
        git->queue[(git->first + git->count++) % HOOK_GIT_EVENTS_MAX] = *event;
}

static void tell(struct hook_role *r, struct hook_git *git)
{
    while (git->count > 0) {
        int error = channel_send_event(r->channel, r->net, &git->queue[git->first]);
        r->is_stopping |= error == -EPIPE;
        if (error == -EAGAIN)
            return;
        git->first = (git->first + 1) % HOOK_GIT_EVENTS_MAX;
        git->count--;
    }
}

static void note(struct hook_role *r, struct hook_git *git, enum notice_kind kind, bool raised,
                 const char *reason)
{
    const struct net_repository *repository = repository_of(r, git);
    struct event event = {.kind = EVENT_NOTICE, .at = r->now};
    event.notice =
        (struct notice){.kind = kind, .raised = raised, .router = NET_NOBODY, .since = r->now};
    snprintf(event.notice.peer, sizeof event.notice.peer, "%s", repository->path);
    snprintf(event.notice.text, sizeof event.notice.text, "branch %s: %s", repository->branch,
             reason);
    put(git, &event);
}

// Told when it begins and when it is over; the next poll tries again.
static void set_lost(struct hook_role *r, struct hook_git *git, bool is_lost, const char *reason)
{
    if (is_lost != git->is_lost)
        note(r, git, NOTICE_GIT_LOST, is_lost, reason);
    git->is_lost = is_lost;
}

static struct mono done_at(const struct hook_role *r, int64_t at_unix_s)
{
    int64_t ago_s = now_wall().ns / NS_PER_S - at_unix_s, most_s = r->now.ns / NS_PER_S;
    if (at_unix_s <= 0 || ago_s <= 0)
        return r->now;  // a clock elsewhere is wrong: what is new is new
    return (struct mono){r->now.ns - (ago_s < most_s ? ago_s : most_s) * NS_PER_S};
}

// ---- asking

static void start(struct hook_role *r, struct hook_git *git, enum hook_git_step step)
{
    const struct net_repository *repository = repository_of(r, git);
    char range[2 * GIT_HASH_MAX + 8], branch[NET_TEXT_MAX + 16], number[16];
    snprintf(branch, sizeof branch, "refs/heads/%s", repository->branch);
    snprintf(number, sizeof number, "-%d", step == HOOK_GIT_ONE ? 1 : HOOK_GIT_COMMITS_MAX);
    if (step == HOOK_GIT_ONE)
        snprintf(range, sizeof range, "%s", git->tip);
    else
        snprintf(range, sizeof range, "%s...%s", git->seen, git->tip);
    const char *const tip[] = {"-c",        "safe.directory=*", "-C",   repository->path,
                               "rev-parse", "--verify",         branch, NULL};
    const char *const log[] = {"-c",
                               "safe.directory=*",
                               "-c",
                               "log.showSignature=false",
                               "-c",
                               "core.quotePath=false",
                               "-C",
                               repository->path,
                               "log",
                               number,
                               "--reverse",
                               "--left-right",
                               "--first-parent",
                               "--diff-merges=first-parent",
                               "--no-renames",
                               "--no-ext-diff",
                               "--no-textconv",
                               "--no-color",
                               "--name-only",
                               GIT_LOG_FORMAT,
                               range,
                               "--",
                               NULL};
    struct program_order order = {
        .path = git_path,
        .words = step == HOOK_GIT_TIP ? tip : log,
        .timeout_ns = (int64_t)HOOK_GIT_TIMEOUT_MS * NS_PER_MS,
        .keep = git->output,
        .keep_max = HOOK_GIT_OUTPUT_MAX,
    };
    memcpy(order.environment, environment, sizeof environment);
    git->step = step;
    int error = program_start(&git->program, &order, r->now);
    if (error)
        set_lost(r, git, true, strerror(-error));
}

void hook_git_turn(struct hook_role *r)
{
    for (uint32_t i = 0; i < r->net->changes.git_count; i++) {
        struct hook_git *git = &r->gits[i];
        tell(r, git);
        if (git->program.pid > 0 || !mono_reached(r->now, git->ask_at))
            continue;
        git->ask_at = mono_add_ns(r->now, r->net->changes.git[i].interval_ns);
        start(r, git, HOOK_GIT_TIP);
    }
}

// ---- answers

static void take_tip(struct hook_role *r, struct hook_git *git, size_t size)
{
    if (!git_hash_read(git->output, size, git->tip)) {
        set_lost(r, git, true, "git names no commit");
        return;
    }
    if (git->seen[0] == '\0')
        memcpy(git->seen, git->tip, sizeof git->seen);  // what was before us is no news
    if (strcmp(git->seen, git->tip) != 0)
        start(r, git, HOOK_GIT_LOG);
    else
        set_lost(r, git, false, "it can be read again");
}

static void put_change(struct hook_role *r, struct hook_git *git, struct git_commit *commit)
{
    struct net_device_set rest = commit->change.devices;
    struct event event = {.kind = EVENT_CHANGE, .at = r->now};
    if (net_devices_count(&rest) == 0 && commit->change.others == 0)
        return;  // none of its files is a device's
    commit->change.done_at = done_at(r, commit->at_unix_s);
    for (bool more = true; more;) {
        more = change_part(&commit->change, &rest, &event.change);
        put(git, &event);
    }
}

static void take_log(struct hook_role *r, struct hook_git *git, size_t size)
{
    struct git_log log = {git->output, size};
    struct git_commit commit;
    char reason[96];
    uint32_t gone = 0, came = 0;
    while (git_log_next(&log, r->net, repository_of(r, git)->devices, &commit)) {
        gone += commit.is_gone;
        came += !commit.is_gone;
        if (!commit.is_gone)
            put_change(r, git, &commit);
    }
    snprintf(reason, sizeof reason, "%u commits are no more on it, and %u others are: %.12s", gone,
             came, git->tip);
    if (gone > 0)
        note(r, git, NOTICE_GIT_REWRITTEN, true, reason);
    memcpy(git->seen, git->tip, sizeof git->seen);
    set_lost(r, git, false, "it can be read again");
}

// The way there cannot be told, as the commit that we saw last is not to be had any more: what is
// there now is a change all the same.
static bool may_tell_one(struct hook_role *r, struct hook_git *git, enum program_end end,
                         const char *reason)
{
    char text[PROGRAM_REASON_MAX + 64];
    if (git->step != HOOK_GIT_LOG || end != PROGRAM_BADLY)
        return false;
    snprintf(text, sizeof text, "%s: only the newest commit is told", reason);
    note(r, git, NOTICE_GIT_REWRITTEN, true, text);
    start(r, git, HOOK_GIT_ONE);
    return true;
}

void hook_git_ended(struct hook_role *r, struct hook_git *git)
{
    char reason[PROGRAM_REASON_MAX];
    enum program_end end = program_reap(&git->program, reason);
    size_t size = git->program.kept;  // with what came while it ended
    if (r->is_stopping)
        return;
    if (end != PROGRAM_WELL) {
        if (!may_tell_one(r, git, end, reason))
            set_lost(r, git, true, reason);
    } else if (git->step == HOOK_GIT_TIP) {
        take_tip(r, git, size);
    } else {
        take_log(r, git, size);
    }
    tell(r, git);
}

struct mono hook_git_due(const struct hook_role *r)
{
    struct mono due = {INT64_MAX};
    for (uint32_t i = 0; i < r->net->changes.git_count; i++) {
        const struct hook_git *git = &r->gits[i];
        if (git->program.pid == 0 && git->ask_at.ns < due.ns)
            due = git->ask_at;
        if (git->count > 0 && due.ns > mono_add_ms(r->now, 100).ns)
            due = mono_add_ms(r->now, 100);  // the engine had no room
    }
    return due;
}
