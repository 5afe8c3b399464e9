// SPDX-License-Identifier: ISC
#include "probe/icmp.h"

#include "probe/ip.h"

enum { ECHO_CHECKSUM_AT = 2, ECHO_ID_AT = 4 };  // RFC 792
static const struct {
    uint8_t request, reply;
} types[FAMILIES] = {
    [FAMILY_IPV4] = {8, 0},      // RFC 792
    [FAMILY_IPV6] = {128, 129},  // RFC 4443 §4.1, §4.2
};

static uint32_t sum_words(struct cursor c)
{
    uint32_t sum = 0;
    while (cursor_left(&c) > 1)
        sum += cursor_be16(&c);
    if (cursor_left(&c) == 1)
        sum += (uint32_t)cursor_u8(&c) << 8;
    return sum;
}

uint16_t icmp_checksum(const void *bytes, size_t size)
{
    uint32_t sum = sum_words(cursor_over(bytes, size));
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

// The word that makes sequence, tag and itself add up to the same for every probe.
static uint16_t compensation(const struct icmp_echo *echo)
{
    uint8_t varying[10];
    struct writer w = writer_over(varying, sizeof varying);
    writer_be16(&w, echo->sequence);
    writer_be64(&w, echo->tag);
    return icmp_checksum(varying, sizeof varying);
}

void icmp_echo_encode(struct writer *w, enum family family, const struct icmp_echo *echo)
{
    uint8_t bytes[ICMP_ECHO_SIZE] = {types[family].request};
    struct writer draft = writer_over(bytes, sizeof bytes);
    draft.size = ECHO_ID_AT;
    writer_be16(&draft, echo->id);
    writer_be16(&draft, echo->sequence);
    writer_be64(&draft, echo->tag);
    writer_be16(&draft, compensation(echo));
    if (family == FAMILY_IPV4) {
        uint16_t checksum = icmp_checksum(bytes, sizeof bytes);
        draft.size = ECHO_CHECKSUM_AT;
        writer_be16(&draft, checksum);
    }
    writer_bytes(w, bytes, sizeof bytes);
}

bool icmp_reply_decode(enum family family, const void *bytes, size_t size, struct icmp_echo *echo)
{
    struct cursor c = cursor_over(bytes, size);
    if (family == FAMILY_IPV4) {
        struct ip_ipv4 ip;
        if (!ip_ipv4_read(&c, &ip) || ip.protocol != IP_ICMP)
            return false;
        // A raw socket sees packets before the kernel checks them.
        struct cursor whole = c;
        if (icmp_checksum(c.bytes + c.pos, cursor_left(&whole)) != 0)
            return false;
    }
    uint8_t type = cursor_u8(&c);
    uint8_t code = cursor_u8(&c);
    cursor_be16(&c);  // checksum
    echo->id = cursor_be16(&c);
    echo->sequence = cursor_be16(&c);
    echo->tag = cursor_be64(&c);
    return cursor_ok(&c) && type == types[family].reply && code == 0;
}
