// SPDX-License-Identifier: ISC
// Where this host's kernel would send a packet: the interface and the next hop, by its routes and
// rules.
#pragma once

#include "base/prefix.h"

struct way_question {
    struct address source;  // FAMILY_NONE: the kernel chooses
    struct address destination;
    uint32_t interface;  // that it leaves by; 0: the kernel chooses
    uint32_t mark;       // 0: none
    bool of_any_flow;    // all interfaces that it spreads flows over
};

enum { WAY_LINKS_MAX = 8 };

struct way {
    struct address next_hop;
    uint32_t interface;
    uint32_t interfaces[WAY_LINKS_MAX];  // of any flow: with the first, no more than fit
    uint8_t interface_count;
    uint32_t table;   // that its route stands in
    bool is_wrapped;  // in a tunnel or behind labels
};

// An rtnetlink(7) socket for way_ask() alone; or -errno.
int way_socket(void);
// Never waits. False, `way` untouched: there is none, or not by one interface alone though that is
// asked for. What else is told is of the first.
bool way_ask(int netlink, const struct way_question *question, struct way *way);
