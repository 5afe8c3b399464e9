// SPDX-License-Identifier: ISC
// What a Linux kernel says of its routing by rtnetlink (RFC 3549 §3.1, rtnetlink(7)): routes,
// nexthop objects, rules, neighbours and links, as values. Both families; of either byte order.
//
// Octets may come from a stranger: a message is told whole, or ignored because it is about
// something else, or malformed, and then nothing of it counts. Names are made printable.
#pragma once

#include "kernel/neighbour.h"
#include "kernel/route.h"
#include "kernel/rule.h"

enum kernel_kind {
    KERNEL_ROUTE,
    KERNEL_NEXTHOP,
    KERNEL_RULE,
    KERNEL_NEIGHBOUR,
    KERNEL_LINK,
    KERNEL_DONE,   // the end of a dump
    KERNEL_ERROR,  // the answer to a request
    KERNEL_KINDS
};

struct kernel_message {
    enum kernel_kind kind;
    bool is_gone;      // deleted, not made or changed
    bool is_appended;  // behind what stands there for the same prefix and metric
    bool is_dumped;    // it was asked for: nothing happened
    bool is_torn;      // of a dump: the table changed under it
    uint32_t port, sequence;
    int error;  // of KERNEL_ERROR and KERNEL_DONE: 0 or -errno
    union {
        struct kernel_route route;
        struct kernel_nexthop nexthop;
        struct kernel_rule rule;
        struct kernel_neighbour neighbour;
        struct kernel_link link;
    };
};

enum kernel_part {  // in the order in which they are asked for: routes refer to what stands before
    KERNEL_LINKS,
    KERNEL_NEXTHOPS,
    KERNEL_NEIGHBOURS,
    KERNEL_ROUTES_IPV4,
    KERNEL_ROUTES_IPV6,
    KERNEL_RULES_IPV4,
    KERNEL_RULES_IPV6,
    KERNEL_PARTS
};

// Which part a message is of; KERNEL_PARTS: of none.
enum kernel_part kernel_part_of(const struct kernel_message *message);

// `out` is unusable unless KERNEL_TOLD. With KERNEL_MALFORMED `wrong` says what, lent for ever.
enum kernel_verdict kernel_decode(const struct netlink_message *message, enum netlink_order order,
                                  struct kernel_message *out, const char **wrong);
