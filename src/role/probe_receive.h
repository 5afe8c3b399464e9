// SPDX-License-Identifier: ISC
// How answers come in, and what speaks against calling a probe lost.
#pragma once

#include "role/probe.h"

// False when more waits: what is not read yet cannot be called lost.
bool probe_receive(struct probe_role *r, struct probe_receiver *receiver);
// The socket that hears answers to the flow; a queue of a device may hear them too.
struct probe_receiver *probe_receiver_of(struct probe_role *r, uint32_t flow);
bool probe_hears_for(const struct probe_receiver *receiver, const struct probe_receiver *of_flow);
uint32_t probe_dropped(const struct probe_receiver *receiver);  // by the kernel, so far
// Voids what is out if the kernel dropped something that could have been its answer.
void probe_check_drops(struct probe_role *r, struct probe_receiver *receiver, uint32_t dropped);
