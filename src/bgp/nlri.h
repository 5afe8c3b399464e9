// SPDX-License-Identifier: ISC
// Prefixes as BGP packs them: RFC 4271 §4.3, path identifiers RFC 7911 §3.
#pragma once

#include "base/writer.h"
#include "bgp/update.h"

// Whether every prefix of the field can be read; `end` is set to where it could not, or to its end.
bool bgp_nlri_check(const struct bgp_nlri *nlri, struct cursor *end);

// The octets that it takes, with or without its path identifier.
size_t bgp_nlri_size(const struct bgp_route *route, bool add_path);
void bgp_nlri_write(struct writer *w, const struct bgp_route *route, bool add_path);
