// SPDX-License-Identifier: ISC
// The parent's side of the store, which nobody waits for: all that is told to people goes there;
// what it has no room for is dropped, counted, and told.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct daemon;
struct effect;

struct stored {
    uint64_t dropped, told;  // facts that it did not take; of them at the last tick
    bool full;
};

void stored_effect(struct daemon *d, const struct effect *effect);
void stored_turn(struct daemon *d, bool tick);
