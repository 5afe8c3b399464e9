// SPDX-License-Identifier: ISC
// When one route moves all that an upstream carries, instead of one for each prefix: for a drain,
// and where a decision moves every prefix to one other way, or would if more overrides could stand
// (S4). It needs an exit by configuration, room for all that the upstream carries, known or not by
// prefix, and no other upstream that leans on its exit (S8). The gate asks besides whether the
// other way has nearly all of the routes; when it says no, prefixes move one by one. Part of the
// engine; see state.h.
#pragma once

#include "steer/allocate.h"
#include "steer/moves.h"

struct engine;

// Where all of the path may go by one route; NET_NOBODY: prefixes go one by one. A drain asks for
// the best way, before prefixes are looked at; a decision to move prefixes for the one way of all
// of them, after.
uint32_t exits_for_drain(const struct engine *e, uint32_t path, uint32_t best,
                         const struct allocate_limits *limits);
uint32_t exits_for_all(const struct engine *e, uint32_t path, const struct allocate_limits *limits);
// The move that does it.
struct move exits_move(const struct engine *e, uint32_t path, uint32_t to);
// Whether some of what such a move turns away goes out by that upstream, as routers choose.
bool exits_reach(const struct engine *e, const struct move *move, uint32_t upstream);
// Route let it go, or never took it: not tried again for a while.
void exits_refused(struct engine *e, uint32_t path, struct prefix prefix);
// The targets (a bit set) behind what leaves by the upstream of this exit.
uint32_t exits_targets(const struct engine *e, struct prefix exit);
