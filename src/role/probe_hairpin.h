// SPDX-License-Identifier: ISC
// The links whose neighbours turn our packets around (probe/hairpin.h): one packet socket each, and
// flights and a schedule of their own. Their flows stand in the role's list behind the scheduled;
// what becomes of them is told like any other's, with the path that their link carries and the
// link's number in the place of a target.
#pragma once

#include "role/probe.h"

struct probe_hairpins;

// How many flows they are.
uint32_t probe_hairpin_flows(const struct net *net);

// Takes its flows of the role's list; opens sockets, so before privileges are
// dropped. False; `why` (ROLE_ERROR_MAX bytes) says what failed.
bool probe_hairpins_open(struct probe_role *r, char *why);
void probe_hairpins_close(struct probe_hairpins *hairpins);  // NULL: none

// 0 or a libuv error. `on_readable` finds the role in the handle.
int probe_hairpins_watch(struct probe_role *r, uv_poll_cb on_readable);
void probe_hairpins_start(struct probe_role *r);
void probe_hairpins_receive(struct probe_role *r);
// What came, what is lost, what is due.
void probe_hairpins_turn(struct probe_role *r);
struct mono probe_hairpins_due(const struct probe_role *r);
// All that is out.
void probe_hairpins_void(struct probe_role *r, enum sample_void_reason reason);
// A packet of this flow, of the role's list, is wished for soon.
void probe_hairpins_hasten(struct probe_role *r, uint32_t id);
// Links that are down by now, or came up; or that dropped something.
void probe_hairpins_check_links(struct probe_role *r);
void probe_hairpins_check_drops(struct probe_role *r);
