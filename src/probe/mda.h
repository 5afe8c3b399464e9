// SPDX-License-Identifier: ISC
// The stopping rule of multipath detection (Augustin, Friedman and Teixeira (2007)): how many flows
// must go through a router before its next hops are all known.
#pragma once

#include <stdint.h>

enum { MDA_HOPS_MAX = 128 };  // next hops of one router

// Flows of which every one of `hops` + 1 next hops, were there so many and equally loaded, would
// have been taken by at least one at 95 %. 1 <= hops < MDA_HOPS_MAX.
uint32_t mda_flows_needed(uint32_t hops);
