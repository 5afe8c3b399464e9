// SPDX-License-Identifier: ISC
#include "bgp/family.h"

// IANA's numbers. clang-format off
const struct bgp_foreign bgp_foreigns[BGP_FOREIGNS] = {
    {"ipv4-multicast", 1, 2, BGP_FORM_PREFIX, FAMILY_IPV4},
    {"ipv6-multicast", 2, 2, BGP_FORM_PREFIX, FAMILY_IPV6},
    {"ipv4-labelled", 1, 4, BGP_FORM_LABELLED, FAMILY_IPV4},
    {"ipv6-labelled", 2, 4, BGP_FORM_LABELLED, FAMILY_IPV6},
    {"ipv4-vpn", 1, 128, BGP_FORM_VPN, FAMILY_IPV4},
    {"ipv6-vpn", 2, 128, BGP_FORM_VPN, FAMILY_IPV6},
    {"l2vpn-evpn", 25, 70, BGP_FORM_EVPN, FAMILY_NONE},
    {"ipv4-flowspec", 1, 133, BGP_FORM_FLOW, FAMILY_IPV4},
    {"ipv6-flowspec", 2, 133, BGP_FORM_FLOW, FAMILY_IPV6},
    {"ipv4-flowspec-vpn", 1, 134, BGP_FORM_FLOW_VPN, FAMILY_IPV4},
    {"ipv6-flowspec-vpn", 2, 134, BGP_FORM_FLOW_VPN, FAMILY_IPV6},
    {"ipv4-mvpn", 1, 5, BGP_FORM_NAMED, FAMILY_NONE},
    {"ipv6-mvpn", 2, 5, BGP_FORM_NAMED, FAMILY_NONE},
    {"ipv4-sr-policy", 1, 73, BGP_FORM_NAMED, FAMILY_NONE},
    {"ipv6-sr-policy", 2, 73, BGP_FORM_NAMED, FAMILY_NONE},
    {"ipv4-mup", 1, 85, BGP_FORM_NAMED, FAMILY_NONE},
    {"ipv6-mup", 2, 85, BGP_FORM_NAMED, FAMILY_NONE},
    {"ipv4-rtc", 1, 132, BGP_FORM_NAMED, FAMILY_NONE},
    {"l2vpn-vpls", 25, 65, BGP_FORM_NAMED, FAMILY_NONE},
    {"bgp-ls", 16388, 71, BGP_FORM_NAMED, FAMILY_NONE},
    {"bgp-ls-vpn", 16388, 72, BGP_FORM_NAMED, FAMILY_NONE},
    {"ipv4-mcast-vpn", 1, 129, BGP_FORM_VPN, FAMILY_IPV4},
    {"ipv6-mcast-vpn", 2, 129, BGP_FORM_VPN, FAMILY_IPV6},
};
// clang-format on

const struct bgp_foreign *bgp_foreign_of(uint16_t afi, uint8_t safi)
{
    for (size_t i = 0; i < BGP_FOREIGNS; i++)
        if (bgp_foreigns[i].afi == afi && bgp_foreigns[i].safi == safi)
            return &bgp_foreigns[i];
    return NULL;
}
