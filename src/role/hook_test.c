// SPDX-License-Identifier: ISC
#include "role/hook.h"

#include "base/check.h"
#include "engine/small_net.h"
#include "role/channel.h"
#include "role/now.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// The role as a process, with a directory of scripts; ours is the engine's end of its channel.
struct rig {
    struct net net;
    char directory[32];
    int channel;
    pid_t pid;
};

static void path_in(const struct rig *rig, const char *name, char path[NET_TEXT_MAX])
{
    snprintf(path, NET_TEXT_MAX, "%s/%s", rig->directory, name);
}

static void write_script(struct rig *rig, uint32_t hook, const char *body)
{
    char name[16];
    snprintf(name, sizeof name, "hook%u", hook);
    path_in(rig, name, rig->net.hooks[hook].program);
    FILE *file = fopen(rig->net.hooks[hook].program, "w");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\ncd %s\n%s\n", rig->directory, body);
    fclose(file);
    assert_int_equal(chmod(rig->net.hooks[hook].program, 0700), 0);
}

static struct rig *rig_new(void)
{
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    rig->net = small_net();
    small_announce(&rig->net);
    strcpy(rig->directory, "/tmp/hook_test.XXXXXX");
    assert_non_null(mkdtemp(rig->directory));
    for (uint32_t i = 0; i < rig->net.hook_count; i++)
        rig->net.hooks[i].timeout_ns = 5ll * NS_PER_S;
    return rig;
}

static void rig_start(struct rig *rig)
{
    int fds[2];
    char why[ROLE_ERROR_MAX];
    assert_int_equal(channel_pair(fds), 0);
    rig->pid = fork();
    if (rig->pid == 0) {
        close(fds[0]);
        struct hook_role *role = hook_role_open(&rig->net, why);
        _exit(role ? hook_role_run(role, fds[1]) : 99);
    }
    close(fds[1]);
    rig->channel = fds[0];
}

static void rig_end(struct rig *rig)
{
    char command[64];
    int status;
    close(rig->channel);
    assert_int_equal(waitpid(rig->pid, &status, 0), rig->pid);
    assert_int_equal(status, 0);
    snprintf(command, sizeof command, "rm -r %s", rig->directory);
    assert_int_equal(system(command), 0);
    free(rig);
}

static void order(struct rig *rig, uint32_t hook, uint32_t number, bool undo)
{
    struct effect effect = {.kind = EFFECT_HOOK, .hook = {hook, number, undo}};
    assert_int_equal(channel_send_effect(rig->channel, &rig->net, &effect), 0);
}

// The next that is told, within 5 s.
static struct event hear_event(struct rig *rig, enum event_kind kind)
{
    struct event event = {0};
    char why[96] = "";
    struct pollfd fd = {rig->channel, POLLIN, 0};
    assert_int_equal(poll(&fd, 1, 5000), 1);
    assert_int_equal(channel_receive_event(rig->channel, &rig->net, &event, why), 1);
    assert_int_equal(event.kind, kind);
    return event;
}

static struct event_hook hear(struct rig *rig)
{
    return hear_event(rig, EVENT_HOOK).hook;
}

static void expect(struct rig *rig, const char *row, enum event_hook_state state,
                   const char *reason)
{
    struct event_hook told = hear(rig);
    if (told.state != state || strcmp(told.reason, reason) != 0)
        fail_msg("%s: told %d '%s'", row, told.state, told.reason);
}

// What a script left in a file, as one line.
static void read_left(const struct rig *rig, const char *name, char *text, size_t size)
{
    char path[NET_TEXT_MAX];
    path_in(rig, name, path);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, size - 1, file)] = '\0';
    fclose(file);
}

