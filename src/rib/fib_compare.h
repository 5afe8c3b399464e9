// SPDX-License-Identifier: ISC
// One prefix: what the kernel does with it against what BGP chose.
#pragma once

#include "rib/fib_choice.h"
#include "rib/fib_follow.h"

// The verdict, and what led to it, for words.
struct fib_view {
    struct prefix prefix;
    enum fib_verdict verdict;
    uint32_t number;                 // of FIB_NEXTHOP_GONE: the object; of FIB_LINK_DOWN: the link
    bool has_route, is_unexplained;  // unexplained: a daemon's route, but we know of no path
    struct rib_path path;            // the kernel's, when it has a route
    struct fib_route route;          // the same
    struct prefix covering;          // of FIB_MORE_SPECIFIC
    struct fib_choice choice;
};

void fib_compare(struct fib *fib, struct prefix prefix, struct fib_view *view);

// Whether the kernel's route leads where this next hop does.
bool fib_leads_to(struct fib *fib, const struct fib_route *route, struct address next_hop);
