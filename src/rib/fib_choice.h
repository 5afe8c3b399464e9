// SPDX-License-Identifier: ISC
// What BGP chose for a prefix on one router, as far as we can know it.
#pragma once

#include "rib/fib.h"

enum { FIB_WAYS_MAX = 16 };  // next hops of which each may be right

enum fib_knowledge {
    FIB_CHOICE_UNKNOWN,  // its table is not complete, or does not fit
    FIB_CHOICE_NONE,     // it told us of no path; it may use one that iBGP hides from us
    FIB_CHOICE_MADE,
};

struct fib_way {
    struct address next_hop, link_local;  // link_local: RFC 2545, or FAMILY_NONE
};

struct fib_choice {
    enum fib_knowledge is;
    bool is_own;   // a prefix of our own: its packets are at home
    bool is_open;  // ways are left out: nothing else is known to be wrong
    uint8_t count;
    struct fib_way ways[FIB_WAYS_MAX];  // with FIB_CHOICE_NONE: what others offer
};

void fib_choose(const struct fib *fib, struct prefix prefix, struct fib_choice *choice);
