// SPDX-License-Identifier: ISC
// What was looked at in an outage and is well, with the evidence: so that nobody has to ask whether
// it is a peering or a line card. Part of the engine; see state.h.
#pragma once

#include "incident/outage.h"

enum { HEALTHY_MAX = 400 };

struct engine;

// "packets by transit-a ipv4 (0 of 810 probes lost in 10 s); BGP with edge1; no chassis alarm told
// by any of 4 devices"; empty: nothing is known to be well.
void healthy_say(const struct engine *e, const struct outage *outage, char text[HEALTHY_MAX]);
