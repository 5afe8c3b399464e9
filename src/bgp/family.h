// SPDX-License-Identifier: ISC
// Address families on the wire (RFC 4760 §3) and as we hold them: unicast of IPv4 and IPv6. All
// others are foreign: known by name, some of them read to be shown, none ever held.
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

enum bgp_form {         // what one NLRI of a family looks like
    BGP_FORM_NAMED,     // nobody here can read it
    BGP_FORM_PREFIX,    // as unicast: RFC 4760 §5
    BGP_FORM_LABELLED,  // RFC 8277 §2
    BGP_FORM_VPN,       // RFC 4364 §4.3.4, RFC 4659 §3.2
    BGP_FORM_EVPN,      // RFC 7432 §7
    BGP_FORM_FLOW,      // RFC 8955 §4, RFC 8956 §3
    BGP_FORM_FLOW_VPN,  // RFC 8955 §8
};

struct bgp_foreign {
    const char *name;  // "ipv4-vpn"
    uint16_t afi;
    uint8_t safi;
    enum bgp_form form;
    enum family family;  // of its prefixes
};

enum { BGP_FOREIGNS = 23 };  // fewer than the bits of a word: struct bgp_context has one for each
extern const struct bgp_foreign bgp_foreigns[BGP_FOREIGNS];

// NULL: nobody here knows it.
const struct bgp_foreign *bgp_foreign_of(uint16_t afi, uint8_t safi);

static inline uint32_t bgp_foreign_bit(const struct bgp_foreign *foreign)
{
    return UINT32_C(1) << (foreign - bgp_foreigns);
}
