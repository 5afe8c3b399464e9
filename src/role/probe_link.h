// SPDX-License-Identifier: ISC
// Our own interfaces that probes leave by: which one that is for each path and target, whether it
// is up, and whether it drops packets itself. What is out by one that is down or drops is void: it
// says something of us, not of the path.
//
// A path has the interface that it names or that has its source address, which answers come to; and
// the one that the kernel routes its probes to, by their source and mark, which may be another for
// each target, or several where flows are spread; that is one of a VRF's, where the path names
// such. Hairpins have their links' devices. While nothing stands in the tables that rules mean a
// path's packets for, it has no way; nor has it one to a target that falls out of these, or out of
// the VRF.
#pragma once

#include "role/kernel_socket.h"
#include "role/link.h"
#include "role/round.h"

enum { PROBE_LINKS_MAX = 128, PROBE_LINK_NONE = 0 };  // the latter's stands for all not known

struct probe_link {
    char name[LINK_NAME_MAX];
    uint32_t users;  // 0: the place is free
    bool is_down, has_dropped;
    struct link_drops drops;  // as last known
};

struct probe_links {
    struct probe_link all[PROBE_LINKS_MAX];
    bool may_be_down;            // false: none is
    uint32_t astray;             // groups that are
    int netlink;                 // asks for ways
    struct kernel_socket rules;  // tells them
    bool by_addresses;           // IPv4 packets are spread over equal ways
    struct round round;
    struct mono drops_read_at;
};

struct probe_role;

// False; `why` (ROLE_ERROR_MAX bytes) says what failed.
bool probe_links_open(struct probe_role *r, char *why);
void probe_links_close(struct probe_role *r);
// The place of an interface, which now has one user more; PROBE_LINK_NONE: no name, or no room.
uint8_t probe_link_use(struct probe_role *r, const char *name);

// Whether an interface that a flow's probes need is down.
bool probe_is_cut_off(const struct probe_role *r, uint32_t flow);
// Reads what all are like, voids what is out by those that are down. Or only if any has changed.
void probe_links_read(struct probe_role *r);
void probe_links_check(struct probe_role *r);
// Voids what is out by those that dropped something since last read. Reads counters at most every
// 5 ms.
void probe_links_check_drops(struct probe_role *r);
// To be called every 25 ms: asks for the ways of some groups in turn, of all within 5 s; sooner
// when something has changed. Or of all, before the first probe: takes some 5 us a group.
void probe_links_ask(struct probe_role *r);
void probe_links_ask_all(struct probe_role *r);
