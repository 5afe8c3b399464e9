// SPDX-License-Identifier: ISC
// Probes over AF_XDP (role/xdp_device.h) on paths that ask for it, by the build option of that
// name: STAMP at its plain size straight to the MAC address of the next hop that the kernel's
// routes name. What does not fit there, and all as long as no neighbour's address is known, goes by
// the sockets that every path has; so does everything when it cannot be had, after one line that
// says why.
#pragma once

#include "role/probe.h"
#include "role/xdp_device.h"

// What was asked for; false only without memory. Needs privileges.
bool probe_xdp_open(struct probe_role *r, char *why);

void probe_xdp_close(struct probe_xdp *xdp);
// To be called every 25 ms: asks for the ways of some groups in turn, of all within 5 s, and each
// second for each neighbour's address. Or begins anew, sooner: links, addresses changed.
void probe_xdp_ask(struct probe_role *r);
// Of everything, before the first probe: takes some 20 us a group.
void probe_xdp_ask_all(struct probe_role *r);
void probe_xdp_ask_again(struct probe_role *r);
// The group's probes will come from `source`, no longer from the one it has.
void probe_xdp_change_source(struct probe_role *r, uint32_t group, struct address source);
// Room for a probe of that flow, its Ethernet header written; false: it is to go by a socket.
bool probe_xdp_begin(struct probe_role *r, const struct flow *flow, struct xdp_frame *frame);
// Whether frames of both paths may be sent by one call.
bool probe_xdp_is_shared(const struct probe_role *r, uint32_t one, uint32_t other);
// As xdp_device_send().
int probe_xdp_send(struct probe_role *r, uint32_t path, const struct xdp_frame *frames,
                   uint32_t count, bool left[]);
// As xdp_device_receive() and xdp_device_dropped().
uint32_t probe_xdp_receive(const struct probe_receiver *receiver, struct xdp_frame *frames);
uint32_t probe_xdp_dropped(const struct probe_receiver *receiver);
