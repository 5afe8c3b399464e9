// SPDX-License-Identifier: ISC
#include "role/program.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    READ_BYTES = 4096,
    READS_PER_TURN_MAX = 16,  // of one that floods us
    EXIT_NOT_RUN = 127,       // as shells say it
};

void program_init(struct program *program)
{
    *program = (struct program){.output = -1};
}

// ---- in the child, between fork and exec

static void settle_signals(void)
{
    static const int changed[] = {SIGINT, SIGHUP, SIGPIPE, SIGTERM, SIGCHLD};
    sigset_t none;
    for (size_t i = 0; i < sizeof changed / sizeof changed[0]; i++)
        signal(changed[i], SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

// Nothing of ours stays open but the pipe; nobody's terminal is its own.
static void settle_descriptors(int output)
{
    int input = open("/dev/null", O_RDONLY);
    if (input < 0 || dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
        dup2(output, STDERR_FILENO) < 0 || close_range(3, ~0U, 0) < 0)
        _exit(EXIT_NOT_RUN);
}

static void become_program(const struct program_order *order, int output)
{
    static_assert((int)NET_ARGUMENTS_MAX < (int)PROGRAM_WORDS_MAX, "either fits");
    char *arguments[PROGRAM_WORDS_MAX + 2] = {(char *)order->path};
    char *environment[PROGRAM_ENVIRONMENT_MAX + 1] = {0};
    for (uint32_t i = 0; order->words && i < PROGRAM_WORDS_MAX && order->words[i]; i++)
        arguments[i + 1] = (char *)order->words[i];
    for (uint32_t i = 0; !order->words && i < order->arguments->count; i++)
        arguments[i + 1] = (char *)order->arguments->items[i];
    for (uint32_t i = 0; i < PROGRAM_ENVIRONMENT_MAX; i++)
        environment[i] = (char *)order->environment[i];
    settle_signals();
    settle_descriptors(output);
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    umask(077);
    if (chdir("/") == 0)
        execve(order->path, arguments, environment);
    dprintf(STDERR_FILENO, "cannot run '%s': %s\n", order->path, strerror(errno));
    _exit(EXIT_NOT_RUN);
}

// ---- in the parent

int program_start(struct program *program, const struct program_order *order, struct mono now)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return -errno;
    fcntl(ends[1], F_SETFL, 0);  // programs do not expect it of theirs
    pid_t pid = fork();
    if (pid == 0)
        become_program(order, ends[1]);
    int error = pid < 0 ? -errno : 0;
    close(ends[1]);
    if (error) {
        close(ends[0]);
        return error;
    }
    *program = (struct program){.pid = pid,
                                .output = ends[0],
                                .started_at = now,
                                .keep = order->keep,
                                .keep_max = order->keep_max,
                                .end_by = mono_add_ns(now, order->timeout_ns)};
    return 0;
}

static void keep_tail(struct program *program, const char *bytes, size_t size)
{
    size_t fits = program->keep_max - program->kept;
    if (program->keep) {
        memcpy(program->keep + program->kept, bytes, size < fits ? size : fits);
        program->kept += size < fits ? size : fits;
    }
    program->written += size;
    if (size > PROGRAM_TAIL_MAX) {
        bytes += size - PROGRAM_TAIL_MAX;
        size = PROGRAM_TAIL_MAX;
    }
    size_t room = PROGRAM_TAIL_MAX - program->tail_size;
    size_t surplus = size > room ? size - room : 0;
    memmove(program->tail, program->tail + surplus, program->tail_size - surplus);
    program->tail_size -= surplus;
    memcpy(program->tail + program->tail_size, bytes, size);
    program->tail_size += size;
}

static void close_output(struct program *program)
{
    if (program->output >= 0)
        close(program->output);
    program->output = -1;
}

static void read_output(struct program *program)
{
    char bytes[READ_BYTES];
    program->is_flooding = false;
    for (int i = 0; program->output >= 0 && i < READS_PER_TURN_MAX; i++) {
        ssize_t got = read(program->output, bytes, sizeof bytes);
        if (got > 0)
            keep_tail(program, bytes, (size_t)got);
        else if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        else
            close_output(program);
    }
    program->is_flooding = program->output >= 0;
}

static void signal_all(const struct program *program, int number)
{
    // Until it has called setsid() there is no such group yet.
    if (kill(-program->pid, number) < 0)
        kill(program->pid, number);
}

void program_end_it(struct program *program, struct mono now)
{
    if (program->pid == 0 || program->is_ending)
        return;
    program->is_ending = true;
    program->kill_by = mono_add_ms(now, PROGRAM_MERCY_MS);
    signal_all(program, SIGTERM);
}

void program_kill(struct program *program)
{
    if (program->pid > 0)
        signal_all(program, SIGKILL);
}

void program_turn(struct program *program, struct mono now)
{
    if (program->pid == 0)
        return;
    read_output(program);
    if (!program->is_ending && mono_reached(now, program->end_by)) {
        program->is_late = true;
        program_end_it(program, now);
    } else if (program->is_ending && mono_reached(now, program->kill_by)) {
        program_kill(program);
        program->kill_by = mono_add_ms(now, PROGRAM_MERCY_MS);
    }
}

struct mono program_due(const struct program *program)
{
    if (program->pid == 0)
        return (struct mono){INT64_MAX};
    return program->is_ending ? program->kill_by : program->end_by;
}

// The last line that says something, in `text`; what a terminal would obey is a '?'.
static void last_line(const struct program *program, char *text, size_t size)
{
    size_t end = program->tail_size, begin, length;
    const char *tail = program->tail;
    while (end > 0 && (unsigned char)tail[end - 1] <= ' ')
        end--;
    for (begin = end; begin > 0 && tail[begin - 1] != '\n' && tail[begin - 1] != '\r';)
        begin--;
    length = end - begin < size - 1 ? end - begin : size - 1;
    for (size_t i = 0; i < length; i++)
        text[i] = tail[begin + i] >= ' ' && tail[begin + i] < 0x7f ? tail[begin + i] : '?';
    text[length] = '\0';
}

static void say_end(const struct program *program, int status, char *reason, size_t size)
{
    int64_t took_ns = program->end_by.ns - program->started_at.ns;
    reason[0] = '\0';
    if (program->is_late)
        snprintf(reason, size, "not done within %.1f s", (double)took_ns / NS_PER_S);
    else if (program->is_ending)
        snprintf(reason, size, "ended before it was done");
    else if (WIFSIGNALED(status))
        snprintf(reason, size, "killed by signal %d", WTERMSIG(status));
    else if (WEXITSTATUS(status) > 0)
        snprintf(reason, size, "status %d", WEXITSTATUS(status));
}

enum program_end program_reap(struct program *program, char *reason)
{
    int status = 0;
    char said[PROGRAM_REASON_MAX], line[PROGRAM_REASON_MAX];
    read_output(program);
    kill(-program->pid, SIGKILL);  // before its number may be anybody else's
    waitpid(program->pid, &status, 0);
    say_end(program, status, said, sizeof said);
    last_line(program, line, sizeof line);
    snprintf(reason, PROGRAM_REASON_MAX, "%.30s%s%.63s", said, said[0] && line[0] ? ": " : "",
             line);
    bool is_late = program->is_late, is_well = !program->is_ending && status == 0;
    close_output(program);
    program->pid = 0;
    return is_late ? PROGRAM_TOO_LATE : is_well ? PROGRAM_WELL : PROGRAM_BADLY;
}
