// SPDX-License-Identifier: ISC
// Preloaded into a process, moves its wall clock: by as many nanoseconds as stand in the file that
// WALL_STEP names, whatever it reads and whatever the kernel dates its packets with. A kernel has
// but one wall clock for all namespaces, which a test had better leave alone.
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const _Atomic int64_t *moved_ns;
static int (*real_clock_gettime)(clockid_t, struct timespec *);
static int (*real_recvmmsg)(int, struct mmsghdr *, unsigned, int, struct timespec *);
static ssize_t (*real_recvmsg)(int, struct msghdr *, int);

static void find(void *function, const char *name)
{
    *(void **)function = dlsym(RTLD_NEXT, name);
    if (!*(void **)function)
        abort();
}

// Before the process gives up what it needs for that; those that it forks keep it. Other libraries
// may look at the clock before it is our turn.
__attribute__((constructor)) static void begin(void)
{
    if (moved_ns)
        return;
    find(&real_clock_gettime, "clock_gettime");
    find(&real_recvmmsg, "recvmmsg");
    find(&real_recvmsg, "recvmsg");
    int fd = open(getenv("WALL_STEP"), O_RDONLY | O_CLOEXEC);
    void *page = mmap(NULL, sizeof *moved_ns, PROT_READ, MAP_SHARED, fd, 0);
    if (fd < 0 || page == MAP_FAILED)
        abort();
    close(fd);
    moved_ns = page;
}

static void move(struct timespec *at)
{
    enum { NS_PER_S = 1000 * 1000 * 1000 };
    if (at->tv_sec == 0 && at->tv_nsec == 0)
        return;
    int64_t ns = at->tv_sec * (int64_t)NS_PER_S + at->tv_nsec + atomic_load(moved_ns);
    *at = (struct timespec){ns / NS_PER_S, ns % NS_PER_S};
}

static void move_dates(struct msghdr *message)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
        if (c->cmsg_level == SOL_SOCKET &&
            (c->cmsg_type == SCM_TIMESTAMPNS || c->cmsg_type == SCM_TIMESTAMPING))
            move((struct timespec *)(void *)CMSG_DATA(c));  // of three by software the first
}

int clock_gettime(clockid_t clock, struct timespec *at)
{
    begin();
    int failed = real_clock_gettime(clock, at);
    if (!failed && clock == CLOCK_REALTIME)
        move(at);
    return failed;
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    begin();
    ssize_t size = real_recvmsg(fd, message, flags);
    if (size >= 0)
        move_dates(message);
    return size;
}

int recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout)
{
    begin();
    int came = real_recvmmsg(fd, messages, count, flags, timeout);
    for (int i = 0; i < came; i++)
        move_dates(&messages[i].msg_hdr);
    return came;
}
