// SPDX-License-Identifier: ISC
#include "role/keeper.h"

#include "role/channel.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    ORDER_START = 'S',
    ORDER_KILL = 'K',
    ANSWER_MS = 2000,  // a keeper forks, and answers; one that cannot is given up
    MERCY_MS = 2000,   // for a role without a parent to tidy up: its sessions end, its files close
};

union descriptor_room {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
};

// ---- the keeper's side

struct kept {
    const struct spawn *spawn;
    int orders;
    int role;  // a descriptor of the process; -1: it has not started
};

// 0: the parent is gone. `*fd` is -1 when none came with it.
static char hear_order(int orders, int *fd)
{
    char order;
    union descriptor_room room;
    struct iovec bytes = {&order, 1};
    struct msghdr message = {
        .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = &room, .msg_controllen = sizeof room};
    *fd = -1;
    ssize_t size = recvmsg(orders, &message, MSG_CMSG_CLOEXEC);
    if (size != 1)
        return size < 0 && errno == EINTR ? '\n' : 0;
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS)
        memcpy(fd, CMSG_DATA(head), sizeof *fd);
    return order;
}

// Through a process that ends at once: so the role is nobody's child, and comes to the parent.
static pid_t start_orphan(const struct kept *kept, int channel)
{
    int ends[2];
    pid_t pid = -EAGAIN;
    if (pipe(ends) < 0)
        return -errno;
    pid_t between = fork();
    if (between == 0) {
        pid = fork();
        if (pid == 0) {
            close(ends[0]);
            close(ends[1]);
            close(kept->orders);
            _exit(spawn_role(kept->spawn, channel));
        }
        pid = pid < 0 ? -errno : pid;
        _exit(write(ends[1], &pid, sizeof pid) != (ssize_t)sizeof pid);
    }
    close(ends[1]);
    if (between > 0) {
        if (read(ends[0], &pid, sizeof pid) != (ssize_t)sizeof pid)
            pid = -EAGAIN;
        waitpid(between, NULL, 0);
    }
    close(ends[0]);
    return pid;
}

static void start(struct kept *kept, int channel)
{
    const struct spawn *spawn = kept->spawn;
    pid_t pid = start_orphan(kept, channel);
    if (kept->role >= 0)
        close(kept->role);
    kept->role = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
    if (spawn->once && pid > 0)
        spawn->kinds[spawn->role].close(spawn->roles[spawn->role]);
    (void)send(kept->orders, &pid, sizeof pid, MSG_NOSIGNAL);
}

static void kill_role(const struct kept *kept)
{
    if (kept->role >= 0)
        (void)syscall(SYS_pidfd_send_signal, kept->role, SIGKILL, NULL, 0);
}

// The service manager's signals are for all of us; but who is to be ended must find us alive.
static void settle(const struct spawn *spawn)
{
    char title[16];
    signal(SIGTERM, SIG_IGN);
    snprintf(title, sizeof title, "keep-%s", spawn->kinds[spawn->role].name);
    prctl(PR_SET_NAME, title, 0, 0, 0);
}

static int keep(const struct spawn *spawn, int orders)
{
    struct kept kept = {spawn, orders, -1};
    char order;
    int fd;
    settle(spawn);
    while ((order = hear_order(orders, &fd)) != 0) {
        if (order == ORDER_START && fd >= 0)
            start(&kept, fd);
        else if (order == ORDER_KILL)
            kill_role(&kept);
        if (fd >= 0)
            close(fd);
    }
    struct pollfd ended = {.fd = kept.role, .events = POLLIN};
    if (poll(&ended, 1, kept.role >= 0 ? MERCY_MS : 0) == 0)
        kill_role(&kept);
    return 0;
}

// ---- the parent's side

int keeper_open(struct keeper *keeper, const struct spawn *spawn)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return -errno;
    pid_t pid = fork();
    int error = pid < 0 ? -errno : 0;
    if (pid == 0) {
        close(ends[0]);
        _exit(spawn_keeper(spawn) ? 3 : keep(spawn, ends[1]));
    }
    close(ends[1]);
    if (error) {
        close(ends[0]);
        return error;
    }
    const struct timeval limit = {.tv_sec = ANSWER_MS / 1000};
    (void)setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    *keeper = (struct keeper){pid, ends[0]};
    return 0;
}

static int order_start(int orders, int channel)
{
    char order = ORDER_START;
    union descriptor_room room = {0};
    struct iovec bytes = {&order, 1};
    struct msghdr message = {
        .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = &room, .msg_controllen = sizeof room};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof channel);
    memcpy(CMSG_DATA(head), &channel, sizeof channel);
    return sendmsg(orders, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == 1 ? 0 : -errno;
}

pid_t keeper_start_role(const struct keeper *keeper, int *channel)
{
    int fds[2];
    pid_t pid;
    int error = channel_pair(fds);
    if (error)
        return error;
    error = order_start(keeper->orders, fds[1]);
    close(fds[1]);
    if (!error) {
        ssize_t size;
        do  // a role's end tells itself by a signal
            size = recv(keeper->orders, &pid, sizeof pid, 0);
        while (size < 0 && errno == EINTR);
        error = size == (ssize_t)sizeof pid ? (pid > 0 ? 0 : (int)pid)
                : size < 0                  ? -errno
                                            : -ECHILD;
    }
    if (error) {
        close(fds[0]);
        return error;
    }
    *channel = fds[0];
    return pid;
}

void keeper_kill_role(const struct keeper *keeper)
{
    static const char order = ORDER_KILL;
    if (keeper->orders >= 0)
        (void)send(keeper->orders, &order, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void keeper_close(struct keeper *keeper)
{
    if (keeper->orders >= 0)
        close(keeper->orders);
    *keeper = (struct keeper){0, -1};
}
