// SPDX-License-Identifier: ISC
#pragma once

#include "base/clock.h"
#include "net/net.h"

struct route_role;

struct route_origins {
    struct mono look_at;
    uint32_t next;                             // of targets, in both families
    uint32_t told[NET_TARGETS_MAX][FAMILIES];  // AS numbers; 0: not known
};

void route_origins_tick(struct route_role *r);
