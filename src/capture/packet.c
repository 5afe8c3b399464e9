// SPDX-License-Identifier: ISC
#include "capture/packet.h"

enum { ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_IPV6 = 0x86dd };
enum { ETHERTYPE_VLAN = 0x8100, ETHERTYPE_SERVICE_VLAN = 0x88a8, ETHERTYPE_OLD_VLAN = 0x9100 };
enum { PPP_IPV4 = 0x0021, PPP_IPV6 = 0x0057, PPP_ALL_STATIONS = 0xff03 };
enum { ETHERTYPE_MPLS = 0x8847, ETHERTYPE_MPLS_UPSTREAM = 0x8848 };
enum { TAGS_MAX = 4, LABELS_MAX = 16, EXTENSIONS_MAX = 16 };
enum { PROTOCOL_ICMP = 1, PROTOCOL_TCP = 6, PROTOCOL_UDP = 17, PROTOCOL_ICMPV6 = 58 };
enum { HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, AUTHENTICATION = 51 };
enum { DESTINATION = 60, MOBILITY = 135 };  // RFC 8200 §4.1, RFC 6275 §6.1

static enum family by_version(struct cursor c)
{
    uint8_t version = (uint8_t)(cursor_u8(&c) >> 4);
    return version == 4 ? FAMILY_IPV4 : version == 6 ? FAMILY_IPV6 : FAMILY_NONE;
}

// RFC 3032 §2.1: behind the label that says it is the last, the packet itself.
static enum family read_labels(struct cursor *c)
{
    bool last = false;
    for (int labels = 0; labels < LABELS_MAX && !last; labels++)
        last = cursor_be32(c) >> 8 & 1;
    return last ? by_version(*c) : FAMILY_NONE;
}

// Behind each tag the type of what follows stands again.
static enum family by_ethertype(struct cursor *c, uint16_t type)
{
    for (int tags = 0; tags < TAGS_MAX && (type == ETHERTYPE_VLAN || type == ETHERTYPE_OLD_VLAN ||
                                           type == ETHERTYPE_SERVICE_VLAN);
         tags++) {
        cursor_be16(c);
        type = cursor_be16(c);
    }
    if (type == ETHERTYPE_MPLS || type == ETHERTYPE_MPLS_UPSTREAM)
        return read_labels(c);
    return type == ETHERTYPE_IPV4   ? FAMILY_IPV4
           : type == ETHERTYPE_IPV6 ? FAMILY_IPV6
                                    : FAMILY_NONE;
}

static enum family read_ethernet(struct cursor *c)
{
    cursor_bytes(c, 12);
    return by_ethertype(c, cursor_be16(c));
}

static enum family read_ppp(struct cursor *c)
{
    struct cursor peek = *c;
    if (cursor_be16(&peek) == PPP_ALL_STATIONS)
        cursor_be16(c);
    uint16_t protocol = cursor_be16(c);
    return protocol == PPP_IPV4 ? FAMILY_IPV4 : protocol == PPP_IPV6 ? FAMILY_IPV6 : FAMILY_NONE;
}

static enum family read_cisco_hdlc(struct cursor *c)
{
    cursor_be16(c);
    return by_ethertype(c, cursor_be16(c));
}

static enum family read_cooked(struct cursor *c)
{
    cursor_bytes(c, 14);
    return by_ethertype(c, cursor_be16(c));
}

static enum family read_cooked_2(struct cursor *c)
{
    uint16_t type = cursor_be16(c);
    cursor_bytes(c, 18);
    return by_ethertype(c, type);
}

// The address family stands in the order of the machine that captured, under numbers that differ
// between systems: the packet itself says it better.
static enum family read_loopback(struct cursor *c)
{
    cursor_be32(c);
    return by_version(*c);
}

static enum family read_nothing(struct cursor *c)
{
    return by_version(*c);
}

static const struct {
    int link;
    enum family (*read)(struct cursor *c);
} links[] = {
    {PACKET_NULL, read_loopback},
    {PACKET_ETHERNET, read_ethernet},
    {PACKET_PPP, read_ppp},
    {PACKET_RAW_BSD, read_nothing},
    {PACKET_RAW_OPENBSD, read_nothing},
    {PACKET_PPP_HDLC, read_ppp},
    {PACKET_RAW, read_nothing},
    {PACKET_CISCO_HDLC, read_cisco_hdlc},
    {PACKET_LOOP, read_loopback},
    {PACKET_COOKED, read_cooked},
    {PACKET_IPV4, read_nothing},
    {PACKET_IPV6, read_nothing},
    {PACKET_COOKED_2, read_cooked_2},
};

enum { LINKS = sizeof links / sizeof links[0] };

bool packet_link_is_known(int link)
{
    for (size_t i = 0; i < LINKS; i++)
        if (links[i].link == link)
            return true;
    return false;
}

struct internet {  // what an IP header says of what it carries
    uint8_t protocol;
    bool fragment;
    size_t size;  // octets behind the headers as sent; what was captured may be less
    struct cursor payload;
};

// Network cards that split packets leave 0 as the length: then it is what was captured.
static void set_payload(struct internet *ip, struct cursor c, size_t size)
{
    size_t left = cursor_left(&c);
    ip->size = size;
    ip->payload = cursor_part(&c, size < left ? size : left);
}

