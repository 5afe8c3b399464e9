// SPDX-License-Identifier: ISC
// Whole frames of one device, out and in, by AF_XDP sockets (af_xdp.rst of Linux) in memory shared
// with the kernel: a third of what a datagram socket costs. One socket for each queue of the
// device, all of which hear, the first of which sends. Frames are copied by the kernel, so that the
// call that sends knows what left. Of what comes only what role/xdp_program.h says is taken.
#pragma once

#include "base/clock.h"
#include "role/xdp_program.h"

#include <stdbool.h>
#include <stddef.h>

enum { XDP_BATCH = 64, XDP_WHY_MAX = 160 };

struct xdp_device;

struct xdp_frame {
    uint8_t *bytes;
    size_t size;
    struct mono came_at;  // at the device; 0: it did not say
};

// NULL; `why` (XDP_WHY_MAX bytes) says what failed. Needs CAP_NET_RAW, CAP_NET_ADMIN and CAP_BPF;
// what was opened serves after a fork too, on one side.
struct xdp_device *xdp_device_open(const char *name, uint16_t first, char *why);
void xdp_device_close(struct xdp_device *device);
struct xdp_program *xdp_device_program(struct xdp_device *device);
uint32_t xdp_device_interface(const struct xdp_device *device);
const uint8_t *xdp_device_mac(const struct xdp_device *device);  // ours
uint32_t xdp_device_queues(const struct xdp_device *device);
// Readable when something has come.
int xdp_device_socket(const struct xdp_device *device, uint32_t queue);

// Room for a frame of XDP_FRAME_MAX octets, which is then put in line; false: there is none now.
bool xdp_device_room(struct xdp_device *device, struct xdp_frame *frame);
// Sends what is in line, `frames`, XDP_BATCH at most. Of those that did not leave `left` is false;
// 0, or -errno of the last of them.
int xdp_device_send(struct xdp_device *device, const struct xdp_frame *frames, uint32_t count,
                    bool left[]);
// What has come by that queue, XDP_BATCH at most; lent until the next call.
uint32_t xdp_device_receive(struct xdp_device *device, uint32_t queue,
                            struct xdp_frame frames[XDP_BATCH]);
// How many the kernel had to drop for want of room in that queue's socket.
uint32_t xdp_device_dropped(const struct xdp_device *device, uint32_t queue);
