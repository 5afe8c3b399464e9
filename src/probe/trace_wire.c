// SPDX-License-Identifier: ISC
#include "probe/trace_wire.h"

#include "base/cursor.h"
#include "probe/icmp.h"
#include "probe/ip.h"

enum { IPV4_HEADER = 20, IPV6_HEADER = 40, ICMP_LENGTH_AT = 5, ICMPV6_LENGTH_AT = 4 };
enum { ICMP_HEADER = 8 };
enum { FRAGMENT_OFFSET = 0x1fff };  // RFC 791 §3.1
enum { ANY = 0xff };                // code

// What an error says of the way; the most special first.
struct meaning {
    uint8_t type, code;
    enum trace_kind kind;
    bool by_target;  // only if the target itself says so
};

static const struct meaning icmp_meanings[] = {
    {11, 0, TRACE_HOP, false},       // time to live exceeded in transit
    {3, 2, TRACE_REACHED, true},     // protocol unreachable
    {3, 3, TRACE_REACHED, true},     // port unreachable
    {3, ANY, TRACE_BLOCKED, false},  // of a network, a host, prohibited, too big
};
static const struct meaning icmpv6_meanings[] = {
    {3, 0, TRACE_HOP, false},        // hop limit exceeded in transit
    {1, 4, TRACE_REACHED, true},     // port unreachable
    {1, ANY, TRACE_BLOCKED, false},  // no route, prohibited, address unreachable
    {2, ANY, TRACE_BLOCKED, false},  // packet too big
};

static const struct meaning *meaning_of(enum family family, uint8_t type, uint8_t code,
                                        bool is_target)
{
    const struct meaning *rows = family == FAMILY_IPV4 ? icmp_meanings : icmpv6_meanings;
    for (int i = 0; i < 4; i++)
        if (rows[i].type == type && (rows[i].code == code || rows[i].code == ANY) &&
            (!rows[i].by_target || is_target))
            return &rows[i];
    return NULL;
}

// Leaves `c` at the ICMP header; false when the packet is not a whole one.
static bool skip_outer_header(struct cursor *c)
{
    struct ip_ipv4 ip;
    if (!ip_ipv4_read(c, &ip) || ip.protocol != IP_ICMP)
        return false;
    struct cursor whole = *c;
    return icmp_checksum(c->bytes + c->pos, cursor_left(&whole)) == 0;
}

// RFC 4884 §4: a length says where the quote ends and extensions begin; 0, from routers that know
// nothing of it, that all is quote. One that says more than there is comes from routers that put
// something else there (§5.5): all is quote.
static struct cursor quote_of(struct cursor *c, enum family family, const uint8_t *header)
{
    size_t words = family == FAMILY_IPV4 ? header[ICMP_LENGTH_AT] : header[ICMPV6_LENGTH_AT];
    size_t size = words * (family == FAMILY_IPV4 ? 4 : 8);
    size_t left = cursor_left(c);
    return cursor_part(c, size > 0 && size <= left ? size : left);
}

static bool read_ipv4(struct cursor *c, struct trace_quote *quote)
{
    uint8_t version_and_size = cursor_u8(c);
    size_t header = 4u * (version_and_size & 15);
    cursor_bytes(c, 3);
    quote->mark = cursor_be16(c);
    uint16_t fragment = cursor_be16(c);
    cursor_u8(c);  // TTL, as it was when the packet was thrown away
    quote->protocol = cursor_u8(c);
    cursor_be16(c);  // checksum: routers have changed the TTL already
    const uint8_t *source = cursor_bytes(c, 4);
    const uint8_t *destination = cursor_bytes(c, 4);
    cursor_bytes(c, header > IPV4_HEADER ? header - IPV4_HEADER : 0);
    if (!cursor_ok(c) || version_and_size >> 4 != 4 || header < IPV4_HEADER ||
        (fragment & FRAGMENT_OFFSET) != 0)
        return false;
    quote->source = address_from_bytes(FAMILY_IPV4, source);
    quote->destination = address_from_bytes(FAMILY_IPV4, destination);
    return true;
}

static bool read_ipv6(struct cursor *c, struct trace_quote *quote)
{
    uint32_t version = cursor_be32(c) >> 28;
    cursor_be16(c);                  // length
    quote->protocol = cursor_u8(c);  // we send no extension headers
    cursor_u8(c);                    // hop limit
    const uint8_t *source = cursor_bytes(c, 16);
    const uint8_t *destination = cursor_bytes(c, 16);
    if (!cursor_ok(c) || version != 6)
        return false;
    quote->source = address_from_bytes(FAMILY_IPV6, source);
    quote->destination = address_from_bytes(FAMILY_IPV6, destination);
    return true;
}

// The identification of an IPv4 header is as good a mark, but translators change it.
static bool read_udp(struct cursor *c, bool has_mark, struct trace_quote *quote)
{
    quote->port = cursor_be16(c);
    quote->target_port = cursor_be16(c);
    cursor_be32(c);  // length, checksum
    if (!cursor_ok(c) || (!has_mark && cursor_left(c) < 4))
        return false;
    if (cursor_left(c) >= 4)
        quote->mark = (uint16_t)cursor_be32(c);
    return true;
}

static bool read_tcp(struct cursor *c, struct trace_quote *quote)
{
    quote->port = cursor_be16(c);
    quote->target_port = cursor_be16(c);
    quote->mark = (uint16_t)cursor_be32(c);
    return cursor_ok(c);
}

static bool read_echo(struct cursor *c, uint8_t request, struct trace_quote *quote)
{
    uint8_t type = cursor_u8(c);
    cursor_u8(c);    // code
    cursor_be16(c);  // checksum
    quote->port = cursor_be16(c);
    quote->target_port = 0;
    quote->mark = cursor_be16(c);
    return cursor_ok(c) && type == request;
}

static bool read_quote(enum family family, struct cursor *c, struct trace_quote *quote)
{
    bool is_ipv4 = family == FAMILY_IPV4;
    if (!(is_ipv4 ? read_ipv4(c, quote) : read_ipv6(c, quote)))
        return false;
    switch (quote->protocol) {
    case IP_UDP:
        return read_udp(c, is_ipv4, quote);
    case IP_TCP:
        return read_tcp(c, quote);
    case IP_ICMP:
        return is_ipv4 && read_echo(c, 8, quote);
    case IP_ICMPV6:
        return !is_ipv4 && read_echo(c, 128, quote);
    default:
        return false;
    }
}

bool trace_quote_decode(struct address from, const void *bytes, size_t size,
                        struct trace_quote *quote)
{
    struct cursor c = cursor_over(bytes, size);
    if (from.family == FAMILY_IPV4 && !skip_outer_header(&c))
        return false;
    const uint8_t *header = cursor_bytes(&c, ICMP_HEADER);
    if (!header)
        return false;
    struct trace_quote found = {0};
    struct cursor part = quote_of(&c, from.family, header);
    if (!read_quote(from.family, &part, &found))
        return false;
    const struct meaning *meaning =
        meaning_of(from.family, header[0], header[1], address_equal(from, found.destination));
    if (!meaning)
        return false;
    found.kind = meaning->kind;
    *quote = found;
    return true;
}
