// SPDX-License-Identifier: ISC
// What each role may not do ends it, and what it may do does not.
#include "role/filter.h"

#include "base/check.h"
#include "engine/event.h"
#include "role/run.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// ---- what is tried: each true when it was done

static bool try_socket(int family)
{
    int fd = socket(family, SOCK_DGRAM, 0);
    return fd >= 0;
}

static bool try_inet(void)
{
    return try_socket(AF_INET) && try_socket(AF_INET6);
}

static bool try_netlink(void)
{
    return try_socket(AF_NETLINK);
}

static bool try_local(void)
{
    return try_socket(AF_UNIX);
}

static bool try_packet(void)
{
    return syscall(SYS_socket, AF_PACKET, SOCK_RAW, 0) >= 0 || errno == EPERM;
}

static bool try_read(void)
{
    return open("/etc/passwd", O_RDONLY) >= 0;
}

static bool try_write(void)
{
    char name[] = "/tmp/fairlead-filter-XXXXXX";
    return mkstemp(name) >= 0 && unlink(name) == 0;
}

static bool try_look(void)
{
    return access("/etc/passwd", F_OK) == 0;
}

static bool try_program(void)
{
    execl("/bin/true", "true", NULL);
    return false;  // it would have ended well
}

static bool try_process(void)
{
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    return child > 0 && waitpid(child, NULL, 0) == child;
}

static void *one(void *two)
{
    return two;
}

static bool try_thread(void)
{
    pthread_t thread;
    void *got = NULL;
    return pthread_create(&thread, NULL, one, &got) == 0 && pthread_join(thread, &got) == 0 && got;
}

static bool try_kill(void)
{
    return kill(getppid(), 0) == 0;
}

static bool try_trace(void)
{
    return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}

