// SPDX-License-Identifier: ISC
// Which of several paths a router prefers: RFC 4271 §9.1.1 and §9.1.2.2 as far as iBGP shows it.
// Whether a path came over eBGP and what its next hop costs (steps d and e), only the router knows.
#pragma once

#include "rib/rib.h"

// The place of the best of `count` paths of one peer, all different, 1 at least.
size_t rib_best_of(const struct rib *rib, const struct rib_path *paths, size_t count);

// Whether every router of the AS prefers `a` to `b`, whichever of the two is nearer to it: by
// LOCAL_PREF, the length of the AS path, or ORIGIN (RFC 4271 §9.1.1, §9.1.2.2 a and b).
bool rib_path_beats(const struct rib *rib, const struct rib_path *a, const struct rib_path *b);
