// SPDX-License-Identifier: ISC
#include "probe/tcp.h"

#include "base/check.h"
#include "probe/ip.h"

#include <string.h>

static const struct {
    const char *name, *source, *destination, *packet;
} packets[] = {
    // Ports, sequence, acknowledgement, size and flags, window, checksum, urgent, option.
    {"IPv4", "192.0.2.1", "198.51.100.9",
     "4500002c 00004000 ff068f8d c0000201 c6336409"
     "ee48 0050 01020304 00000000 6002 ffff ba39 0000 020404c4"},
    {"IPv6", "2001:db8::1", "2001:db8::9",
     "60012345 001806ff 20010db8 00000000 00000000 00000001 20010db8 00000000 00000000 00000009"
     "ee48 0050 01020304 00000000 6002 ffff 4afc 0000 020404c4"},
};

static void a_syn_is_as_the_rfc_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof packets / sizeof packets[0]; i++) {
        uint8_t bytes[128], expected[128];
        struct ip_header header = {
            .source = check_address(packets[i].source),
            .destination = check_address(packets[i].destination),
            .protocol = IP_TCP,
            .ttl = 255,
            .label = 0x12345,
        };
        struct writer w = writer_over(bytes, sizeof bytes);
        ip_header_begin(&w, &header);
        tcp_syn_encode(&w, &(struct tcp_syn){61000, 80, 0x01020304});
        ip_header_finish(&w, &header);
        size_t size = check_hex(packets[i].packet, expected);
        CHECK_ROW(packets[i].name, writer_ok(&w) && w.size == size);
        CHECK_ROW(packets[i].name, memcmp(bytes, expected, size) == 0);
    }
}

#define IPV4 "4500002c 00004000 40060000 c6336409 c0000201"
#define ACKNOWLEDGED "0050 ee48 99999999 01020305"

static const struct {
    const char *name;
    enum family family;
    const char *packet;
    bool is_answer, is_open;
} replies[] = {
    {"IPv4, SYN and ACK", FAMILY_IPV4, IPV4 ACKNOWLEDGED "6012 ffff 0000 0000 020405b4", true,
     true},
    {"IPv6, SYN and ACK", FAMILY_IPV6, ACKNOWLEDGED "6012 ffff 0000 0000 020405b4", true, true},
    {"IPv4, refused", FAMILY_IPV4, IPV4 ACKNOWLEDGED "5014 0000 0000 0000", true, false},
    {"IPv6, refused", FAMILY_IPV6, ACKNOWLEDGED "5014 0000 0000 0000", true, false},
    {"IPv6, with ECE", FAMILY_IPV6, ACKNOWLEDGED "5052 0000 0000 0000", true, true},
    {"IPv6, SYN, ACK and RST", FAMILY_IPV6, ACKNOWLEDGED "5016 0000 0000 0000", true, false},
    {"IPv4, options of IP", FAMILY_IPV4,
     "46000030 00004000 40060000 c6336409 c0000201 01010101" ACKNOWLEDGED "5014 0000 0000 0000",
     true, false},
    {"IPv6, refused without acknowledgement", FAMILY_IPV6, ACKNOWLEDGED "5004 0000 0000 0000",
     false, false},
    {"IPv6, a SYN", FAMILY_IPV6, ACKNOWLEDGED "5002 0000 0000 0000", false, false},
    {"IPv6, an acknowledgement", FAMILY_IPV6, ACKNOWLEDGED "5010 0000 0000 0000", false, false},
    {"IPv6, the end of a connection", FAMILY_IPV6, ACKNOWLEDGED "5011 0000 0000 0000", false,
     false},
    {"IPv6, a header of 16", FAMILY_IPV6, ACKNOWLEDGED "4014 0000 0000 0000", false, false},
    {"IPv4, a fragment", FAMILY_IPV4,
     "4500002c 00000001 40060000 c6336409 c0000201" ACKNOWLEDGED "5014 0000 0000 0000", false,
     false},
    {"IPv4, UDP", FAMILY_IPV4,
     "4500002c 00004000 40110000 c6336409 c0000201" ACKNOWLEDGED "5014 0000 0000 0000", false,
     false},
    {"IPv4, of version 6", FAMILY_IPV4,
     "6500002c 00004000 40060000 c6336409 c0000201" ACKNOWLEDGED "5014 0000 0000 0000", false,
     false},
    {"IPv4, a header of 16", FAMILY_IPV4,
     "4400002c 00004000 40060000 c6336409 c0000201" ACKNOWLEDGED "5014 0000 0000 0000", false,
     false},
};

static void only_answers_to_a_syn_count(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
        uint8_t bytes[128];
        struct tcp_reply reply = {0};
        size_t size = check_hex(replies[i].packet, bytes);
        bool is_answer = tcp_reply_decode(replies[i].family, bytes, size, &reply);
        CHECK_ROW(replies[i].name, is_answer == replies[i].is_answer);
        if (!is_answer)
            continue;
        CHECK_ROW(replies[i].name, reply.is_open == replies[i].is_open);
        CHECK_ROW(replies[i].name, reply.sequence == 0x01020304);
        CHECK_ROW(replies[i].name, reply.source_port == 80 && reply.destination_port == 61000);
    }
}

static void every_cut_is_no_answer(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
        uint8_t bytes[128];
        struct tcp_reply reply;
        size_t ip = replies[i].family == FAMILY_IPV4 ? 20 : 0;
        check_hex(replies[i].packet, bytes);
        for (size_t cut = 0; cut < ip + 20; cut++)
            CHECK_ROW(replies[i].name, !tcp_reply_decode(replies[i].family, bytes, cut, &reply));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_syn_is_as_the_rfc_says),
        cmocka_unit_test(only_answers_to_a_syn_count),
        cmocka_unit_test(every_cut_is_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
