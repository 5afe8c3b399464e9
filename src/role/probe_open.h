// SPDX-License-Identifier: ISC
// What the probe role gets ready before it runs.
#pragma once

#include "role/probe.h"

// False; `why` (ROLE_ERROR_MAX bytes) says what failed.
__attribute__((format(printf, 2, 3))) bool probe_fail(char *why, const char *format, ...);

// probe_socket.c: all that needs privileges. Sockets of the paths; then of the kinds planned.
bool probe_open_senders(struct probe_role *r, char *why);
bool probe_open_receivers(struct probe_role *r, char *why);
void probe_close_sockets(struct probe_role *r);
// Looks up the source address of the next group in turn where the kernel chooses it; or of all.
void probe_ask_source(struct probe_role *r);
void probe_ask_sources(struct probe_role *r);

// probe_plan.c: who is probed, by which flows, how often.
bool probe_plan(struct probe_role *r, char *why);
void probe_plan_done(struct probe_role *r);
// The same for ever, also after a restart: some routers hash it.
uint32_t probe_flow_label(uint32_t path, uint32_t target, uint32_t flow);
// How late our loop may be before a probe of the flow is void.
void probe_allow_lag(struct probe_role *r, uint32_t id, int64_t lag_ns);
// Gives the flow another 5-tuple; what is out of the old one is forgotten.
void probe_retune(struct probe_role *r, uint32_t id, const struct flow *flow);
uint64_t probe_hash(const struct probe_role *r, enum probe_carrier carrier,
                    const struct probe_address *address);
