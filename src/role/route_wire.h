// SPDX-License-Identifier: ISC
// A permit as the bytes of an UPDATE. Nothing else in the daemon writes one: what the gate has not
// permitted cannot be said.
#pragma once

#include "base/writer.h"
#include "steer/ledger.h"

// Each writes one message; `as_size` 2 or 4 as negotiated.
void route_wire_announce(struct writer *w, const struct permit *permit, uint8_t as_size);
void route_wire_withdraw(struct writer *w, const struct permit *permit);
