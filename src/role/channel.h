// SPDX-License-Identifier: ISC
// The socket pair between the engine and a role: SOCK_SEQPACKET, one message (engine/message.h) a
// packet, never blocking. Bounded by the socket's buffer: a role that does not read loses nothing
// silently, its sender gets -EAGAIN and decides.
#pragma once

#include "engine/effect.h"
#include "engine/event.h"

#include "engine/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

// Two connected, non-blocking descriptors. 0 or -errno.
int channel_pair(int fds[2]);

// 0, -EAGAIN when the other side does not read, -EPIPE when it is gone, other -errno.
int channel_send_event(int fd, const struct net *net, const struct event *event);
int channel_send_effect(int fd, const struct net *net, const struct effect *effect);
int channel_send_text(int fd, const char *text, size_t size);

// Events that leave by one call, so that whoever reads them is woken once and not for each.
enum { CHANNEL_BURST = 32 };
struct channel_burst {
    uint32_t count;  // 0 to begin with
    struct mmsghdr messages[CHANNEL_BURST];
    struct iovec texts[CHANNEL_BURST];
    char bytes[CHANNEL_BURST / 4 * MESSAGE_MAX];
};

// False: it is full, and nothing has changed.
bool channel_burst_add(struct channel_burst *burst, const struct net *net,
                       const struct event *event);
// How many of them were sent, the first ones; it is empty then. 0, or as channel_send_event() of
// the first that was not.
int channel_burst_send(struct channel_burst *burst, int fd, uint32_t *sent);

// 1: one came; 0: none now; -EPIPE: the other side closed; -EBADMSG: not a message, `why` (96
// bytes) says.
int channel_receive_event(int fd, const struct net *net, struct event *event, char *why);
int channel_receive_effect(int fd, const struct net *net, struct effect *effect, char *why);
// `length` gets the bytes that came, without a final zero; -EMSGSIZE: more than `size`.
int channel_receive_text(int fd, char *text, size_t size, size_t *length);
// For a role that takes no orders: false when the engine is gone.
bool channel_is_up(int fd, const struct net *net);
