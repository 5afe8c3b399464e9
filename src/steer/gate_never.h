// SPDX-License-Identifier: ISC
// What the gate would refuse whatever else holds: of its own rules, those that the configuration
// alone answers. For who plans and knows no tables.
#pragma once

#include "net/net.h"

// Whether this prefix may never be moved: by its length, as a bogon, as something that Fairlead
// hangs by (S5, S6), or as one of our own (S1). The gate asks all of it again.
bool gate_never(const struct net *net, struct prefix prefix);
