// SPDX-License-Identifier: ISC
// A few prefixes in the place of all: to judge a table of a million by some hundred.
#pragma once

#include "rib/view.h"

// Up to `most` prefixes of the family that any peer has told of, spread evenly over the store; all
// of them when there are no more places than that. The same for the same table. Gives their number.
uint32_t rib_sample(const struct rib_view *view, enum family family, struct prefix *sample,
                    uint32_t most);
