// SPDX-License-Identifier: ISC
#include "bgp/foreign.h"

#include "bgp/flowspec.h"

#include <string.h>

enum { RD_SIZE = 8, LABEL_SIZE = 3, LABEL_BITS = 24, RD_BITS = 64 };

static const uint8_t *read_rd(struct cursor *c)
{
    return cursor_bytes(c, RD_SIZE);
}

// RFC 8277 §2.3: labels up to the one at the bottom of the stack; §2.4: a withdrawal has one field
// of three octets whose value means nothing.
static bool read_labels(struct cursor *c, bool withdrawn, unsigned *bits,
                        struct bgp_foreign_route *route)
{
    route->labels.bytes = c->bytes + c->pos;
    for (const uint8_t *label = NULL; !label || !(withdrawn || label[2] & 1);) {
        label = *bits >= LABEL_BITS ? cursor_bytes(c, LABEL_SIZE) : NULL;
        if (!label)
            return false;
        *bits -= LABEL_BITS;
        route->labels.size += LABEL_SIZE;
    }
    return true;
}

// One length in bits counts labels, distinguisher and prefix. Where it lies nobody knows which
// prefix is meant, not even to withdraw it.
static enum bgp_foreign_read read_prefix(struct cursor *c, const struct bgp_foreign_nlri *nlri,
                                         struct bgp_foreign_route *route)
{
    enum bgp_form form = nlri->family->form;
    enum family family = nlri->family->family;
    unsigned bits = cursor_u8(c);
    struct cursor part = cursor_part(c, (bits + 7) / 8);
    bool labelled = form == BGP_FORM_LABELLED || form == BGP_FORM_VPN;
    if (!cursor_ok(c) || (labelled && !read_labels(&part, nlri->withdrawn, &bits, route)))
        return BGP_FOREIGN_LOST;
    if (form == BGP_FORM_VPN) {
        if (bits < RD_BITS || !(route->rd = read_rd(&part)))
            return BGP_FOREIGN_LOST;
        bits -= RD_BITS;
    }
    if (bits > family_bits(family))
        return BGP_FOREIGN_LOST;
    struct address address = {.family = family};
    size_t size = cursor_left(&part);
    if (size > 0)
        memcpy(address.bytes, cursor_bytes(&part, size), size);
    route->prefix = prefix_of(address, (uint8_t)bits);
    return BGP_FOREIGN_GOOD;
}

static enum bgp_foreign_read read_evpn(struct cursor *c, struct bgp_foreign_route *route)
{
    route->type = cursor_u8(c);
    struct cursor part = cursor_part(c, cursor_u8(c));
    if (!cursor_ok(c))
        return BGP_FOREIGN_LOST;
    route->rd = read_rd(&part);
    size_t size = cursor_left(&part);
    route->content = (struct bgp_bytes){cursor_bytes(&part, size), size};
    struct bgp_evpn evpn;
    return bgp_evpn_read(route, &evpn) ? BGP_FOREIGN_GOOD : BGP_FOREIGN_BAD;
}

// RFC 8955 §4.1: a length of one octet, or of twelve bits behind 0xf. A flow of no components is
// no name for anything that could be withdrawn.
static enum bgp_foreign_read read_flow(struct cursor *c, const struct bgp_foreign *family,
                                       struct bgp_foreign_route *route)
{
    size_t size = cursor_u8(c);
    if (size >= 0xf0)
        size = (size & 0x0f) << 8 | cursor_u8(c);
    struct cursor part = cursor_part(c, size);
    if (!cursor_ok(c) || size == 0)
        return BGP_FOREIGN_LOST;
    if (family->form == BGP_FORM_FLOW_VPN && !(route->rd = read_rd(&part)))
        return BGP_FOREIGN_BAD;
    size_t left = cursor_left(&part);
    route->content = (struct bgp_bytes){cursor_bytes(&part, left), left};
    return flow_is_good(route->content, family->family) ? BGP_FOREIGN_GOOD : BGP_FOREIGN_BAD;
}

enum bgp_foreign_read bgp_foreign_next(struct bgp_foreign_nlri *nlri,
                                       struct bgp_foreign_route *route)
{
    struct cursor *c = &nlri->bytes;
    *route = (struct bgp_foreign_route){0};
    if (!nlri->family || nlri->family->form == BGP_FORM_NAMED || cursor_left(c) == 0)
        return BGP_FOREIGN_END;
    route->path_id = nlri->add_path ? cursor_be32(c) : 0;
    switch (nlri->family->form) {
    case BGP_FORM_PREFIX:
    case BGP_FORM_LABELLED:
    case BGP_FORM_VPN:
        return read_prefix(c, nlri, route);
    case BGP_FORM_EVPN:
        return read_evpn(c, route);
    case BGP_FORM_FLOW:
    case BGP_FORM_FLOW_VPN:
        return read_flow(c, nlri->family, route);
    case BGP_FORM_NAMED:
        break;
    }
    return BGP_FOREIGN_END;
}
