// SPDX-License-Identifier: ISC
// Prefixes as BGP packs them: RFC 4271 §4.3, path identifiers RFC 7911 §3.
#pragma once

#include "bgp/update.h"

// Whether every prefix of the field can be read; `end` is set to where it could not, or to its end.
bool bgp_nlri_check(const struct bgp_nlri *nlri, struct cursor *end);

void bgp_nlri_write(struct writer *w, struct prefix prefix);
