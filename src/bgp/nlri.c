// SPDX-License-Identifier: ISC
#include "bgp/nlri.h"

#include <string.h>

static bool read_route(struct bgp_nlri *nlri, struct bgp_route *route)
{
    struct cursor *c = &nlri->bytes;
    route->path_id = nlri->add_path ? cursor_be32(c) : 0;
    uint8_t length = cursor_u8(c);
    if (length > family_bits(nlri->family))
        return false;
    size_t size = (length + 7u) / 8;
    const uint8_t *bytes = cursor_bytes(c, size);
    if (!bytes)
        return false;
    route->prefix = (struct prefix){.address.family = nlri->family, .length = length};
    memcpy(route->prefix.address.bytes, bytes, size);
    if (length % 8 != 0)  // RFC 4271 §4.3: the value of trailing bits is irrelevant
        route->prefix.address.bytes[size - 1] &= (uint8_t)(0xff00 >> length % 8);
    return true;
}

bool bgp_nlri_check(const struct bgp_nlri *nlri, struct cursor *end)
{
    struct bgp_nlri walk = *nlri;
    struct bgp_route route;
    while (cursor_left(&walk.bytes) > 0) {
        *end = walk.bytes;
        if (!read_route(&walk, &route))
            return false;
    }
    *end = walk.bytes;
    return true;
}

bool bgp_nlri_next(struct bgp_nlri *nlri, struct bgp_route *route)
{
    return nlri->family != FAMILY_NONE && cursor_left(&nlri->bytes) > 0 && read_route(nlri, route);
}

size_t bgp_nlri_size(const struct bgp_route *route, bool add_path)
{
    return (add_path ? 5u : 1u) + (route->prefix.length + 7u) / 8;
}

void bgp_nlri_write(struct writer *w, const struct bgp_route *route, bool add_path)
{
    if (add_path)
        writer_be32(w, route->path_id);
    writer_u8(w, route->prefix.length);
    writer_bytes(w, route->prefix.address.bytes, (route->prefix.length + 7u) / 8);
}
