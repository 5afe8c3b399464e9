// SPDX-License-Identifier: ISC
// Prefixes that must not be routed on the Internet: the special-purpose registries of RFC 6890
// §2.2, multicast, and what IANA has not made unicast.
#pragma once

#include "base/prefix.h"

struct bogon {
    uint8_t length;
    uint64_t octets;  // its first eight, the first of them in the highest bits
    const char *name;
};

// The bogon that the prefix touches: contains, or lies in; NULL when it is clean.
const struct bogon *bogon_find(struct prefix prefix);
