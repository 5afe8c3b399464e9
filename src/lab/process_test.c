// SPDX-License-Identifier: ISC
#include "lab/process.h"

#include "base/check.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void runs(void **state)
{
    (void)state;
    static const struct {
        const char *name, *argv[4], *input;
        int status;
        const char *output;
    } rows[] = {
        {"true", {"true"}, NULL, 0, ""},
        {"status", {"sh", "-c", "exit 7"}, NULL, 7, ""},
        {"killed", {"sh", "-c", "kill -9 $$"}, NULL, 128 + SIGKILL, ""},
        {"signals are as programs expect them",
         {"sh", "-c", "kill -PIPE $$"},
         NULL,
         128 + SIGPIPE,
         ""},
        {"input", {"cat"}, "one\ntwo\n", 0, "one\ntwo\n"},
        {"no input is empty", {"cat"}, NULL, 0, ""},
        {"both outputs", {"sh", "-c", "echo a; echo b >&2"}, NULL, 0, "a\nb\n"},
        {"no such program", {"/no/such/program"}, NULL, -ENOENT, ""},
        {"not a program", {"/etc/passwd"}, NULL, -EACCES, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct text output = {0};
        struct process_how how = {.space = -1, .argv = rows[i].argv};
        CHECK_ROW(rows[i].name, process_run(&how, rows[i].input, &output) == rows[i].status);
        CHECK_ROW(rows[i].name, strcmp(text_get(&output), rows[i].output) == 0);
        text_done(&output);
    }
}

static void more_than_a_pipe_holds(void **state)
{
    (void)state;
    struct text input = {0}, output = {0};
    for (int i = 0; i < 100000; i++)
        text_add(&input, "line %d\n", i);
    const char *argv[] = {"cat", NULL};
    struct process_how how = {.space = -1, .argv = argv};
    assert_int_equal(process_run(&how, text_get(&input), &output), 0);
    assert_string_equal(text_get(&input), text_get(&output));
    text_done(&input);
    text_done(&output);
}

// A session of its own, no descriptor but those meant for it, and a socket where systemd puts it.
static void what_a_program_gets(void **state)
{
    (void)state;
    struct text output = {0};
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    const char *argv[] = {"sh", "-c",
                          // No pipe behind ls: the shell would hold its end while ls looks.
                          "ps -o sid= -p $$ | tr -d ' '; echo $$; echo $LISTEN_FDS $LISTEN_PID; ls "
                          "/proc/$$/fd",
                          NULL};
    struct process_how how = {.space = -1, .argv = argv, .listen = ends[0]};
    assert_int_equal(process_run(&how, NULL, &output), 0);
    int sid, pid, count, listen_pid, used = 0;
    assert_int_equal(
        sscanf(text_get(&output), "%d\n%d\n%d %d\n%n", &sid, &pid, &count, &listen_pid, &used), 4);
    assert_int_equal(sid, pid);
    assert_int_equal(count, 1);
    assert_int_equal(listen_pid, pid);
    assert_string_equal(text_get(&output) + used, "0\n1\n2\n3\n");
    text_done(&output);
    close(ends[0]);
    close(ends[1]);
}

static void is_nice(void **state)
{
    (void)state;
    struct text output = {0};
    const char *argv[] = {"nice", NULL};
    struct process_how how = {.space = -1, .argv = argv, .nice = 3};
    assert_int_equal(process_run(&how, NULL, &output), 0);
    assert_int_equal(atoi(text_get(&output)), nice(0) + 3);
    text_done(&output);
}

static void stops(void **state)
{
    (void)state;
    static const struct {
        const char *name, *script;
        int64_t grace_ms;
        int signal;
    } rows[] = {
        {"goes when asked", "exec sleep 60", 5000, SIGTERM},
        {"at once", "exec sleep 60", 0, SIGKILL},
        {"is deaf", "trap '' TERM; echo; while :; do sleep 1; done", 100, SIGKILL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *argv[] = {"sh", "-c", rows[i].script, NULL};
        int ends[2];
        char byte;
        assert_int_equal(pipe2(ends, 0), 0);
        struct process_how how = {.space = -1, .argv = argv, .input = -1, .output = ends[1]};
        pid_t pid = process_start(&how);
        CHECK_ROW(rows[i].name, pid > 0 && process_is_alive(pid));
        if (strstr(rows[i].script, "echo"))  // it has said so when it is deaf
            CHECK_ROW(rows[i].name, read(ends[0], &byte, 1) == 1);
        int status = process_stop(pid, rows[i].grace_ms);
        CHECK_ROW(rows[i].name, WIFSIGNALED(status) && WTERMSIG(status) == rows[i].signal);
        CHECK_ROW(rows[i].name, !process_is_alive(pid));
        close(ends[0]);
        close(ends[1]);
    }
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    // A descriptor that somebody forgot to close on exec.
    if (dup(0) < 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs),
        cmocka_unit_test(more_than_a_pipe_holds),
        cmocka_unit_test(what_a_program_gets),
        cmocka_unit_test(is_nice),
        cmocka_unit_test(stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
