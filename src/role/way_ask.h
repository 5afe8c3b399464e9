// SPDX-License-Identifier: ISC
// Where this host's kernel would send a packet: the next hop, by its routes and rules.
#pragma once

#include "base/prefix.h"

struct way_question {
    struct address source, destination;  // of one family
    uint32_t interface;                  // that it leaves by
    uint32_t mark;                       // 0: none
};

// By an rtnetlink(7) socket that serves nothing else; never waits. False: there is no way by that
// interface alone, or only a wrapped one.
bool way_ask(int netlink, const struct way_question *question, struct address *next_hop);
