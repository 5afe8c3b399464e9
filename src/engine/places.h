// SPDX-License-Identifier: ISC
// Which steerable prefixes are known with their routes. There is room for so many of each family
// (ROUTES_PER_FAMILY_MAX), and those have it that came first, until flows tell of a heavier one: it
// gets the place of the lightest. Part of the engine; see state.h.
#pragma once

#include "base/prefix.h"

#include <stdbool.h>

struct engine;

// At the end of every tick: while nothing is wrong anywhere, asks route for one such exchange.
void places_look(struct engine *e);
// Whether route tells of its routes because it was asked to: they are no news to the routers.
bool places_are_told(struct engine *e, struct prefix prefix);
