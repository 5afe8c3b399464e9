// SPDX-License-Identifier: ISC
// Whether our own side may judge: what links drop themselves, and what people are told of us.
#pragma once

#include "role/probe.h"

// Voids what is out of all paths whose link dropped something meanwhile. Reads counters at most
// every 5 ms.
void probe_check_links_dropped(struct probe_role *r);
void probe_tell_vouch(struct probe_role *r);
