// SPDX-License-Identifier: ISC
#include "probe/ip.h"

#include <endian.h>
#include <string.h>

enum { IPV4_SIZE = 20, IPV6_SIZE = 40 };
enum { IPV4_LENGTH_AT = 2, IPV4_CHECKSUM_AT = 10, IPV6_LENGTH_AT = 4, UDP_LENGTH_AT = 4 };
enum { IPV4_ADDRESSES_AT = 12, IPV6_ADDRESSES_AT = 8 };
enum { DONT_FRAGMENT = 0x4000, MORE_FRAGMENTS_OR_OFFSET = 0x3fff };  // RFC 791 §3.1

size_t ip_header_size(enum family family)
{
    return family == FAMILY_IPV6 ? IPV6_SIZE : IPV4_SIZE;
}

static void begin_ipv4(struct writer *w, const struct ip_header *header)
{
    writer_u8(w, 0x45);  // without options
    writer_u8(w, (uint8_t)(header->dscp << 2));
    writer_be16(w, 0);  // length
    writer_be16(w, header->id);
    writer_be16(w, DONT_FRAGMENT);
    writer_u8(w, header->ttl);
    writer_u8(w, header->protocol);
    writer_be16(w, 0);  // checksum
    writer_bytes(w, header->source.bytes, 4);
    writer_bytes(w, header->destination.bytes, 4);
}

static void begin_ipv6(struct writer *w, const struct ip_header *header)
{
    writer_be32(w, 6u << 28 | (uint32_t)header->dscp << 22 | (header->label & 0xfffff));
    writer_be16(w, 0);  // length
    writer_u8(w, header->protocol);
    writer_u8(w, header->ttl);
    writer_bytes(w, header->source.bytes, 16);
    writer_bytes(w, header->destination.bytes, 16);
}

void ip_header_begin(struct writer *w, const struct ip_header *header)
{
    if (header->destination.family == FAMILY_IPV6)
        begin_ipv6(w, header);
    else
        begin_ipv4(w, header);
}

// The sum does not care for the order of bytes as long as all are read in the same (RFC 1071 §2),
// so whole words are added as they lie, and what overflows is added to the end of all.
static uint32_t fold(uint64_t sum)
{
    sum = (sum & UINT32_MAX) + (sum >> 32);
    for (int i = 0; i < 3; i++)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint32_t)sum;
}

static inline uint64_t add_word(uint64_t sum, uint64_t word)
{
    sum += word;
    return sum + (sum < word);
}

static uint64_t add(uint64_t sum, const uint8_t *at, size_t size)
{
    uint64_t word;
    for (; size >= sizeof word; at += sizeof word, size -= sizeof word) {
        memcpy(&word, at, sizeof word);
        sum = add_word(sum, word);
    }
    uint32_t half = 0;
    if (size >= sizeof half) {
        memcpy(&half, at, sizeof half);
        sum = add_word(sum, half);
        at += sizeof half;
        size -= sizeof half;
    }
    if (size == 0)
        return sum;
    uint8_t rest[4] = {0};
    for (size_t i = 0; i < size; i++)
        rest[i] = at[i];
    memcpy(&half, rest, sizeof half);
    return add_word(sum, half);
}

uint32_t ip_sum(uint32_t sum, const void *bytes, size_t size)
{
    return fold(add(sum, bytes, size));
}

static void put_be16(struct writer *w, size_t at, size_t value)
{
    w->bytes[at] = (uint8_t)(value >> 8);
    w->bytes[at + 1] = (uint8_t)value;
}

static void put_checksum(struct writer *w, size_t at, uint32_t sum)
{
    uint16_t checksum = (uint16_t)~sum;
    memcpy(w->bytes + at, &checksum, sizeof checksum);
}

static size_t checksum_at(uint8_t protocol)
{
    return protocol == IP_TCP ? 16 : protocol == IP_UDP ? 6 : 2;
}

uint32_t ip_sum_pseudo(enum family family, const uint8_t *header, uint8_t protocol, size_t length)
{
    uint64_t sum = htobe16(protocol) + (uint64_t)htobe16((uint16_t)length);
    bool is_ipv6 = family == FAMILY_IPV6;
    return fold(
        add(sum, header + (is_ipv6 ? IPV6_ADDRESSES_AT : IPV4_ADDRESSES_AT), is_ipv6 ? 32 : 8));
}

// ICMP for IPv4 has none (RFC 792).
static uint32_t sum_pseudo_header(const struct writer *w, const struct ip_header *header,
                                  size_t length)
{
    return header->protocol == IP_ICMP
               ? 0
               : ip_sum_pseudo(header->destination.family, w->bytes, header->protocol, length);
}

static void finish_transport(struct writer *w, const struct ip_header *header, size_t begin)
{
    size_t length = w->size - begin, at = begin + checksum_at(header->protocol);
    if (at + 2 > w->size) {
        w->failed = true;
        return;
    }
    if (header->protocol == IP_UDP)
        put_be16(w, begin + UDP_LENGTH_AT, length);
    put_be16(w, at, 0);
    uint32_t sum = ip_sum(sum_pseudo_header(w, header, length), w->bytes + begin, length);
    bool is_none = header->protocol == IP_UDP && sum == 0xffff;  // RFC 768: zero would mean none
    put_checksum(w, at, is_none ? 0 : sum);
}

void ip_header_finish(struct writer *w, const struct ip_header *header)
{
    enum family family = header->destination.family;
    size_t begin = ip_header_size(family);
    if (!writer_ok(w) || w->size < begin || w->size > UINT16_MAX) {
        w->failed = true;
        return;
    }
    finish_transport(w, header, begin);
    if (family == FAMILY_IPV6) {
        put_be16(w, IPV6_LENGTH_AT, w->size - begin);
        return;
    }
    put_be16(w, IPV4_LENGTH_AT, w->size);
    put_checksum(w, IPV4_CHECKSUM_AT, ip_sum(0, w->bytes, begin));
}

bool ip_ipv4_read(struct cursor *c, struct ip_ipv4 *read)
{
    uint8_t version_and_size = cursor_u8(c);
    size_t header = 4u * (version_and_size & 15);
    cursor_bytes(c, 5);
    uint16_t fragment = cursor_be16(c);
    read->ttl = cursor_u8(c);
    read->protocol = cursor_u8(c);
    cursor_be16(c);  // checksum
    read->source = cursor_be32(c);
    read->destination = cursor_be32(c);
    cursor_bytes(c, header > IPV4_SIZE ? header - IPV4_SIZE : 0);
    return cursor_ok(c) && version_and_size >> 4 == 4 && header >= IPV4_SIZE &&
           (fragment & MORE_FRAGMENTS_OR_OFFSET) == 0;
}
