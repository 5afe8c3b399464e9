// SPDX-License-Identifier: ISC
// Whole frames of one interface, in and out (packet(7)), of which only hairpin probes that came
// back are let through.
#pragma once

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PACKET_SOCKET_MAC = 6 };

struct packet_socket {
    int fd;      // hears,
    int sender;  // and this one does not: what it is told of frames that left would wake who waits
    uint32_t interface;
    uint8_t mac[PACKET_SOCKET_MAC];  // ours
};

// 0 or -errno; -EAFNOSUPPORT: not an interface with Ethernet's addresses. Needs CAP_NET_RAW.
int packet_socket_open(struct packet_socket *s, const char *device);
void packet_socket_close(struct packet_socket *s);
// 0 or -errno. With `asks` it is told when the frame leaves.
int packet_socket_send(const struct packet_socket *s, const void *frame, size_t size, bool asks);
// When the next one that was asked of left. False: none by now.
bool packet_socket_departed(const struct packet_socket *s, struct wall *at);
// Whether the kernel had no room for one since last asked.
int packet_socket_dropped(const struct packet_socket *s);
