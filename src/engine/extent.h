// SPDX-License-Identifier: ISC
// How far an outage reaches, as measured: ways out, families, the share of what leaves, what
// happens on the way that customers' packets take, and destinations. Part of the engine; see
// state.h.
#pragma once

#include "engine/effect.h"

struct engine;

struct effect_extent extent_of(const struct engine *e, const struct outage *outage);
// Something else is hit, or moved: more than a number that went up or down.
bool extent_is_news(const struct effect_extent *now, const struct effect_extent *told);
bool extent_is_equal(const struct effect_extent *a, const struct effect_extent *b);
