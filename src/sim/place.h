// SPDX-License-Identifier: ISC
// Numbers of what routers can be told of (SIM_PLACES of site.h), and the prefixes that they stand
// for.
#pragma once

#include "sim/site.h"

static inline uint8_t sim_exit_place(uint8_t upstream, enum family family)
{
    return (uint8_t)(SIM_EXIT_FIRST + 2 * upstream + (family == FAMILY_IPV6));
}

static inline bool sim_is_exit(uint8_t place)
{
    return place >= SIM_EXIT_FIRST && place < SIM_OWN_FIRST;
}

static inline bool sim_is_own(uint8_t place)
{
    return place >= SIM_OWN_FIRST && place < SIM_PLACES;
}

// SIM_NOBODY: nothing of the site's.
uint8_t sim_place_of(const struct sim_site *site, struct prefix prefix);
struct prefix sim_place_prefix(const struct sim_site *site, uint8_t place);
enum permit_kind sim_place_kind(uint8_t place);
