// SPDX-License-Identifier: ISC
#include "lab/process.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LISTEN_FD = 3 };  // where sd_listen_fds(3) expects the first socket

// In the child: signals as a program expects them, alone in its session, in its namespace.
static int settle(pid_t parent, int space)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setsid();
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
        return -ESRCH;
    return space >= 0 && setns(space, CLONE_NEWNET) < 0 ? -errno : 0;
}

pid_t process_fork(int space)
{
    fflush(NULL);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0 && settle(parent, space) < 0)
        _exit(127);
    return pid < 0 ? -errno : pid;
}

static int descriptor_or_null(int fd, int flags)
{
    return fd >= 0 ? fd : open("/dev/null", flags | O_CLOEXEC);
}

// What is to become 0, 1, 2 and 3 may stand in each other's place: copied out of the way first.
static void place_descriptors(const struct process_how *how)
{
    int wanted[] = {descriptor_or_null(how->input, O_RDONLY),
                    descriptor_or_null(how->output, O_WRONLY), how->error, how->listen};
    if (how->error == 0)
        wanted[2] = wanted[1];
    for (int i = 0; i <= LISTEN_FD; i++)
        if (i < LISTEN_FD || how->listen > 0)
            wanted[i] = fcntl(wanted[i], F_DUPFD_CLOEXEC, 16);
    for (int i = 0; i <= LISTEN_FD; i++)
        if (i < LISTEN_FD || how->listen > 0)
            dup2(wanted[i], i);
}

static void set_environment(const struct process_how *how)
{
    char pid[16];
    errno = 0;
    if (how->nice && nice(how->nice) == -1 && errno)
        perror("fairlead: cannot raise a program's priority");
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_PID");
    if (how->listen > 0) {
        setenv("LISTEN_FDS", "1", 1);
        setenv("LISTEN_PID", pid, 1);
    }
    if (how->host_name && unshare(CLONE_NEWUTS) == 0 &&
        sethostname(how->host_name, strlen(how->host_name)) < 0)
        perror("fairlead: cannot set a host name");
}

// Never returns. `failed` closes by itself when the program begins; else it carries why not.
__attribute__((noreturn)) static void become(const struct process_how *how, int failed)
{
    failed = fcntl(failed, F_DUPFD_CLOEXEC, 16);
    set_environment(how);
    place_descriptors(how);
    // Whoever started us may have left descriptors open; they are nobody's business.
    close_range(how->listen > 0 ? LISTEN_FD + 1 : LISTEN_FD, ~0u, CLOSE_RANGE_CLOEXEC);
    execvp(how->argv[0], (char *const *)how->argv);
    int why = errno;
    if (write(failed, &why, sizeof why) < 0)
        _exit(126);
    _exit(127);
}

pid_t process_start(const struct process_how *how)
{
    int failed[2], why = 0;
    if (pipe2(failed, O_CLOEXEC) < 0)
        return -errno;
    pid_t pid = process_fork(how->space);
    if (pid == 0)
        become(how, failed[1]);
    close(failed[1]);
    ssize_t told = pid > 0 ? read(failed[0], &why, sizeof why) : 0;
    close(failed[0]);
    if (told != sizeof why)
        return pid;
    waitpid(pid, NULL, 0);
    return -why;
}

static int exit_status(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int reap(pid_t pid)
{
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return status;
}

// Files in memory instead of pipes: neither side can wait for the other.
int process_run(const struct process_how *how, const char *input, struct text *output)
{
    struct process_how told = *how;
    told.input = memfd_create("input", MFD_CLOEXEC);
    told.output = memfd_create("output", MFD_CLOEXEC);
    told.error = 0;
    size_t size = input ? strlen(input) : 0;
    int result = -EIO;
    if (told.input >= 0 && told.output >= 0 && write(told.input, input, size) == (ssize_t)size &&
        lseek(told.input, 0, SEEK_SET) == 0) {
        pid_t pid = process_start(&told);
        result = pid < 0 ? (int)pid : exit_status(reap(pid));
    }
    if (output && result >= 0 && lseek(told.output, 0, SEEK_SET) == 0)
        text_read_fd(output, told.output);
    close(told.input);
    close(told.output);
    return result;
}

int process_stop(pid_t pid, int64_t grace_ms)
{
    int fd = pidfd_open(pid, 0);
    if (fd < 0)
        return reap(pid);
    if (grace_ms > 0) {
        kill(pid, SIGTERM);
        kill(pid, SIGCONT);
    }
    struct pollfd over = {.fd = fd, .events = POLLIN};
    if (grace_ms <= 0 || poll(&over, 1, (int)grace_ms) <= 0)
        kill(pid, SIGKILL);
    close(fd);
    return reap(pid);
}

bool process_is_alive(pid_t pid)
{
    return pid > 0 && waitpid(pid, NULL, WNOHANG) == 0;
}
