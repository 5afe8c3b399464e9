// SPDX-License-Identifier: ISC
// What clocks show in the teams' time zones, as this host's C library knows it, told to the engine:
// which so needs no files, and a replay none of ours.
#pragma once

#include "alert/zone.h"
#include "role/daemon.h"

// The zone's offset at `from_s` (UTC), then its changes until `until_s`; gives how many, at most
// `max`.
uint32_t zones_changes(const char *name, int64_t from_s, int64_t until_s,
                       struct zone_change *changes, uint32_t max);

// False when this host does not know one of them; `why` (ROLE_ERROR_MAX bytes) says which.
bool zones_are_known(const struct net *net, char *why);
// At the start, when somebody has set the clock, and once a week.
void zones_turn(struct daemon *d);
