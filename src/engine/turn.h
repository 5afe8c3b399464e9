// SPDX-License-Identifier: ISC
// Who goes first, of sites that share a backbone (detection.md 4.4). When it becomes too small, all
// of them see the same loss; if all left, the next one would overflow, and if each left by chance,
// some too many would. So each has a turn, and of n sites of which a share L of packets is lost
// just the first n * L go, as far as L is sure. Nobody knows of another: what the others moved is
// seen by the loss that is left. Where it stays, because L was not sure, some could not go or it is
// no lack of room, one more goes every STEER_TURN_MS after the onset. Part of the engine; see
// state.h.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct engine;

// Whether this path's traffic may move now; always, where nobody shares its upstream.
bool turn_is_ours(const struct engine *e, uint32_t path);
// The path of the other family of a shared upstream, if that is proven lossy and has been left:
// both are one component, and lose alike. NET_NOBODY.
uint32_t turn_sibling(const struct engine *e, uint32_t path);
// Likewise whether what was moved may be tried on the old way: one site after the other, and one
// family after the other, as a little too much is hard to tell from nothing.
bool turn_may_return(const struct engine *e, uint32_t path);
