// SPDX-License-Identifier: ISC
#include "probe/hairpin.h"

#include "base/cursor.h"
#include "probe/ip.h"

enum { ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_IPV6 = 0x86dd };
enum { ETHERNET_SIZE = 14, UDP_SIZE = 8, PAYLOAD_SIZE = 48 };
enum { TTL_SENT = 255, TTL_BACK = 254 };
enum { TAGGED_SIZE = 16 };  // flow, sequence, time

// Over what it is about, so that no part of one probe can be put into another.
static uint64_t tag_of(struct siphash_key key, const struct hairpin_probe *probe)
{
    uint8_t bytes[TAGGED_SIZE];
    struct writer w = writer_over(bytes, sizeof bytes);
    writer_be32(&w, probe->flow);
    writer_be32(&w, probe->sequence);
    writer_be64(&w, probe->sent_at);
    return siphash(key, bytes, sizeof bytes);
}

static void write_udp(struct writer *w, const struct hairpin_link *link,
                      const struct hairpin_probe *probe, uint64_t tag)
{
    writer_be16(w, link->source_port);
    writer_be16(w, HAIRPIN_PORT);
    writer_be16(w, UDP_SIZE + PAYLOAD_SIZE);
    writer_be16(w, 0);  // checksum
    writer_be32(w, probe->flow);
    writer_be32(w, probe->sequence);
    writer_be64(w, probe->sent_at);
    writer_be64(w, tag);
    for (size_t i = TAGGED_SIZE + sizeof tag; i < PAYLOAD_SIZE; i++)
        writer_u8(w, 0);
}

void hairpin_encode(struct writer *w, const struct hairpin_link *link,
                    const struct hairpin_probe *probe, struct siphash_key key)
{
    const struct ip_header header = {
        .source = link->address,
        .destination = link->address,
        .protocol = IP_UDP,
        .ttl = TTL_SENT,
        .dscp = link->dscp,
        .label = link->label,
    };
    uint8_t bytes[HAIRPIN_FRAME_MAX - ETHERNET_SIZE];
    struct writer packet = writer_over(bytes, sizeof bytes);
    ip_header_begin(&packet, &header);
    write_udp(&packet, link, probe, tag_of(key, probe));
    ip_header_finish(&packet, &header);
    writer_bytes(w, link->neighbour_mac, HAIRPIN_MAC);
    writer_bytes(w, link->our_mac, HAIRPIN_MAC);
    writer_be16(w, link->address.family == FAMILY_IPV6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4);
    writer_bytes(w, packet.bytes, packet.size);
}

// Both leave `c` at the UDP header of a packet from somebody to itself with one hop gone.
static bool skip_ipv4(struct cursor *c)
{
    struct ip_ipv4 ip;
    return ip_ipv4_read(c, &ip) && ip.ttl == TTL_BACK && ip.protocol == IP_UDP &&
           ip.source == ip.destination;
}

static bool skip_ipv6(struct cursor *c)
{
    uint32_t version = cursor_be32(c) >> 28;
    cursor_be16(c);  // length
    uint8_t next = cursor_u8(c);
    uint8_t hops = cursor_u8(c);
    const uint8_t *source = cursor_bytes(c, 16);
    const uint8_t *destination = cursor_bytes(c, 16);
    return cursor_ok(c) && version == 6 && next == IP_UDP && hops == TTL_BACK &&
           memcmp(source, destination, 16) == 0;
}

bool hairpin_decode(const void *bytes, size_t size, struct siphash_key key,
                    struct hairpin_probe *probe)
{
    struct cursor c = cursor_over(bytes, size);
    cursor_bytes(&c, 2 * HAIRPIN_MAC);
    uint16_t type = cursor_be16(&c);
    bool is_back = type == ETHERTYPE_IPV4   ? skip_ipv4(&c)
                   : type == ETHERTYPE_IPV6 ? skip_ipv6(&c)
                                            : false;
    cursor_be16(&c);  // source port
    uint16_t port = cursor_be16(&c);
    cursor_be32(&c);  // length and checksum: the tag says more
    struct hairpin_probe read;
    read.flow = cursor_be32(&c);
    read.sequence = cursor_be32(&c);
    read.sent_at = cursor_be64(&c);
    uint64_t tag = cursor_be64(&c);
    if (!is_back || !cursor_ok(&c) || port != HAIRPIN_PORT || tag != tag_of(key, &read))
        return false;
    *probe = read;
    return true;
}
