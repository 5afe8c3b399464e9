// SPDX-License-Identifier: ISC
// What this host's kernel says of its routing (rtnetlink(7)), as datagrams: changes as they happen,
// and dumps of one part after the other, all by one socket, so that they come in order. To read it
// needs no privilege; a large buffer does.
#pragma once

#include "kernel/message.h"

#include <sys/types.h>

struct mnl_socket;

enum {
    KERNEL_SOCKET_BUFFER = 32 * 1024 * 1024,  // bytes: a full table's changes while we do not run
    KERNEL_SOCKET_DATAGRAM = 64 * 1024,       // bytes: twice what a kernel puts into one
};

struct kernel_socket {
    struct mnl_socket *socket;  // NULL: closed
    int fd;
    uint32_t sequence;      // of the last request
    enum kernel_part part;  // that is dumped; KERNEL_PARTS: none
    bool is_spoilt;         // messages were lost during the dump
};

// 0 or -errno. Hears nothing before kernel_socket_subscribe().
int kernel_socket_open(struct kernel_socket *s);
void kernel_socket_close(struct kernel_socket *s);

// Changes from now on; or no more of them. 0 or -errno.
int kernel_socket_subscribe(struct kernel_socket *s, bool wanted);
// Begins a dump; none may be under way. 0 or -errno.
int kernel_socket_ask(struct kernel_socket *s, enum kernel_part part);

// The next datagram, into KERNEL_SOCKET_DATAGRAM bytes: its size; -EAGAIN: none; -ENOBUFS: messages
// were lost, ask for everything anew; else another -errno: it is of no use any more.
ssize_t kernel_socket_receive(struct kernel_socket *s, uint8_t *bytes);

// Whether the message ends the dump under way, and how: 1 whole, 0 not; -1: it does not end it.
int kernel_socket_ends(struct kernel_socket *s, const struct netlink_message *message);
