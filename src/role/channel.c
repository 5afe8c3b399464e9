// SPDX-License-Identifier: ISC
#include "role/channel.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

// What a channel holds for a role that is busy: some thousand messages, so that a whole table of
// steerable routes fits while the engine's turn lasts.
enum { CHANNEL_BUFFER_BYTES = 4 * 1024 * 1024 };

static void widen(int fd)
{
    // Beyond the system's limit only with privileges; without them its limit has to do.
    const int size = CHANNEL_BUFFER_BYTES;
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) < 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}

int channel_pair(int fds[2])
{
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) < 0)
        return -errno;
    widen(fds[0]);
    widen(fds[1]);
    return 0;
}

static int error_of(int number)
{
    if (number == ECONNRESET)
        return -EPIPE;
    return number == ENOBUFS || number == ENOMEM ? -EAGAIN : -number;
}

int channel_send_text(int fd, const char *text, size_t size)
{
    assert(size > 0);  // an empty packet cannot be told from an end
    ssize_t sent;
    do
        sent = send(fd, text, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    return sent >= 0 ? 0 : error_of(errno);
}

bool channel_burst_add(struct channel_burst *burst, const struct net *net,
                       const struct event *event)
{
    size_t used = 0;
    for (uint32_t i = 0; i < burst->count; i++)
        used += burst->texts[i].iov_len;
    if (burst->count == CHANNEL_BURST || sizeof burst->bytes - used < MESSAGE_MAX)
        return false;
    struct iovec *text = &burst->texts[burst->count];
    text->iov_base = burst->bytes + used;
    text->iov_len = message_from_event(net, event, text->iov_base, MESSAGE_MAX);
    assert(text->iov_len > 0);
    burst->messages[burst->count++] =
        (struct mmsghdr){.msg_hdr = {.msg_iov = text, .msg_iovlen = 1}};
    return true;
}

int channel_burst_send(struct channel_burst *burst, int fd, uint32_t *sent)
{
    int error = 0;
    *sent = 0;
    while (!error && *sent < burst->count) {
        int took = sendmmsg(fd, burst->messages + *sent, burst->count - *sent,
                            MSG_NOSIGNAL | MSG_DONTWAIT);
        *sent += took > 0 ? (uint32_t)took : 0;
        error = took < 0 && errno != EINTR ? error_of(errno) : 0;
    }
    burst->count = 0;
    return error;
}

int channel_send_event(int fd, const struct net *net, const struct event *event)
{
    char text[MESSAGE_MAX];
    size_t size = message_from_event(net, event, text, sizeof text);
    assert(size > 0);  // MESSAGE_MAX holds every message
    return channel_send_text(fd, text, size);
}

int channel_send_effect(int fd, const struct net *net, const struct effect *effect)
{
    char text[MESSAGE_MAX];
    size_t size = message_from_effect(net, effect, text, sizeof text);
    assert(size > 0);
    return channel_send_text(fd, text, size);
}

int channel_receive_text(int fd, char *text, size_t size, size_t *length)
{
    ssize_t got;
    do  // a reset is told once, before what was sent ahead of it: that still counts
        got = recv(fd, text, size, MSG_DONTWAIT | MSG_TRUNC);
    while (got < 0 && (errno == EINTR || errno == ECONNRESET));
    if (got < 0)
        return errno == EAGAIN ? 0 : -errno;
    if (got == 0)
        return -EPIPE;
    if ((size_t)got > size)
        return -EMSGSIZE;
    *length = (size_t)got;
    return 1;
}

// A message longer than any is none; `why` says so as the codec would.
static int receive_message(int fd, char *text, size_t *length, char *why)
{
    int came = channel_receive_text(fd, text, MESSAGE_MAX, length);
    if (came != -EMSGSIZE)
        return came;
    snprintf(why, 96, "longer than %d bytes", MESSAGE_MAX);
    return -EBADMSG;
}

int channel_receive_event(int fd, const struct net *net, struct event *event, char *why)
{
    char text[MESSAGE_MAX];
    size_t size;
    int came = receive_message(fd, text, &size, why);
    if (came == 1 && !message_to_event(net, text, size, event, why))
        return -EBADMSG;
    return came;
}

int channel_receive_effect(int fd, const struct net *net, struct effect *effect, char *why)
{
    char text[MESSAGE_MAX];
    size_t size;
    int came = receive_message(fd, text, &size, why);
    if (came == 1 && !message_to_effect(net, text, size, effect, why))
        return -EBADMSG;
    return came;
}

bool channel_is_up(int fd, const struct net *net)
{
    enum { EFFECTS_PER_TURN_MAX = 64 };
    struct effect effect;
    char why[MESSAGE_WHY_MAX];
    int came = 1;
    for (int i = 0; i < EFFECTS_PER_TURN_MAX && (came > 0 || came == -EBADMSG); i++)
        came = channel_receive_effect(fd, net, &effect, why);
    return came >= 0 || came == -EBADMSG;
}
