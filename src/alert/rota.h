// SPDX-License-Identifier: ISC
// Who is on call: a team's rota, as configured, at a moment. A function of its arguments alone.
#pragma once

#include "alert/zone.h"
#include "net/net.h"

enum rota_rank { ROTA_PRIMARY, ROTA_SECONDARY, ROTA_RANKS };

// An index of net.alert.people; NET_NOBODY: nobody is. The secondary is never the primary.
uint32_t rota_on_call(const struct net_team *team, const struct zone *zone, int64_t utc_s,
                      enum rota_rank rank);
// A bit set: all that the team's rota names.
uint32_t rota_members(const struct net_team *team);
