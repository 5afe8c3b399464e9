// SPDX-License-Identifier: ISC
// What an AS_PATH says: its length for the decision, its neighbour, and the whole path of a speaker
// that knows only 2-octet numbers. The segments must be well formed, as bgp_update_decode() gives
// them.
#pragma once

#include "base/writer.h"
#include "bgp/update.h"

// With 4-octet numbers. A SET counts one, confederation segments none: RFC 4271 §9.1.2.2,
// RFC 5065 §5.3.
uint32_t bgp_as_path_length(struct bgp_bytes path);
// The AS the route was learned from; 0 for an empty path or one that begins with a SET.
uint32_t bgp_as_path_neighbour(struct bgp_bytes path);
// Writes the path with 4-octet numbers, AS4_PATH merged in: RFC 6793 §4.2.3.
void bgp_as_path_write(struct writer *w, const struct bgp_attributes *attributes);
