// SPDX-License-Identifier: ISC
// Attributes and prefixes to UPDATE messages: RFC 4271 §4.3, RFC 4760, RFC 6793 §4.2.2, RFC 7911,
// RFC 8654, RFC 8950.
//
// All depends on what was negotiated with the peer: `as4`, `extended_message`, `add_path_send` and
// `peer` of the context, nothing else. Each call writes whole messages with their headers, or fails
// the writer; one that has failed holds nothing to send.
#pragma once

#include "base/writer.h"
#include "bgp/update.h"

// Writes one message that announces as many of the routes, from the first, as it has room for, and
// gives their number. All must be of one family, with `next_hop` (IPv4) or `mp_next_hop` (either)
// as the attributes say. Attributes that are only for internal peers are kept from external ones.
// 0: not even one fits, and the writer has failed.
size_t bgp_update_encode(struct writer *w, const struct bgp_context *context,
                         const struct bgp_attributes *attributes, const struct bgp_route *routes,
                         size_t count);
// The same for routes that are gone.
size_t bgp_withdraw_encode(struct writer *w, const struct bgp_context *context,
                           const struct bgp_route *routes, size_t count);
// The attributes alone, but MP_REACH_NLRI: for those who keep it in another form. `classic`: with
// NEXT_HOP.
void bgp_attributes_encode(struct writer *w, const struct bgp_context *context,
                           const struct bgp_attributes *attributes, bool classic);
void bgp_end_of_rib_encode(struct writer *w, enum family family);  // RFC 4724 §2
