// SPDX-License-Identifier: ISC
// Real repositories, and what happens to them: commits, merges, history that is rewritten, a
// repository that is broken, gone, and there again.
#include "role/hook.h"

#include "base/check.h"
#include "engine/message.h"
#include "role/channel.h"
#include "role/now.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct watched {
    char place[32];
    struct net net;
    pid_t pid;
    int channel;
};

// In the repository, as somebody whose configuration is not ours.
static void git(const struct watched *w, const char *script)
{
    char command[2048];
    snprintf(command, sizeof command,
             "cd %s && export HOME=%s GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=Anna "
             "GIT_AUTHOR_EMAIL=a@example.net GIT_COMMITTER_NAME=Anna "
             "GIT_COMMITTER_EMAIL=a@example.net; set -e; { %s ; } >>log 2>&1",
             w->place, w->place, script);
    if (system(command) != 0)
        fail_msg("%s", script);
}

static struct watched begin(void)
{
    struct watched w = {.place = "/tmp/fairlead-git-XXXXXX", .net = {.router_count = 2}};
    assert_non_null(mkdtemp(w.place));
    strcpy(w.net.routers[0].name, "rr-1");
    strcpy(w.net.routers[1].name, "rr-4");
    w.net.changes.git_count = 1;
    struct net_repository *repository = &w.net.changes.git[0];
    snprintf(repository->path, sizeof repository->path, "%s/repository", w.place);
    strcpy(repository->branch, "main");
    strcpy(repository->devices, "hosts/{device}.conf");
    repository->interval_ns = 20 * NS_PER_MS;
    git(&w, "git init -q -b main repository; cd repository; mkdir hosts; echo 1 >hosts/rr-1.conf; "
            "git add .; git commit -qm first");
    return w;
}

static void start(struct watched *w)
{
    int channel[2];
    char why[ROLE_ERROR_MAX];
    assert_true(hook_role_wanted(&w->net));
    struct hook_role *role = hook_role_open(&w->net, why);
    assert_non_null(role);
    assert_int_equal(channel_pair(channel), 0);
    w->pid = fork();
    if (w->pid == 0) {
        close(channel[0]);
        _exit(hook_role_run(role, channel[1]));
    }
    close(channel[1]);
    hook_role_close(role);
    w->channel = channel[0];
}

static void remove_place(const struct watched *w)
{
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", w->place);
    assert_int_equal(system(command), 0);
}