static void tells_what_became_of_it(void **state)
{
    (void)state;
    static const struct {
        const char *script;
        enum event_hook_state state;
        const char *reason;
    } rows[] = {
        {"exit 0", HOOK_DONE, ""},
        {"echo first; echo 'port 4 is shut' >&2", HOOK_DONE, "port 4 is shut"},
        {"echo no such port; exit 3", HOOK_FAILED, "status 3: no such port"},
        {"exit 255", HOOK_FAILED, "status 255"},
        {"kill -9 $$", HOOK_FAILED, "killed by signal 9"},
        {"printf 'a\\033[31mb\\303\\244\\n\\n \\n'", HOOK_DONE, "a?[31mb??"},
        {"printf 'one\\rtwo'", HOOK_DONE, "two"},
        {"printf '%0200d' 7; exit 1", HOOK_FAILED,
         "status 1: 000000000000000000000000000000000000000000000000000000000000000"},
        {"head -c 3000000 /dev/zero | tr '\\0' x; echo; echo the end", HOOK_DONE, "the end"},
        {"exec >&- 2>&-; sleep 0.05; exit 4", HOOK_FAILED, "status 4"},
        {"cat; echo nothing on input", HOOK_DONE, "nothing on input"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rig *rig = rig_new();
        write_script(rig, 0, rows[i].script);
        rig_start(rig);
        order(rig, 0, 7, false);
        expect(rig, rows[i].script, HOOK_STARTED, "");
        expect(rig, rows[i].script, rows[i].state, rows[i].reason);
        rig_end(rig);
    }
}

static void says_what_cannot_be_run(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    strcpy(rig->net.hooks[0].program, "/nowhere/drain");
    write_script(rig, 1, "exit 0");
    chmod(rig->net.hooks[1].program, 0600);
    rig_start(rig);
    order(rig, 0, 7, false);
    expect(rig, "missing", HOOK_STARTED, "");
    expect(rig, "missing", HOOK_FAILED,
           "status 127: cannot run '/nowhere/drain': No such file or directory");
    order(rig, 1, 7, false);
    expect(rig, "no program", HOOK_STARTED, "");
    assert_non_null(strstr(hear(rig).reason, "status 127: cannot run '/tmp/hook_test."));
    rig_end(rig);
}

// A secret in our environment, our descriptors, our signals and our directory are not its.
static void hands_over_what_is_documented_and_nothing_else(void **state)
{
    (void)state;
    char text[2048];
    struct rig *rig = rig_new();
    rig->net.hooks[1].arguments = (struct net_arguments){3, {"a b", "$HOME;*", "--port=4"}};
    write_script(rig, 1,
                 "env | grep -v -e ^PWD= -e ^OLDPWD= -e ^_= -e ^SHLVL= | sort >e\n"
                 "printf '<%s>' \"$@\" >a\nls /proc/$$/fd >f\n"
                 "ps -o sid= -p $$ >i; echo $$ >>i");
    setenv("FAIRLEAD_SECRET", "x", 1);
    rig_start(rig);
    order(rig, 1, 42, false);
    expect(rig, "do", HOOK_STARTED, "");
    expect(rig, "do", HOOK_DONE, "");
    read_left(rig, "e", text, sizeof text);
    assert_string_equal(text,
                        "FAIRLEAD_ACTION=do\nFAIRLEAD_HOOK=drain-b\nFAIRLEAD_INCIDENT=42\n"
                        "FAIRLEAD_OBJECT=router edge2\nFAIRLEAD_SITE=fra1\n"
                        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n");
    read_left(rig, "a", text, sizeof text);
    assert_string_equal(text, "<a b><$HOME;*><--port=4>");
    read_left(rig, "f", text, sizeof text);
    assert_memory_equal(text, "0\n1\n10\n2\n", 6);  // 10: the script itself, as sh holds it
    int session = 0, self = 1;
    read_left(rig, "i", text, sizeof text);
    assert_int_equal(sscanf(text, "%d %d", &session, &self), 2);
    assert_int_equal(session, self);
    order(rig, 1, 42, true);
    expect(rig, "undo", HOOK_STARTED, "");
    struct event_hook told = hear(rig);
    assert_true(told.undo && told.state == HOOK_DONE && told.number == 42 && told.hook == 1);
    read_left(rig, "a", text, sizeof text);
    assert_string_equal(text, "<back>");
    read_left(rig, "e", text, sizeof text);
    assert_non_null(strstr(text, "FAIRLEAD_ACTION=undo\n"));
    rig_end(rig);
    unsetenv("FAIRLEAD_SECRET");
}

// Of a program that is no shell, which has its own mind about signals.
static void blocks_no_signal(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    strcpy(rig->net.hooks[0].program, "/bin/grep");
    rig->net.hooks[0].arguments = (struct net_arguments){2, {"SigBlk", "/proc/self/status"}};
    rig_start(rig);
    order(rig, 0, 7, false);
    expect(rig, "grep", HOOK_STARTED, "");
    expect(rig, "grep", HOOK_DONE, "SigBlk:?0000000000000000");
    rig_end(rig);
}

static bool is_there(int pid)
{
    return kill(pid, 0) == 0;
}

static void wait_gone(const struct rig *rig, const char *file)
{
    char text[32];
    read_left(rig, file, text, sizeof text);
    int pid = atoi(text);
    assert_true(pid > 1);
    for (int i = 0; i < 200 && is_there(pid); i++)
        usleep(10 * 1000);
    assert_false(is_there(pid));
}

static void ends_what_hangs_and_what_it_left(void **state)
{
    (void)state;
    static const struct {
        const char *name, *script;
        enum event_hook_state state;
        const char *reason;
        int64_t timeout_ms;
    } rows[] = {
        {"hangs", "echo waiting; echo $$ >p; sleep 100", HOOK_TIMED_OUT,
         "not done within 0.2 s: waiting", 200},
        {"hangs, with children in its group", "sleep 100 & echo $! >p; wait", HOOK_TIMED_OUT,
         "not done within 0.2 s", 200},
        {"floods for ever", "echo $$ >p; exec yes loud", HOOK_TIMED_OUT,
         "not done within 0.2 s: loud", 200},
        {"leaves a child in its group", "sleep 100 & echo $! >p", HOOK_DONE, "", 5000},
        {"leaves a daemon that keeps its output",
         "setsid sh -c 'echo $$ >p; exec sleep 100' & while [ ! -s p ]; do :; done", HOOK_DONE, "",
         5000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rig *rig = rig_new();
        rig->net.hooks[0].timeout_ns = rows[i].timeout_ms * NS_PER_MS;
        write_script(rig, 0, rows[i].script);
        rig_start(rig);
        order(rig, 0, 7, false);
        expect(rig, rows[i].name, HOOK_STARTED, "");
        expect(rig, rows[i].name, rows[i].state, rows[i].reason);
        wait_gone(rig, "p");
        rig_end(rig);
    }
}

static void ends_what_will_not_end(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig->net.hooks[0].timeout_ns = 100ll * NS_PER_MS;
    write_script(rig, 0, "trap '' TERM; echo $$ >p; while :; do sleep 0.1; done");
    rig_start(rig);
    order(rig, 0, 7, false);
    expect(rig, "deaf", HOOK_STARTED, "");
    struct mono before = now_mono();
    struct event_hook told = hear(rig);
    assert_int_equal(told.state, HOOK_TIMED_OUT);
    assert_true(mono_since_ns(now_mono(), before) >= PROGRAM_MERCY_MS * NS_PER_MS);
    rig_end(rig);
}

// Two at a time, but one of each hook; what is turned round is ended first.
static void runs_one_of_each(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    write_script(rig, 0, "[ $FAIRLEAD_ACTION = undo ] || sleep 100");
    write_script(rig, 1, "exit 0");
    rig_start(rig);
    order(rig, 0, 7, false);
    expect(rig, "do", HOOK_STARTED, "");
    order(rig, 0, 7, false);  // it runs already
    order(rig, 1, 8, false);
    assert_int_equal(hear(rig).hook, 1);
    assert_int_equal(hear(rig).hook, 1);
    order(rig, 0, 7, true);
    expect(rig, "do", HOOK_FAILED, "ended before it was done");
    expect(rig, "undo", HOOK_STARTED, "");
    struct event_hook told = hear(rig);
    assert_true(told.undo && told.state == HOOK_DONE);
    rig_end(rig);
}

static struct event_health hear_health(struct rig *rig)
{
    return hear_event(rig, EVENT_HEALTH).health;
}

static void tells_of_health_when_it_changes(void **state)
{
    (void)state;
    char path[NET_TEXT_MAX], text[512];
    struct rig *rig = rig_new();
    struct net_health *how = &rig->net.announce[1].health;
    write_script(rig, 0, "env | grep FAIRLEAD | sort >e; [ ! -e ill ] || { echo ill; exit 1; }");
    memcpy(how->program, rig->net.hooks[0].program, sizeof how->program);
    how->interval_ns = how->timeout_ns = 20ll * NS_PER_MS * 10;
    how->rise = how->fall = 2;
    rig_start(rig);
    struct event_health told = hear_health(rig);
    assert_true(told.announced == 1 && told.healthy);
    read_left(rig, "e", text, sizeof text);
    assert_string_equal(text, "FAIRLEAD_PREFIX=2001:db8:53::/48\nFAIRLEAD_SITE=fra1\n");
    path_in(rig, "ill", path);
    fclose(fopen(path, "w"));
    struct mono before = now_mono();
    told = hear_health(rig);
    assert_true(told.announced == 1 && !told.healthy);
    assert_string_equal(told.reason, "status 1: ill");
    assert_true(mono_since_ns(now_mono(), before) >= 180 * NS_PER_MS);  // two answers, not one
    unlink(path);
    assert_true(hear_health(rig).healthy);
    rig_end(rig);
}

static void tells_of_health_that_hangs(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    struct net_health *how = &rig->net.announce[0].health;
    write_script(rig, 0, "sleep 100");
    memcpy(how->program, rig->net.hooks[0].program, sizeof how->program);
    how->interval_ns = how->timeout_ns = 100ll * NS_PER_MS;
    how->rise = how->fall = 1;
    rig_start(rig);
    struct event_health told = hear_health(rig);
    assert_true(told.announced == 0 && !told.healthy);
    assert_string_equal(told.reason, "not done within 0.1 s");
    rig_end(rig);
}

static void leaves_nothing_when_it_ends(void **state)
{
    (void)state;
    char text[32] = "";
    struct rig *rig = rig_new();
    write_script(rig, 0, "trap '' TERM; echo $$ >p; while :; do sleep 0.1; done");
    rig_start(rig);
    order(rig, 0, 7, false);
    expect(rig, "do", HOOK_STARTED, "");
    char path[NET_TEXT_MAX];
    path_in(rig, "p", path);
    while (access(path, F_OK) != 0)
        usleep(1000);
    usleep(10 * 1000);
    read_left(rig, "p", text, sizeof text);
    kill(rig->pid, SIGTERM);
    rig_end(rig);
    for (int i = 0; i < 200 && is_there(atoi(text)); i++)
        usleep(10 * 1000);
    assert_false(is_there(atoi(text)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_became_of_it),
        cmocka_unit_test(says_what_cannot_be_run),
        cmocka_unit_test(hands_over_what_is_documented_and_nothing_else),
        cmocka_unit_test(blocks_no_signal),
        cmocka_unit_test(ends_what_hangs_and_what_it_left),
        cmocka_unit_test(ends_what_will_not_end),
        cmocka_unit_test(runs_one_of_each),
        cmocka_unit_test(tells_of_health_when_it_changes),
        cmocka_unit_test(tells_of_health_that_hangs),
        cmocka_unit_test(leaves_nothing_when_it_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
