// SPDX-License-Identifier: ISC
// When probes leave this host (probe/departure.h), by what the kernel tells of some of them.
#pragma once

#include "role/probe.h"

// The first composed datagram is to be sent by the path: true when its departure is to be told.
bool probe_departure_ask(struct probe_role *r, uint32_t path, struct mono now);
void probe_departures_read(struct probe_role *r);
