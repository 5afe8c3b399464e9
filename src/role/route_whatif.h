// SPDX-License-Identifier: ISC
// The answer to "what if this were drained", over a snapshot, in slices.
#pragma once

#include "role/route_ask.h"

bool route_whatif_step(struct route_job *job);
void route_whatif_done(struct route_job *job);
