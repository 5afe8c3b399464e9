// SPDX-License-Identifier: ISC
// prefixes_max: how much of a router's table is taken, and what comes of more.
#pragma once

#include "base/clock.h"
#include "base/prefix.h"

#include <stdbool.h>

struct route_role;

struct route_limit {           // of one router
    bool over[FAMILIES];       // it was reached
    bool told;                 // people know
    struct mono closed_until;  // for that, no connection before
};

// How many more routes may come; UINT32_MAX: there is no limit.
uint32_t route_limit_room(const struct route_role *r, uint32_t router, enum family family);
// One more came. The session may be closed for it.
void route_limit_reached(struct route_role *r, uint32_t router, enum family family);
bool route_limit_is_closed(const struct route_role *r, uint32_t router);
void route_limit_forget(struct route_role *r, uint32_t router);  // the table is gone, or new
