// SPDX-License-Identifier: ISC
// What a router is yet to be told, said as fast as it reads: the ledger against what it has heard.
#pragma once

#include "bgp/session.h"
#include "steer/ledger.h"

struct route_role;

// Bytes of output without which nothing is said: the withdrawals of a run, or one announcement.
enum { ROUTE_SAY_ROOM = 3 * BGP_MESSAGE_MAX };

struct route_saying {     // for one router, beside what is unsaid in the ledger
    struct prefix *gone;  // to be withdrawn; a ring
    uint32_t gone_max, gone_first, gone_count;
    uint32_t at;                            // place in the ledger where to look next
    bool begins[FAMILIES], ends[FAMILIES];  // marks of RFC 7313 to be sent
};

bool route_say_open(struct route_role *r);  // false: memory is out
void route_say_close(struct route_role *r);
// About to be struck out of the ledger: its router must be told, if it has heard of it.
void route_say_gone(struct route_role *r, const struct standing *standing);
void route_say_again(struct route_role *r, uint32_t router, enum family family);
void route_say_forget(struct route_role *r, uint32_t router);  // the session is gone
bool route_say_waits(const struct route_role *r, uint32_t router);
void route_say_turn(struct route_role *r, uint32_t router);  // as much as the output has room for
