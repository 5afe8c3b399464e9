// SPDX-License-Identifier: ISC
// What becomes of a message of the kernel's, and the limits of what is kept of one.
#pragma once

#include "base/prefix.h"
#include "kernel/netlink.h"

enum {
    KERNEL_HOPS_MAX = 64,  // of a route or a group; what has more says so
    KERNEL_NAME_MAX = 16,  // bytes of a link's name, with the final zero: IFNAMSIZ
    KERNEL_MAC_MAX = 20,   // bytes of a link-layer address: InfiniBand's
};

enum kernel_verdict { KERNEL_TOLD, KERNEL_IGNORED, KERNEL_MALFORMED };

// Says what was malformed, in words lent for ever, and gives the verdict.
static inline enum kernel_verdict kernel_malformed(const char **wrong, const char *what)
{
    *wrong = what;
    return KERNEL_MALFORMED;
}

// A link's name, at most KERNEL_NAME_MAX octets of which the last is zero; what cannot be printed
// becomes '?'. False when it is no such text.
bool kernel_name(const struct netlink_attribute *attribute, char *name);
