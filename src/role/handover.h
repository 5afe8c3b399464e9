// SPDX-License-Identifier: ISC
// People's connections, handed from the process that accepted them to the one that holds the
// tables: over a socket pair of their own (SCM_RIGHTS, unix(7)), beside the channel of orders, so
// that no question ever waits in front of one.
#pragma once

#include <stddef.h>

// Two connected, non-blocking descriptors. 0 or -errno.
int handover_pair(int fds[2]);
// The text and a duplicate of `client` go together, or not at all. 0, -EAGAIN when the other side
// is busy, -EPIPE when it is gone, other -errno.
int handover_send(int fd, const char *text, size_t size, int client);
// 1: `text` (`size` bytes) holds `*length` of them, and `*client` is the receiver's; 0: none now;
// -EPIPE: the other side closed; -EBADMSG: not one that can be used, it is dropped.
int handover_receive(int fd, char *text, size_t size, size_t *length, int *client);
// Likewise, but a text may come alone: `*client` is -1 then.
int handover_hear(int fd, char *text, size_t size, size_t *length, int *client);
