// SPDX-License-Identifier: ISC
// Which steerable prefixes the engine was told of: a room for each family, as the engine has, for
// those that come first, until the engine asks for another instead of one (places.h). Of a prefix
// all ways are told, or none: half of them would be a wrong picture of it. What finds no room is
// counted, and people are told.
#pragma once

#include "base/clock.h"
#include "steer/routes.h"

struct route_role;

struct route_known {
    uint32_t count;
    struct prefix items[ROUTES_MAX];  // in order
    uint32_t untold[FAMILIES];        // steerable prefixes with ways, for which there was no room
    uint32_t seen[FAMILIES], said[FAMILIES];  // of these: at the last look, to people
    struct mono seen_at;                      // since when it is that many
};

enum route_known_news {
    KNOWN_NOT,     // there is no room for it: nothing is to be told
    KNOWN_BEFORE,  // what changed is to be told
    KNOWN_NEWLY,   // all that it has is to be told
};

// The ways to a prefix changed; `had` and `has`: whether there was any before, and is now. What had
// found no room is taken when there is some.
enum route_known_news route_known_change(struct route_known *known, struct prefix prefix, bool had,
                                         bool has);
// One that has ways and found no room is known instead of another; false: it is known already, or
// the other is not.
bool route_known_exchange(struct route_known *known, struct prefix prefix, struct prefix instead);
// Tells people, once it stays the same for a moment, how many found no room.
void route_known_tick(struct route_role *r);
