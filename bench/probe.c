// SPDX-License-Identifier: ISC
// Parts of bench/probe, each a process of its own; prints one JSON object.
//   role CONFIG SECONDS   the probe role as `fairlead run` has it; the engine's end is only read
//   bare IPV4 IPV6 RATE SECONDS   as cheap as sockets allow: a batch each millisecond, all answers
//                         with kernel timestamps, nothing looked at
//   echo                  answers STAMP at port 862 of all addresses, counting nothing
//   memory CONFIG SECONDS what the role asks for, and the most of it that is in memory meanwhile
#include "steady.h"

#include "net/parse.h"
#include "probe/stamp.h"
#include "role/channel.h"
#include "role/datagram.h"
#include "role/now.h"
#include "role/probe.h"
#include "role/spawn.h"

#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CONFIG_MAX = 256 * 1024, PORT = 862, BARE_PORT = 59000, BUFFER = 8 * 1024 * 1024 };
enum { ANSWERS_WAIT_MS = 200 };

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "probe_bench: %s: %s\n", what, strerror(errno));
    exit(3);
}

static void read_config(const char *path, struct net *net)
{
    static char text[CONFIG_MAX];
    static struct net_errors errors;
    FILE *file = fopen(path, "r");
    if (!file)
        die(path);
    size_t size = fread(text, 1, sizeof text, file);
    fclose(file);
    char line[NET_ERROR_LINE_MAX];
    if (net_parse(text, size, path, net, &errors))
        return;
    for (uint32_t i = 0; i < errors.count; i++)
        fprintf(stderr, "%s\n", net_error_format(&errors, i, line, sizeof line));
    exit(2);
}

