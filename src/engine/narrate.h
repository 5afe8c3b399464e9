// SPDX-License-Identifier: ISC
// An effect as a plain sentence for people on a terminal: what, where, since when, why.
#pragma once

#include "engine/effect.h"

#include <stddef.h>

// Gives the length written, 0 for effects that nobody wants to read (leases).
size_t narrate_effect(const struct net *net, const struct effect *effect, char *text, size_t size);