static bool try_code(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page != MAP_FAILED && mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool try_user(void)
{
    return setresuid(getuid(), getuid(), getuid()) == 0;
}

static bool try_abort(void)
{
    signal(SIGABRT, SIG_DFL);
    abort();
}

static bool try_words(void)  // what every role does
{
    int ends[2];
    char byte = 1;
    char *room = malloc(1 << 20);
    bool good = room && pipe(ends) == 0 && write(ends[1], &byte, 1) == 1 &&
                read(ends[0], &byte, 1) == 1 && time(NULL) > 0;
    free(room);
    struct stat stat;
    return good && fstat(ends[0], &stat) == 0 && prctl(PR_SET_NAME, "other", 0, 0, 0) == 0;
}

enum { DONE, REFUSED, KILLED = SIGSYS };

// Gives DONE, REFUSED (it failed, as any call may), or the signal that ended the process.
static int outcome(unsigned promises, bool (*attempt)(void))
{
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || filter_apply(promises))
            _exit(9);
        _exit(attempt() ? DONE : REFUSED);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

static const struct attempt {
    const char *name;
    bool (*attempt)(void);
    unsigned promise;  // any of these allows it; 0: nothing does
} attempts[] = {
    {"words", try_words, ~0u},
    {"IPv4 and IPv6", try_inet, FILTER_INET},
    {"netlink", try_netlink, FILTER_ROUTING},
    {"a UNIX socket", try_local, FILTER_LOCAL},
    {"a packet socket", try_packet, 0},
    {"to read a file", try_read, FILTER_READ | FILTER_WRITE},
    {"to write a file", try_write, FILTER_WRITE},
    {"to look for a file", try_look, FILTER_LOOK | FILTER_READ | FILTER_WRITE},
    {"a program", try_program, 0},
    {"a process", try_process, 0},
    {"a thread", try_thread, FILTER_THREAD},
    {"a signal", try_kill, 0},
    {"to trace", try_trace, 0},
    {"to make code", try_code, 0},
    {"another user", try_user, 0},
};
enum { ATTEMPTS = sizeof attempts / sizeof attempts[0] };

// The sanitizers' runtime reads files, see filter.h.
#if defined __SANITIZE_ADDRESS__
enum { OF_THE_BUILD = FILTER_READ };
#else
enum { OF_THE_BUILD = 0 };
#endif

static void a_promise_allows_what_it_says(void **state)
{
    (void)state;
    for (unsigned promise = FILTER_INET; promise < FILTER_PROGRAMS; promise <<= 1)
        for (size_t i = 0; i < ATTEMPTS && !(OF_THE_BUILD && promise == FILTER_CHILDREN); i++) {
            bool allowed = attempts[i].promise & (promise | OF_THE_BUILD);
            int got = outcome(FILTER_STDIO | promise, attempts[i].attempt);
            if (got != (allowed ? DONE : KILLED))
                fail_msg("promise %#x, %s: %d", promise, attempts[i].name, got);
        }
}

static void each_role_may_what_its_row_says(void **state)
{
    (void)state;
    for (enum event_role role = 0; role < ROLES; role++) {
        unsigned promises = run_roles[role].promises;
        assert_true(promises);
        for (size_t i = 0; i < ATTEMPTS; i++) {
            bool allowed =
                (promises & FILTER_PROGRAMS) || (attempts[i].promise & (promises | OF_THE_BUILD));
            int got = outcome(promises, attempts[i].attempt);
            if ((got == KILLED) == allowed)
                fail_msg("%s, %s: %d", run_roles[role].name, attempts[i].name, got);
        }
    }
}

// As a table that a change has to change, too.
static void who_may_what(void **state)
{
    (void)state;
    static const struct {
        enum event_role role;
        const char *may;
    } rows[] = {
        {ROLE_PROBE, ""},
        {ROLE_ROUTE, "IPv4 and IPv6, netlink, to look for a file"},
        {ROLE_WEB, ""},
        {ROLE_AUDIT, "to read a file, to write a file, to look for a file"},
        {ROLE_STORE, "to read a file, to write a file, to look for a file"},
        {ROLE_INGEST, "IPv4 and IPv6, netlink, a UNIX socket, to read a file, to look for a file, "
                      "a thread"},
        {ROLE_NOTIFY, "IPv4 and IPv6, netlink, a UNIX socket, to read a file, to look for a file, "
                      "a thread"},
    };
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        char may[256] = "";
        for (size_t i = 1; i < ATTEMPTS; i++)
            if (attempts[i].promise & run_roles[rows[r].role].promises) {
                strncat(may, may[0] ? ", " : "", sizeof may - strlen(may) - 1);
                strncat(may, attempts[i].name, sizeof may - strlen(may) - 1);
            }
        assert_string_equal(may, rows[r].may);
    }
}

static void programs_do_all_but_what_none_needs(void **state)
{
    (void)state;
    static bool (*const done[])(void) = {try_words, try_inet,    try_local,  try_read,
                                         try_write, try_process, try_thread, try_kill};
    for (size_t i = 0; i < sizeof done / sizeof done[0]; i++)
        assert_int_equal(outcome(FILTER_PROGRAMS, done[i]), DONE);
    assert_int_equal(outcome(FILTER_PROGRAMS, try_program), DONE);
    assert_int_equal(outcome(FILTER_PROGRAMS, try_trace), REFUSED);
}

static void a_failed_assertion_still_aborts(void **state)
{
    (void)state;
    assert_int_equal(outcome(FILTER_STDIO, try_abort), SIGABRT);
}

static void no_promise_is_no_filter(void **state)
{
    (void)state;
    assert_int_equal(outcome(0, try_process), DONE);
}

int main(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test(a_promise_allows_what_it_says),
        cmocka_unit_test(each_role_may_what_its_row_says),
        cmocka_unit_test(who_may_what),
        cmocka_unit_test(programs_do_all_but_what_none_needs),
        cmocka_unit_test(a_failed_assertion_still_aborts),
        cmocka_unit_test(no_promise_is_no_filter),
    };
    return cmocka_run_group_tests(all, NULL, NULL);
}
