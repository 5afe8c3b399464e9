// SPDX-License-Identifier: ISC
#include "bgp/foreign.h"

enum { SEGMENT_SIZE = 10, MAC_SIZE = 6, MAC_BITS = 48, LABEL_SIZE = 3 };

static struct bgp_bytes take(struct cursor *c, size_t size)
{
    return (struct bgp_bytes){cursor_bytes(c, size), size};
}

static void read_tag(struct cursor *c, struct bgp_evpn *evpn)
{
    evpn->tag = cursor_be32(c);
    evpn->has_tag = true;
}

// A length in bits, then the address; none is allowed where `optional`.
static void read_address(struct cursor *c, bool optional, struct bgp_evpn *evpn)
{
    uint8_t bits = cursor_u8(c);
    enum family family = bits == 32 ? FAMILY_IPV4 : bits == 128 ? FAMILY_IPV6 : FAMILY_NONE;
    const uint8_t *bytes = cursor_bytes(c, bits / 8u);
    if (family == FAMILY_NONE && (bits != 0 || !optional))
        c->failed = true;
    else if (family != FAMILY_NONE && bytes)
        evpn->address = address_from_bytes(family, bytes);
}

static void read_ad(struct cursor *c, struct bgp_evpn *evpn)
{
    evpn->segment = cursor_bytes(c, SEGMENT_SIZE);
    read_tag(c, evpn);
    evpn->labels = take(c, LABEL_SIZE);
}

static void read_mac_ip(struct cursor *c, struct bgp_evpn *evpn)
{
    evpn->segment = cursor_bytes(c, SEGMENT_SIZE);
    read_tag(c, evpn);
    if (cursor_u8(c) != MAC_BITS)
        c->failed = true;
    evpn->mac = cursor_bytes(c, MAC_SIZE);
    read_address(c, true, evpn);
    evpn->labels = take(c, cursor_left(c) == 2 * LABEL_SIZE ? 2 * LABEL_SIZE : LABEL_SIZE);
}

static void read_multicast(struct cursor *c, struct bgp_evpn *evpn)
{
    read_tag(c, evpn);
    read_address(c, false, evpn);
}

static void read_segment(struct cursor *c, struct bgp_evpn *evpn)
{
    evpn->segment = cursor_bytes(c, SEGMENT_SIZE);
    read_address(c, false, evpn);
}

// RFC 9136 §3.1: whether it is IPv4 or IPv6, only the length of the whole tells.
static void read_ip_prefix(struct cursor *c, struct bgp_evpn *evpn)
{
    enum { IPV4_SIZE = SEGMENT_SIZE + 4 + 1 + 2 * 4 + LABEL_SIZE };
    enum family family = cursor_left(c) == IPV4_SIZE ? FAMILY_IPV4 : FAMILY_IPV6;
    size_t size = family_bits(family) / 8u;
    evpn->segment = cursor_bytes(c, SEGMENT_SIZE);
    read_tag(c, evpn);
    uint8_t length = cursor_u8(c);
    const uint8_t *prefix = cursor_bytes(c, size), *gateway = cursor_bytes(c, size);
    evpn->labels = take(c, LABEL_SIZE);
    if (!cursor_ok(c) || length > family_bits(family)) {
        c->failed = true;
        return;
    }
    evpn->prefix = prefix_of(address_from_bytes(family, prefix), length);
    evpn->gateway = address_from_bytes(family, gateway);
}

static const struct {
    const char *name;
    void (*read)(struct cursor *c, struct bgp_evpn *evpn);
} types[] = {
    [1] = {"ethernet-ad", read_ad},      [2] = {"mac-ip", read_mac_ip},
    [3] = {"multicast", read_multicast}, [4] = {"ethernet-segment", read_segment},
    [5] = {"ip-prefix", read_ip_prefix},
};

bool bgp_evpn_read(const struct bgp_foreign_route *route, struct bgp_evpn *evpn)
{
    *evpn = (struct bgp_evpn){0};
    bool known = route->type < sizeof types / sizeof types[0] && types[route->type].name;
    if (!known)
        return true;  // RFC 7606 §5.4: not to be used, but no error
    evpn->name = types[route->type].name;
    struct cursor c = cursor_over(route->content.bytes, route->content.size);
    if (!route->rd)
        return false;
    types[route->type].read(&c, evpn);
    return cursor_ok(&c) && cursor_left(&c) == 0;
}
