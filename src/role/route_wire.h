// SPDX-License-Identifier: ISC
// A permit as the bytes of an UPDATE. Nothing else in the daemon writes one: what the gate has not
// permitted cannot be said.
#pragma once

#include "base/writer.h"
#include "bgp/verdict.h"
#include "steer/ledger.h"

// Each writes one message, as it was negotiated.
void route_wire_announce(struct writer *w, const struct permit *permit,
                         const struct bgp_context *context);
void route_wire_withdraw(struct writer *w, const struct permit *permit,
                         const struct bgp_context *context);