static void end(struct watched *w)
{
    int status;
    close(w->channel);
    waitpid(w->pid, &status, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    remove_place(w);
}

static struct event hear(const struct watched *w)
{
    struct event event;
    char why[MESSAGE_WHY_MAX];
    struct pollfd readable = {.fd = w->channel, .events = POLLIN};
    assert_int_equal(poll(&readable, 1, 30 * 1000), 1);
    assert_int_equal(channel_receive_event(w->channel, &w->net, &event, why), 1);
    return event;
}

// It is known what was there: the repository is lost and found again, which tells when.
static void wait_until_seen(const struct watched *w)
{
    git(w, "mv repository away");
    struct event event = hear(w);
    assert_int_equal(event.kind, EVENT_NOTICE);
    assert_int_equal(event.notice.kind, NOTICE_GIT_LOST);
    assert_true(event.notice.raised);
    git(w, "mv away repository");
    event = hear(w);
    assert_int_equal(event.notice.kind, NOTICE_GIT_LOST);
    assert_false(event.notice.raised);
}

static void hear_change(const struct watched *w, const char *what, uint32_t devices,
                        uint32_t others)
{
    struct event event = hear(w);
    if (event.kind == EVENT_NOTICE)
        fail_msg("%s", event.notice.text);
    assert_int_equal(event.kind, EVENT_CHANGE);
    assert_int_equal(event.change.source, CHANGE_GIT);
    assert_string_equal(event.change.what, what);
    assert_string_equal(event.change.who, "Anna");
    assert_int_equal(strlen(event.change.id), 12);
    assert_int_equal(event.change.devices.words[0], devices);
    assert_int_equal(event.change.others, others);
}

static void tells_new_commits(void **state)
{
    (void)state;
    struct watched w = begin();
    start(&w);
    wait_until_seen(&w);
    git(&w,
        "cd repository; echo 2 >hosts/rr-1.conf; echo 2 >hosts/rr-4.conf; echo >hosts/lab.conf; "
        "git add .; git commit -qm 'BFD: 150'");
    hear_change(&w, "BFD: 150", 3, 1);
    git(&w, "cd repository; echo >README; git add .; git commit -qm 'of no device'; "
            "git checkout -qb work; echo 3 >hosts/rr-4.conf; git commit -qam one; "
            "echo 4 >hosts/rr-4.conf; git commit -qam two; git checkout -q main; "
            "git merge -q --no-ff -m 'Merge work' work; echo 5 >hosts/rr-1.conf; "
            "git commit -qam after");
    hear_change(&w, "Merge work", 2, 0);
    hear_change(&w, "after", 1, 0);
    end(&w);
}

// Has its program come to its end while nobody reads, as when the role has to wait for its turn.
static void end_unread(struct hook_role *role)
{
    siginfo_t about;
    struct hook_git *git = &role->gits[0];
    assert_true(git->program.pid > 0);
    assert_int_equal(waitid(P_PID, (id_t)git->program.pid, &about, WEXITED | WNOWAIT), 0);
    hook_git_ended(role, git);
}

static void loses_nothing_that_is_read_at_the_end(void **state)
{
    (void)state;
    struct watched w = begin();
    int channel[2];
    char why[ROLE_ERROR_MAX];
    struct hook_role *role = hook_role_open(&w.net, why);
    assert_non_null(role);
    assert_int_equal(channel_pair(channel), 0);
    role->channel = channel[1];
    w.channel = channel[0];
    role->now = now_mono();
    hook_git_turn(role);
    end_unread(role);  // where the branch is
    git(&w, "cd repository; echo 2 >hosts/rr-4.conf; git add .; git commit -qm second");
    role->now = mono_add_ns(role->now, NS_PER_S);
    hook_git_turn(role);
    end_unread(role);  // where it is now
    end_unread(role);  // what came since
    hear_change(&w, "second", 2, 0);
    hook_role_close(role);
    close(channel[1]);
    close(w.channel);
    remove_place(&w);
}

static void loses_nothing_when_history_is_rewritten(void **state)
{
    (void)state;
    struct watched w = begin();
    git(&w, "cd repository; echo 2 >hosts/rr-1.conf; git commit -qam second");
    start(&w);
    wait_until_seen(&w);
    git(&w, "cd repository; git checkout -q --detach HEAD~1; echo 3 >hosts/rr-4.conf; git add .; "
            "git commit -qm 'instead'; git checkout -qB main");
    hear_change(&w, "instead", 2, 0);
    struct event event = hear(&w);
    assert_int_equal(event.notice.kind, NOTICE_GIT_REWRITTEN);
    assert_non_null(strstr(event.notice.text, "1 commits are no more on it, and 1 others are"));
    // And the commit that was seen is thrown away.
    git(&w, "rm -rf repository; git init -q -b main new; cd new; mkdir hosts; "
            "echo 9 >hosts/rr-4.conf; git add .; git commit -qm anew; cd ..; mv new repository");
    do {
        event = hear(&w);  // it may have been lost for a moment
    } while (event.kind == EVENT_NOTICE && event.notice.kind == NOTICE_GIT_LOST);
    assert_int_equal(event.notice.kind, NOTICE_GIT_REWRITTEN);
    hear_change(&w, "anew", 2, 0);
    end(&w);
}

// Told once, however often it is tried; and what came meanwhile is told when it can be read again.
static void says_that_it_cannot_read(void **state)
{
    (void)state;
    struct watched w = begin();
    start(&w);
    wait_until_seen(&w);
    git(&w, "cd repository; cp .git/HEAD ../head; echo rubbish >.git/HEAD");
    struct event event = hear(&w);
    assert_int_equal(event.notice.kind, NOTICE_GIT_LOST);
    assert_true(event.notice.raised && event.notice.text[0] != '\0');
    git(&w, "cd repository; git --version; cp ../head .git/HEAD; echo 7 >hosts/rr-1.conf; "
            "git commit -qam seventh");
    event = hear(&w);
    if (event.kind == EVENT_NOTICE) {  // it was read between the two
        assert_false(event.notice.raised);
        hear_change(&w, "seventh", 1, 0);
    } else {
        assert_string_equal(event.change.what, "seventh");
    }
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_new_commits),
        cmocka_unit_test(loses_nothing_that_is_read_at_the_end),
        cmocka_unit_test(loses_nothing_when_history_is_rewritten),
        cmocka_unit_test(says_that_it_cannot_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
