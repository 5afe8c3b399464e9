// SPDX-License-Identifier: ISC
#include "bgp/refresh.h"

#include "bgp/family.h"
#include "bgp/header.h"

#include <stdio.h>
#include <string.h>

enum { BODY_SIZE = 4, INVALID_LENGTH = 1, BAD_MESSAGE_LENGTH = 2 };

static struct bgp_verdict ignored(const char *spec, size_t at, const char *what, unsigned value)
{
    struct bgp_verdict verdict = {.remedy = BGP_IGNORE, .spec = spec, .at = at};
    snprintf(verdict.reason, sizeof verdict.reason, "ROUTE-REFRESH %s %u", what, value);
    return verdict;
}

static struct bgp_verdict bad_length(struct cursor body, const struct bgp_context *context)
{
    uint16_t size = (uint16_t)(BGP_HEADER_SIZE + body.size);
    uint8_t sizes[] = {(uint8_t)(size >> 8), (uint8_t)size};
    struct bgp_verdict verdict =
        bgp_reset(BGP_HEADER_ERROR, BAD_MESSAGE_LENGTH, 16, "RFC 4271 §6.1",
                  "ROUTE-REFRESH has length %u, not 23", size);
    if (context->enhanced_refresh) {  // the whole message goes back
        verdict.code = BGP_REFRESH_ERROR;
        verdict.subcode = INVALID_LENGTH;
        verdict.spec = "RFC 7313 §5";
        struct writer w = writer_over(verdict.data, sizeof verdict.data);
        size_t begun = bgp_message_begin(&w, BGP_ROUTE_REFRESH);
        memcpy(w.bytes + begun + 16, sizes, sizeof sizes);
        size_t room = sizeof verdict.data - w.size;
        writer_bytes(&w, body.bytes, body.size < room ? body.size : room);
        verdict.data_size = (uint8_t)w.size;
    } else {
        memcpy(verdict.data, sizes, sizeof sizes);
        verdict.data_size = sizeof sizes;
    }
    return verdict;
}

struct bgp_verdict bgp_refresh_decode(struct cursor body, const struct bgp_context *context,
                                      struct bgp_refresh *refresh)
{
    struct cursor fields = body;
    *refresh = (struct bgp_refresh){.afi = cursor_be16(&fields)};
    uint8_t subtype = cursor_u8(&fields);
    refresh->safi = cursor_u8(&fields);
    // A request may carry the filters of RFC 5291, which we never ask for and do not read.
    bool marks = subtype == BGP_REFRESH_BEGIN || subtype == BGP_REFRESH_END;
    if (!cursor_ok(&fields) || (marks && context->enhanced_refresh && body.size != BODY_SIZE))
        return bad_length(body, context);

    enum family family = bgp_family(refresh->afi, refresh->safi);
    if (subtype > BGP_REFRESH_END || (marks && !context->enhanced_refresh))
        return ignored("RFC 7313 §5", BGP_HEADER_SIZE + 2, "has subtype", subtype);
    if (family == FAMILY_NONE || !context->families[family])
        return ignored("RFC 2918 §4", BGP_HEADER_SIZE, "for a family not negotiated, AFI",
                       refresh->afi);
    refresh->family = family;
    refresh->kind = (enum bgp_refresh_kind)subtype;
    return (struct bgp_verdict){.remedy = BGP_ACCEPT};
}

void bgp_refresh_encode(struct writer *w, enum family family, enum bgp_refresh_kind kind)
{
    size_t begun = bgp_message_begin(w, BGP_ROUTE_REFRESH);
    writer_be16(w, bgp_afi(family));
    writer_u8(w, (uint8_t)kind);
    writer_u8(w, SAFI_UNICAST);
    bgp_message_end(w, begun);
}
