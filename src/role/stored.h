// SPDX-License-Identifier: ISC
// The parent's side of the store, which nobody waits for: all that is told to people goes there;
// what it has no room for is dropped, counted, and told.
#pragma once

#include "said/desk.h"

#include <stdbool.h>
#include <stdint.h>

struct daemon;
struct effect;

struct stored {
    uint64_t dropped, told;  // facts that it did not take; of them at the last tick
    bool full;
    char drafts[SAID_NAMES_MAX];  // as said_desk_names() has them
};

void stored_effect(struct daemon *d, const struct effect *effect);
// Whether there is a draft to publish; `run` 0: of this life, or one that goes on in it.
bool stored_has_draft(const struct daemon *d, uint32_t run, uint32_t number);
void stored_turn(struct daemon *d, bool tick);
