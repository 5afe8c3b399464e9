// SPDX-License-Identifier: ISC
// From the attributes of a message to those that the table keeps.
#pragma once

#include "net/net.h"
#include "rib/attributes.h"

// Octets, for what an extended message (RFC 8654) can hold: an AS path of 2-octet numbers widened,
// and the attributes that are carried on unread.
enum { RIB_RECEIVED_SCRATCH = 3 * 65536 };

// Views into the message, or into `scratch` (RIB_RECEIVED_SCRATCH bytes). Both next hops may stand
// in one message: the caller says which is meant. `marker` is what our own echoes carry.
struct rib_attributes rib_received(const struct bgp_attributes *message,
                                   struct net_community marker, uint8_t *scratch);
