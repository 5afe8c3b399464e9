// SPDX-License-Identifier: ISC
// BGP messages and their verdicts as JSON, in the form that doc/fairlead.8 promises.
#pragma once

#include "bgp/message.h"

#include <jansson.h>

// Adds to `object` the verdict on one message, and what could be read of it.
void bgp_json_message(json_t *object, struct cursor bytes, const struct bgp_context *context);
void bgp_json_verdict(json_t *object, const struct bgp_verdict *verdict);

// The NLRI as an array, up to the first that cannot be read; the next hop, or NULL.
json_t *bgp_foreign_json(struct bgp_foreign_nlri nlri);
json_t *bgp_foreign_next_hop_json(const struct bgp_update *update);
