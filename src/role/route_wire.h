// SPDX-License-Identifier: ISC
// A permit as the bytes of an UPDATE. Nothing else in the daemon writes one: what the gate has not
// permitted cannot be said.
#pragma once

#include "base/writer.h"
#include "bgp/verdict.h"
#include "steer/ledger.h"

// Each writes one message, as it was negotiated, with as many prefixes as it has room for, and
// gives their number. Permits must have the same attributes, prefixes the same family.
size_t route_wire_announce(struct writer *w, const struct bgp_context *context,
                           const struct net *net, const struct permit *const *permits,
                           size_t count);
size_t route_wire_withdraw(struct writer *w, const struct bgp_context *context,
                           const struct prefix *prefixes, size_t count);
