// SPDX-License-Identifier: ISC
// BGP messages and their verdicts as JSON, in the form that doc/fairlead.8 promises.
#pragma once

#include "bgp/message.h"

#include <jansson.h>

// Adds to `object` the verdict on one message, and what could be read of it.
void bgp_json_message(json_t *object, struct cursor bytes, const struct bgp_context *context);
// The same of a message that was decoded before.
void bgp_json_decoded(json_t *object, const struct bgp_verdict *verdict,
                      const struct bgp_message *message);
// What a single part of a message holds.
void bgp_json_open(json_t *object, const struct bgp_open *open);
void bgp_json_notification(json_t *object, const struct bgp_notification *n);
json_t *bgp_json_id(uint32_t id);  // "192.0.2.1"
void bgp_json_verdict(json_t *object, const struct bgp_verdict *verdict);

// The NLRI as an array, up to the first that cannot be read; the next hop, or NULL.
json_t *bgp_foreign_json(struct bgp_foreign_nlri nlri);
json_t *bgp_foreign_next_hop_json(const struct bgp_update *update);
// The attributes of an UPDATE that was decoded and is no session reset; the caller's.
json_t *bgp_json_attributes(const struct bgp_update *update);
