// SPDX-License-Identifier: ISC
#include "probe/frame.h"

#include "base/cursor.h"
#include "probe/ip.h"

enum { ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_IPV6 = 0x86dd };
enum { IPV4_SIZE = 20, UDP_SIZE = 8 };
enum { FRAGMENT = 0x3fff };  // more fragments, or an offset: RFC 791 §3.1

void frame_begin(struct writer *w, const uint8_t to[FRAME_MAC], const uint8_t from[FRAME_MAC],
                 enum family family)
{
    writer_bytes(w, to, FRAME_MAC);
    writer_bytes(w, from, FRAME_MAC);
    writer_be16(w, family == FAMILY_IPV6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4);
}

// Both leave the datagram, without what a link pads it with.
static struct cursor read_ipv4(struct cursor *c, struct frame_udp *udp)
{
    const uint8_t *header = c->bytes + c->pos;
    uint8_t version_and_size = cursor_u8(c);
    udp->traffic_class = cursor_u8(c);
    uint16_t length = cursor_be16(c);
    cursor_be16(c);  // identification
    uint16_t fragment = cursor_be16(c);
    udp->ttl = cursor_u8(c);
    uint8_t protocol = cursor_u8(c);
    cursor_be16(c);  // checksum
    const uint8_t *source = cursor_bytes(c, 4);
    const uint8_t *destination = cursor_bytes(c, 4);
    bool is_plain = cursor_ok(c) && version_and_size == 0x45 && (fragment & FRAGMENT) == 0 &&
                    protocol == IP_UDP && length >= IPV4_SIZE;
    if (!is_plain || ip_sum(0, header, IPV4_SIZE) != 0xffff)
        return (struct cursor){.failed = true};
    udp->source = address_from_bytes(FAMILY_IPV4, source);
    udp->destination = address_from_bytes(FAMILY_IPV4, destination);
    return cursor_part(c, (size_t)length - IPV4_SIZE);
}

static struct cursor read_ipv6(struct cursor *c, struct frame_udp *udp)
{
    uint32_t first = cursor_be32(c);
    uint16_t length = cursor_be16(c);
    uint8_t next = cursor_u8(c);
    udp->ttl = cursor_u8(c);
    const uint8_t *source = cursor_bytes(c, 16);
    const uint8_t *destination = cursor_bytes(c, 16);
    if (!cursor_ok(c) || first >> 28 != 6 || next != IP_UDP)
        return (struct cursor){.failed = true};
    udp->traffic_class = (uint8_t)(first >> 20);
    udp->source = address_from_bytes(FAMILY_IPV6, source);
    udp->destination = address_from_bytes(FAMILY_IPV6, destination);
    return cursor_part(c, length);
}

// What comes from this very host, or from a namespace of it, has only the sum of the pseudo header
// there: the rest was left to a card that there is none of.
static bool is_intact(enum family family, const uint8_t *ip, const uint8_t *bytes, size_t size)
{
    enum { CHECKSUM_AT = 6 };
    uint16_t checksum;
    memcpy(&checksum, bytes + CHECKSUM_AT, sizeof checksum);
    if (checksum == 0)  // RFC 768: none was made; RFC 8200 §8.1: there must be one
        return family == FAMILY_IPV4;
    uint32_t pseudo = ip_sum_pseudo(family, ip, IP_UDP, size);
    return checksum == pseudo || ip_sum(pseudo, bytes, size) == 0xffff;
}

bool frame_udp_read(const void *frame, size_t size, struct frame_udp *udp)
{
    struct cursor c = cursor_over(frame, size);
    cursor_bytes(&c, 2 * FRAME_MAC);
    uint16_t type = cursor_be16(&c);
    struct cursor datagram = type == ETHERTYPE_IPV4   ? read_ipv4(&c, udp)
                             : type == ETHERTYPE_IPV6 ? read_ipv6(&c, udp)
                                                      : (struct cursor){.failed = true};
    if (!cursor_ok(&datagram))
        return false;
    udp->source_port = cursor_be16(&datagram);
    udp->destination_port = cursor_be16(&datagram);
    uint16_t length = cursor_be16(&datagram);
    cursor_be16(&datagram);  // checksum
    if (!cursor_ok(&datagram) || length < UDP_SIZE || length > datagram.size ||
        !is_intact(udp->source.family, (const uint8_t *)frame + FRAME_ETHERNET, datagram.bytes,
                   length))
        return false;
    udp->payload = datagram.bytes + UDP_SIZE;
    udp->payload_size = (size_t)length - UDP_SIZE;
    return true;
}
