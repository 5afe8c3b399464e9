// SPDX-License-Identifier: ISC
#include "probe/tcp.h"

#include "base/cursor.h"
#include "probe/ip.h"

enum { FLAG_SYN = 0x02, FLAG_RST = 0x04, FLAG_ACK = 0x10 };  // RFC 9293 §3.1
enum { HEADER_WORDS = TCP_SYN_SIZE / 4, HEADER_WORDS_MIN = 5 };
enum { WINDOW = 65535 };
enum { OPTION_SEGMENT_SIZE = 2, OPTION_SEGMENT_SIZE_LENGTH = 4 };  // RFC 9293 §3.7.1
enum { SEGMENT_SIZE = 1220 };                                      // fits any IPv6 path

void tcp_syn_encode(struct writer *w, const struct tcp_syn *syn)
{
    writer_be16(w, syn->source_port);
    writer_be16(w, syn->destination_port);
    writer_be32(w, syn->sequence);
    writer_be32(w, 0);  // nothing to acknowledge
    writer_u8(w, HEADER_WORDS << 4);
    writer_u8(w, FLAG_SYN);
    writer_be16(w, WINDOW);
    writer_be16(w, 0);  // checksum
    writer_be16(w, 0);  // urgent pointer
    writer_u8(w, OPTION_SEGMENT_SIZE);
    writer_u8(w, OPTION_SEGMENT_SIZE_LENGTH);
    writer_be16(w, SEGMENT_SIZE);
}

// A refusal that acknowledges nothing may be made up by anybody, and a SYN alone is a question.
bool tcp_reply_decode(enum family family, const void *bytes, size_t size, struct tcp_reply *reply)
{
    struct cursor c = cursor_over(bytes, size);
    struct ip_ipv4 ip;
    if (family == FAMILY_IPV4 && (!ip_ipv4_read(&c, &ip) || ip.protocol != IP_TCP))
        return false;
    reply->source_port = cursor_be16(&c);
    reply->destination_port = cursor_be16(&c);
    cursor_be32(&c);  // its own sequence number
    reply->sequence = cursor_be32(&c) - 1;
    uint8_t words = cursor_u8(&c) >> 4;
    uint8_t flags = cursor_u8(&c);
    cursor_bytes(&c, 6);  // window, checksum, urgent pointer
    bool is_refused = flags & FLAG_RST;
    reply->is_open = flags & FLAG_SYN && !is_refused;
    return cursor_ok(&c) && words >= HEADER_WORDS_MIN && flags & FLAG_ACK &&
           (is_refused || reply->is_open);
}
