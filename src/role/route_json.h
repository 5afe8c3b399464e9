// SPDX-License-Identifier: ISC
// Paths of the table as JSON, with the keys of `fairlead decode bgp`.
#pragma once

#include "rib/rib.h"

#include <jansson.h>

// Adds the attributes to `object`; false when memory is out.
bool route_json_attributes(json_t *object, const struct rib_attributes *attributes);
const char *route_json_kind(enum rib_peer_kind kind);  // "session", "bmp_in", ...
