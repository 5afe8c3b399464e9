// SPDX-License-Identifier: ISC
#include "role/handover.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control_buffer {
    struct cmsghdr header;  // for its alignment
    char bytes[CMSG_SPACE(sizeof(int))];
};

int handover_pair(int fds[2])
{
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) < 0)
        return -errno;
    return 0;
}

int handover_send(int fd, const char *text, size_t size, int client)
{
    union control_buffer buffer = {0};
    struct iovec part = {(void *)(size_t)text, size};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = buffer.bytes,
                             .msg_controllen = sizeof buffer.bytes};
    buffer.header = (struct cmsghdr){CMSG_LEN(sizeof client), SOL_SOCKET, SCM_RIGHTS};
    memcpy(CMSG_DATA(&buffer.header), &client, sizeof client);
    ssize_t sent;
    do
        sent = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : 0;
}

static int client_in(struct msghdr *message)
{
    int client = -1;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
            c->cmsg_len == CMSG_LEN(sizeof client))
            memcpy(&client, CMSG_DATA(c), sizeof client);
    }
    return client;
}

int handover_hear(int fd, char *text, size_t size, size_t *length, int *client)
{
    union control_buffer buffer;
    struct iovec part = {text, size};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = buffer.bytes,
                             .msg_controllen = sizeof buffer.bytes};
    ssize_t got;
    do
        got = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return errno == EAGAIN ? 0 : -errno;
    if (got == 0)
        return -EPIPE;
    *length = (size_t)got;
    *client = client_in(&message);
    if (!(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
        return 1;
    if (*client >= 0)
        close(*client);
    return -EBADMSG;
}

int handover_receive(int fd, char *text, size_t size, size_t *length, int *client)
{
    int came = handover_hear(fd, text, size, length, client);
    return came == 1 && *client < 0 ? -EBADMSG : came;
}
