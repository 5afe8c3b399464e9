// SPDX-License-Identifier: ISC
// What a daemon that starts must know of those before it, as the audit log says.
#pragma once

#include "role/hooks_found.h"
#include "role/words_found.h"

struct past {
    struct hooks_found hooks;
    struct words_found words;
};

struct daemon;

// Needs the right to read the log.
void past_read(struct past *past, const struct net *net);
void past_tell(struct daemon *d);  // the engine, as soon as it has started
