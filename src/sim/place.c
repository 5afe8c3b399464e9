// SPDX-License-Identifier: ISC
#include "sim/place.h"

uint8_t sim_place_of(const struct sim_site *site, struct prefix prefix)
{
    for (uint8_t p = 0; p < site->prefix_count; p++)
        if (prefix_equal(site->prefixes[p].prefix, prefix))
            return p;
    uint32_t exit = net_exit_of(&site->net, prefix), own = net_announce_of(&site->net, prefix);
    if (exit != NET_NOBODY)
        return sim_exit_place((uint8_t)exit, prefix.address.family);
    return own != NET_NOBODY ? (uint8_t)(SIM_OWN_FIRST + own) : SIM_NOBODY;
}

struct prefix sim_place_prefix(const struct sim_site *site, uint8_t place)
{
    if (sim_is_own(place))
        return site->net.announce[place - SIM_OWN_FIRST].prefix;
    if (!sim_is_exit(place))
        return site->prefixes[place].prefix;
    enum family family = (place - SIM_EXIT_FIRST) % 2 ? FAMILY_IPV6 : FAMILY_IPV4;
    return prefix_of(site->net.upstreams[(place - SIM_EXIT_FIRST) / 2].exit[family],
                     family_bits(family));
}

enum permit_kind sim_place_kind(uint8_t place)
{
    return sim_is_own(place) ? PERMIT_OWN : sim_is_exit(place) ? PERMIT_EXIT : PERMIT_OVERRIDE;
}
