// SPDX-License-Identifier: ISC
// Address families on the wire (RFC 4760 §3) and as we hold them: unicast of IPv4 and IPv6.
#pragma once

#include "base/prefix.h"

enum { AFI_IPV4 = 1, AFI_IPV6 = 2, SAFI_UNICAST = 1 };

static inline enum family bgp_family(uint16_t afi, uint8_t safi)
{
    if (safi != SAFI_UNICAST)
        return FAMILY_NONE;
    return afi == AFI_IPV4 ? FAMILY_IPV4 : afi == AFI_IPV6 ? FAMILY_IPV6 : FAMILY_NONE;
}

static inline uint16_t bgp_afi(enum family family)
{
    return family == FAMILY_IPV6 ? AFI_IPV6 : AFI_IPV4;
}
