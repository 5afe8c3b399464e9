// SPDX-License-Identifier: ISC
// The program that a device asks of each frame that comes (bpf(2), XDP): answers to our probes go
// straight to our AF_XDP sockets, with the time when they came, everything else to the kernel as
// ever. Ours is a whole UDP datagram of at most XDP_FRAME_MAX octets, without options or extension
// headers, to one of the addresses told and to a port from `first` on: what a socket would get that
// catches these ports (port_catch.h); the kernel goes on catching what is not taken here.
#pragma once

#include "base/prefix.h"

enum {
    XDP_FRAME_MAX = 1518,    // octets, with the Ethernet header
    XDP_QUEUES_MAX = 64,     // of a device
    XDP_ADDRESSES_MAX = 64,  // of one device's paths
};

struct xdp_program {
    int program, link, sockets, addresses;  // descriptors; negative: none
    bool is_native;                         // run by the driver, before the kernel makes a packet
};

// 0 or -errno; -EBUSY: the device already has a program. It goes with the last copy of the link's
// descriptor. Needs CAP_BPF and CAP_NET_ADMIN.
int xdp_program_open(struct xdp_program *p, uint32_t interface, uint16_t first);
void xdp_program_close(struct xdp_program *p);
// 0 or -errno. Since Linux 5.19 without privilege.
int xdp_program_take(struct xdp_program *p, struct address address);
int xdp_program_leave(struct xdp_program *p, struct address address);
// What comes in by that queue of the device goes to the AF_XDP socket. 0 or -errno.
int xdp_program_deliver(struct xdp_program *p, uint32_t queue, int socket);
