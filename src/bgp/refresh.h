// SPDX-License-Identifier: ISC
// The BGP ROUTE-REFRESH message: RFC 2918, with the marks of RFC 7313.
#pragma once

#include "base/cursor.h"
#include "base/writer.h"
#include "bgp/verdict.h"

enum bgp_refresh_kind { BGP_REFRESH_REQUEST, BGP_REFRESH_BEGIN, BGP_REFRESH_END };  // RFC 7313 §3.2

struct bgp_refresh {
    uint16_t afi;
    uint8_t safi;
    enum family family;  // FAMILY_NONE: one that was not negotiated
    enum bgp_refresh_kind kind;
};

// BGP_IGNORE for families that were not negotiated and for subtypes that we do not know.
struct bgp_verdict bgp_refresh_decode(struct cursor body, const struct bgp_context *context,
                                      struct bgp_refresh *refresh);
void bgp_refresh_encode(struct writer *w, enum family family, enum bgp_refresh_kind kind);