static bool read_ipv4(struct cursor c, struct packet *packet, struct internet *ip)
{
    enum { MORE_FRAGMENTS = 0x2000, OFFSET = 0x1fff, HEADER_MIN = 20 };
    size_t captured = cursor_left(&c);
    uint8_t version_and_size = cursor_u8(&c);
    size_t header = (version_and_size & 15) * 4;
    packet->traffic_class = cursor_u8(&c);
    size_t total = cursor_be16(&c);
    cursor_be16(&c);
    ip->fragment = cursor_be16(&c) & (MORE_FRAGMENTS | OFFSET);
    packet->ttl = cursor_u8(&c);
    ip->protocol = cursor_u8(&c);
    cursor_be16(&c);
    const uint8_t *source = cursor_bytes(&c, 4), *destination = cursor_bytes(&c, 4);
    total = total == 0 ? captured : total;
    if (!cursor_ok(&c) || header < HEADER_MIN || total < header ||
        !cursor_bytes(&c, header - HEADER_MIN))
        return false;
    packet->source.address = address_from_bytes(FAMILY_IPV4, source);
    packet->destination.address = address_from_bytes(FAMILY_IPV4, destination);
    set_payload(ip, c, total - header);
    return true;
}

static bool is_extension(uint8_t protocol)
{
    return protocol == HOP_BY_HOP || protocol == ROUTING || protocol == FRAGMENT ||
           protocol == AUTHENTICATION || protocol == DESTINATION || protocol == MOBILITY;
}

// RFC 8200 §4: each extension says what follows and, but for fragments, how long it is.
static void read_extension(struct cursor *c, struct internet *ip)
{
    uint8_t protocol = ip->protocol;
    ip->protocol = cursor_u8(c);
    uint8_t size = cursor_u8(c);
    if (protocol == FRAGMENT) {
        ip->fragment = ip->fragment || (cursor_be16(c) & ~6) != 0;  // but for reserved bits
        cursor_be32(c);
    } else if (protocol == AUTHENTICATION) {
        cursor_bytes(c, (size_t)size * 4 + 6);  // RFC 4302 §2.2
    } else {
        cursor_bytes(c, (size_t)size * 8 + 6);
    }
}

static bool read_ipv6(struct cursor c, struct packet *packet, struct internet *ip)
{
    packet->traffic_class = (uint8_t)(cursor_be32(&c) >> 20);
    size_t total = cursor_be16(&c);
    ip->protocol = cursor_u8(&c);
    packet->ttl = cursor_u8(&c);
    const uint8_t *source = cursor_bytes(&c, 16), *destination = cursor_bytes(&c, 16);
    if (!cursor_ok(&c))
        return false;
    packet->source.address = address_from_bytes(FAMILY_IPV6, source);
    packet->destination.address = address_from_bytes(FAMILY_IPV6, destination);
    size_t begin = c.pos;
    total = total == 0 ? cursor_left(&c) : total;
    for (int i = 0; i < EXTENSIONS_MAX && is_extension(ip->protocol); i++)
        read_extension(&c, ip);
    size_t extensions = c.pos - begin;
    if (!cursor_ok(&c) || extensions > total)
        return false;
    set_payload(ip, c, total - extensions);
    return true;
}

static bool read_tcp(const struct internet *ip, struct packet *packet)
{
    enum { HEADER_MIN = 20 };
    struct cursor c = ip->payload;
    packet->source.port = cursor_be16(&c);
    packet->destination.port = cursor_be16(&c);
    packet->sequence = cursor_be32(&c);
    cursor_be32(&c);
    size_t header = (cursor_u8(&c) >> 4) * 4;
    packet->flags = cursor_u8(&c);
    cursor_bytes(&c, 6);
    if (!cursor_ok(&c) || header < HEADER_MIN || !cursor_bytes(&c, header - HEADER_MIN))
        return false;
    packet->size = ip->size - header;
    packet->data = cursor_part(&c, cursor_left(&c));
    return true;
}

static bool read_udp(const struct internet *ip, struct packet *packet)
{
    enum { HEADER = 8 };
    struct cursor c = ip->payload;
    packet->source.port = cursor_be16(&c);
    packet->destination.port = cursor_be16(&c);
    size_t size = cursor_be16(&c);
    cursor_be16(&c);                     // checksum
    size = size == 0 ? ip->size : size;  // RFC 2675 §4, and cards that split packets
    if (!cursor_ok(&c) || size < HEADER || size > ip->size)
        return false;
    packet->size = size - HEADER;
    size_t left = cursor_left(&c);
    packet->data = cursor_part(&c, packet->size < left ? packet->size : left);
    return true;
}

// Each family has its own, which the other does not carry.
static bool is_icmp(const struct internet *ip, enum family family)
{
    return ip->protocol == (family == FAMILY_IPV4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6);
}

static enum packet_kind read_payload(const struct internet *ip, enum family family,
                                     struct packet *packet)
{
    if (is_icmp(ip, family)) {
        packet->size = ip->size;
        packet->data = ip->payload;
        return PACKET_ICMP;
    }
    if (ip->protocol == PROTOCOL_UDP)
        return read_udp(ip, packet) ? PACKET_UDP : PACKET_CUT;
    if (ip->protocol == PROTOCOL_TCP)
        return read_tcp(ip, packet) ? PACKET_TCP : PACKET_CUT;
    return PACKET_OTHER;
}

enum packet_kind packet_read(int link, struct cursor bytes, struct packet *packet)
{
    enum family family = FAMILY_NONE;
    for (size_t i = 0; i < LINKS; i++)
        if (links[i].link == link)
            family = links[i].read(&bytes);
    if (!cursor_ok(&bytes))
        return PACKET_CUT;
    if (family == FAMILY_NONE)
        return PACKET_OTHER;
    struct internet ip = {0};
    struct cursor header = cursor_part(&bytes, cursor_left(&bytes));
    if (!(family == FAMILY_IPV4 ? read_ipv4(header, packet, &ip) : read_ipv6(header, packet, &ip)))
        return PACKET_CUT;
    if (ip.fragment)
        return PACKET_FRAGMENT;
    return read_payload(&ip, family, packet);
}