static double seconds_of(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

// ---- role

static void swallow_events(int channel, struct mono until)
{
    static char message[1 << 16];
    struct pollfd polled = {.fd = channel, .events = POLLIN};
    for (struct mono now; (now = now_mono()).ns < until.ns;) {
        poll(&polled, 1, 10);
        while (recv(channel, message, sizeof message, MSG_DONTWAIT) > 0) {
        }
    }
}

// To whoever we share it with: the role is to have it for itself.
static void leave_core(void)
{
    cpu_set_t others;
    sched_getaffinity(0, sizeof others, &others);
    for (size_t core = 0; core < (size_t)sysconf(_SC_NPROCESSORS_ONLN); core++)
        if (CPU_ISSET(core, &others))
            CPU_CLR(core, &others);
        else
            CPU_SET(core, &others);
    sched_setaffinity(0, sizeof others, &others);
}

// Of the process that has it.
static uint64_t sent_by(const struct probe_role *role, pid_t pid)
{
    uint64_t sent = 0;
    struct iovec here = {&sent, sizeof sent};
    struct iovec there = {(void *)(uintptr_t)&role->counts.sent, sizeof sent};
    if (process_vm_readv(pid, &here, 1, &there, 1, 0) != (ssize_t)sizeof sent)
        die("process_vm_readv");
    return sent;
}

static struct steady watch(const struct probe_role *role, pid_t pid, int channel, double seconds)
{
    enum { LOOK_MS = 50 };
    struct steady steady = {0};
    clockid_t clock;
    struct mono began = now_mono(), until = mono_add_ns(began, (int64_t)(seconds * 1e9));
    if (clock_getcpuclockid(pid, &clock) != 0)
        die("clock_getcpuclockid");
    for (struct mono now = began; now.ns < until.ns; now = now_mono()) {
        swallow_events(channel, mono_add_ms(now, LOOK_MS));
        steady_note(&steady, (double)mono_since_ns(now_mono(), began) * 1e-9, seconds, clock,
                    sent_by(role, pid));
    }
    return steady;
}

static int run_role(const char *config, double seconds)
{
    static struct net net;
    char why[ROLE_ERROR_MAX];
    int channel[2], status;
    struct rusage usage;
    read_config(config, &net);
    struct probe_role *role = probe_role_open(&net, why);
    if (!role || channel_pair(channel) < 0) {
        fprintf(stderr, "probe_bench: %s\n", role ? strerror(errno) : why);
        return 3;
    }
    pid_t child = fork();
    if (child == 0) {
        close(channel[0]);
        spawn_go_first();
        _exit(probe_role_run(role, channel[1]));
    }
    close(channel[1]);
    probe_role_close(role);
    leave_core();
    struct steady steady = watch(role, child, channel[0], seconds);
    close(channel[0]);
    if (wait4(child, &status, 0, &usage) < 0)
        die("wait4");
    printf("{\"cpu_s\": %.6f, \"user_s\": %.6f, \"rss_kib\": %ld, ",
           seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime), seconds_of(usage.ru_utime),
           usage.ru_maxrss);
    steady_print(&steady);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

// ---- bare

struct bare {
    int fd;
    struct datagram_batch out;
    uint64_t sent, received;
};

static void bare_open(struct bare *b, struct address far)
{
    const int yes = 1, buffer = BUFFER;
    union endpoint here = endpoint_of(endpoint_any(far.family), BARE_PORT);
    b->fd = socket(endpoint_family(far.family), SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (far.family == FAMILY_IPV6)
        setsockopt(b->fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
    if (b->fd < 0 || bind(b->fd, &here.any, endpoint_size(&here)) < 0 ||
        datagram_want_facts(b->fd, far.family) < 0 || !datagram_batch_init(&b->out))
        die("bare");
    setsockopt(b->fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
    for (int i = 0; i < DATAGRAM_BATCH; i++) {
        memset(b->out.slots[i].bytes, 0, STAMP_SIZE);
        b->out.slots[i].peer = endpoint_of(far, PORT);
        datagram_compose(&b->out, i, STAMP_SIZE, (struct address){0}, 0);
    }
}

static void bare_turn(struct bare *b, uint64_t due, struct datagram_batch *in)
{
    while (b->sent < due) {
        int some = due - b->sent < DATAGRAM_BATCH ? (int)(due - b->sent) : DATAGRAM_BATCH;
        int took = datagram_send(b->fd, &b->out, 0, some);
        if (took < 0)
            die("send");
        b->sent += (uint64_t)took;
    }
    for (int came = DATAGRAM_BATCH; came == DATAGRAM_BATCH;) {
        came = datagram_receive(b->fd, in);
        b->received += came > 0 ? (uint64_t)came : 0;
    }
}

// Half of them over each family, as the role sends them.
static int run_bare(char **addresses, double rate, double seconds)
{
    static struct bare bare[2];
    static struct datagram_batch in;
    struct address far;
    for (int i = 0; i < 2; i++) {
        if (!address_parse(addresses[i], &far) || (i == 0 && !datagram_batch_init(&in)))
            return 2;
        bare_open(&bare[i], far);
    }
    struct steady steady = {0};
    struct mono began = now_mono();
    for (double at = 0; at < seconds + ANSWERS_WAIT_MS * 1e-3;) {
        uint64_t due = (uint64_t)(rate / 2 * (at < seconds ? at : seconds));
        for (int i = 0; i < 2; i++)
            bare_turn(&bare[i], due, &in);
        steady_note(&steady, at, seconds, CLOCK_PROCESS_CPUTIME_ID, bare[0].sent + bare[1].sent);
        nanosleep(&(struct timespec){0, NS_PER_MS}, NULL);
        at = (double)mono_since_ns(now_mono(), began) * 1e-9;
    }
    printf("{\"sent\": %" PRIu64 ", \"received\": %" PRIu64 ", \"cpu_s\": %.6f, ",
           bare[0].sent + bare[1].sent, bare[0].received + bare[1].received,
           steady_cpu_s(CLOCK_PROCESS_CPUTIME_ID));
    steady_print(&steady);
    return 0;
}

// ---- echo

static int echo_socket(enum family family)
{
    const int yes = 1, buffer = BUFFER;
    union endpoint here = endpoint_of(endpoint_any(family), PORT);
    int fd = socket(endpoint_family(family), SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (fd < 0 ||
        (family == FAMILY_IPV6 &&
         setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes) < 0) ||
        bind(fd, &here.any, endpoint_size(&here)) < 0 || datagram_want_local(fd, family) < 0)
        die("echo");
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
    return fd;
}

// Number and T1 to where an answer returns them; the control message names our address as it is.
static void turn_around(struct datagram_batch *batch, int i)
{
    uint8_t *bytes = batch->slots[i].bytes;
    memcpy(bytes + 24, bytes, 12);
    batch->slots[i].part.iov_len = batch->messages[i].msg_len;
    batch->messages[i].msg_hdr.msg_flags = 0;
}

static int run_echo(void)
{
    static struct datagram_batch batch;
    struct pollfd polled[] = {{.fd = echo_socket(FAMILY_IPV4), .events = POLLIN},
                              {.fd = echo_socket(FAMILY_IPV6), .events = POLLIN}};
    if (!datagram_batch_init(&batch))
        return 3;
    printf("ready\n");
    fflush(stdout);
    for (;;) {
        poll(polled, 2, -1);
        for (int s = 0; s < 2; s++) {
            int came = polled[s].revents ? datagram_receive(polled[s].fd, &batch) : 0;
            for (int i = 0; i < came; i++)
                turn_around(&batch, i);
            for (int next = 0; next < came;) {
                int sent = datagram_send(polled[s].fd, &batch, next, came - next);
                next += sent > 0 ? sent : 1;
            }
        }
    }
}

// ---- memory

static size_t heap_bytes(void)
{
    struct mallinfo2 all = mallinfo2();
    return all.uordblks + all.hblkhd;
}

// What a process has of its own in memory, not what it asked for.
static size_t resident_bytes(pid_t pid)
{
    char path[64], line[256];
    unsigned long kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file) && sscanf(line, "RssAnon: %lu", &kib) != 1) {
    }
    if (file)
        fclose(file);
    return kib * 1024;
}

// The most that the role's process has beyond what it had before it opened the role.
static size_t run_resident(struct probe_role *role, size_t before, double seconds)
{
    int channel[2];
    size_t most = 0;
    struct mono until = mono_add_ns(now_mono(), (int64_t)(seconds * 1e9));
    if (channel_pair(channel) < 0)
        die("channel");
    pid_t child = fork();
    if (child == 0) {
        close(channel[0]);
        _exit(probe_role_run(role, channel[1]));
    }
    close(channel[1]);
    leave_core();
    while (now_mono().ns < until.ns) {
        swallow_events(channel[0], mono_add_ms(now_mono(), 100));
        size_t now = resident_bytes(child);
        most = now > most ? now : most;
    }
    close(channel[0]);
    waitpid(child, NULL, 0);
    return most - before;
}

static int run_memory(const char *config, double seconds)
{
    static struct net net;
    char why[ROLE_ERROR_MAX];
    read_config(config, &net);
    size_t before = heap_bytes(), resident_before = resident_bytes(getpid());
    struct probe_role *role = probe_role_open(&net, why);
    if (!role) {
        fprintf(stderr, "probe_bench: %s\n", why);
        return 3;
    }
    size_t all = heap_bytes() - before + role->memory.used;
    size_t resident = run_resident(role, resident_before, seconds);
    printf("{\"flows\": %u, \"heap_bytes\": %zu, \"resident_bytes\": %zu}\n", role->flow_count, all,
           resident);
    probe_role_close(role);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "role") == 0)
        return run_role(argv[2], atof(argv[3]));
    spawn_go_first();  // as the role does
    if (argc == 6 && strcmp(argv[1], "bare") == 0)
        return run_bare(argv + 2, atof(argv[4]), atof(argv[5]));
    if (argc == 2 && strcmp(argv[1], "echo") == 0)
        return run_echo();
    if (argc == 4 && strcmp(argv[1], "memory") == 0)
        return run_memory(argv[2], atof(argv[3]));
    fprintf(stderr, "usage: see the head of bench/probe.c\n");
    return 2;
}
