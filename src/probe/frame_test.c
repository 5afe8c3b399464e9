// SPDX-License-Identifier: ISC
#include "probe/frame.h"

#include "base/check.h"
#include "probe/ip.h"

#include <string.h>

#define HEAD "020000000002 020000000001 "
#define IPV4_HEAD HEAD "0800 45 b8 001e 1234 4000 ff 11 7cab c0000201 c6336402 "
#define IPV6_HEAD                                                                                  \
    HEAD "86dd 620abcde 000b 11 03 20010db8000000000000000000000001"                               \
         " 20010db8000000000000000000000002 "
#define IPV4_UDP "ee48 035e 000a b992 6869"
#define IPV6_UDP "ee48 035e 000b 2953 6869 21"

static const struct {
    const char *name, *frame, *source, *destination, *payload;
    uint8_t ttl, traffic_class;
} good[] = {
    // clang-format off
    {"IPv4", IPV4_HEAD IPV4_UDP, "192.0.2.1", "198.51.100.2", "hi", 255, 0xb8},
    {"IPv6", IPV6_HEAD IPV6_UDP, "2001:db8::1", "2001:db8::2", "hi!", 3, 0x20},
    {"IPv4 that the link padded",
     IPV4_HEAD IPV4_UDP "0000 0000", "192.0.2.1", "198.51.100.2", "hi", 255, 0xb8},
    {"IPv6 that the link padded",
     IPV6_HEAD IPV6_UDP "ff", "2001:db8::1", "2001:db8::2", "hi!", 3, 0x20},
    {"IPv4 without checksum",
     IPV4_HEAD "ee48 035e 000a 0000 6869", "192.0.2.1", "198.51.100.2", "hi", 255, 0xb8},
    {"IPv4, checksum left to a card",
     IPV4_HEAD "ee48 035e 000a ec52 6869", "192.0.2.1", "198.51.100.2", "hi", 255, 0xb8},
    {"IPv6, checksum left to a card",
     IPV6_HEAD "ee48 035e 000b 5b91 6869 21", "2001:db8::1", "2001:db8::2", "hi!", 3, 0x20},
    // clang-format on
};

static const struct {
    const char *name, *frame;
} bad[] = {
    // clang-format off
    {"ARP", HEAD "0806 0001 0800 0604 0001 020000000001 c0000201 000000000000 c6336402"},
    {"IPv4 with an option",
     HEAD "0800 46 b8 0022 1234 4000 ff 11 79a6 c0000201 c6336402 01010101" IPV4_UDP},
    {"IPv4 fragment, not the last",
     HEAD "0800 45 b8 001e 1234 6000 ff 11 5cab c0000201 c6336402 " IPV4_UDP},
    {"IPv4 fragment, the last",
     HEAD "0800 45 b8 001e 1234 0001 ff 11 bcaa c0000201 c6336402 " IPV4_UDP},
    {"IPv4 with TCP", HEAD "0800 45 b8 001e 1234 4000 ff 06 7cb6 c0000201 c6336402 " IPV4_UDP},
    {"IPv4 with a wrong header checksum",
     HEAD "0800 45 b8 001e 1234 4000 fe 11 7cab c0000201 c6336402 " IPV4_UDP},
    {"IPv4 longer than the frame",
     HEAD "0800 45 b8 0020 1234 4000 ff 11 7ca9 c0000201 c6336402 " IPV4_UDP},
    {"IPv4 shorter than its header",
     HEAD "0800 45 b8 0010 1234 4000 ff 11 7cb9 c0000201 c6336402 " IPV4_UDP},
    {"IPv4 whose UDP is longer than it", IPV4_HEAD "ee48 035e 000b b990 6869"},
    {"IPv4 whose UDP is shorter than its header", IPV4_HEAD "ee48 035e 0007 b998 6869"},
    {"IPv4 with a wrong checksum", IPV4_HEAD "ee48 035e 000a b993 6869"},
    {"IPv4 with another payload", IPV4_HEAD "ee48 035e 000a b992 6868"},
    {"IPv6 without checksum", IPV6_HEAD "ee48 035e 000b 0000 6869 21"},
    {"IPv6 with a wrong checksum", IPV6_HEAD "ee48 035e 000b 2954 6869 21"},
    {"IPv6 with an extension header",
     HEAD "86dd 620abcde 0013 00 03 20010db8000000000000000000000001"
     " 20010db8000000000000000000000002 1100 01040000 0000 " IPV6_UDP},
    {"IPv6 of another version",
     HEAD "86dd 520abcde 000b 11 03 20010db8000000000000000000000001"
     " 20010db8000000000000000000000002 " IPV6_UDP},
    // clang-format on
};

static void a_datagram_is_read_as_a_socket_tells_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        uint8_t bytes[128];
        struct frame_udp udp;
        size_t size = check_hex(good[i].frame, bytes);
        CHECK_ROW(good[i].name, frame_udp_read(bytes, size, &udp));
        CHECK_ROW(good[i].name, address_equal(udp.source, check_address(good[i].source)));
        CHECK_ROW(good[i].name, address_equal(udp.destination, check_address(good[i].destination)));
        CHECK_ROW(good[i].name, udp.source_port == 61000 && udp.destination_port == 862);
        CHECK_ROW(good[i].name, udp.ttl == good[i].ttl);
        CHECK_ROW(good[i].name, udp.traffic_class == good[i].traffic_class);
        CHECK_ROW(good[i].name, udp.payload_size == strlen(good[i].payload));
        CHECK_ROW(good[i].name, memcmp(udp.payload, good[i].payload, udp.payload_size) == 0);
    }
}

static void what_a_socket_would_not_get_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint8_t bytes[128];
        struct frame_udp udp;
        size_t size = check_hex(bad[i].frame, bytes);
        CHECK_ROW(bad[i].name, !frame_udp_read(bytes, size, &udp));
    }
}

static void every_cut_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        uint8_t bytes[128];
        struct frame_udp udp;
        size_t whole = check_hex(good[i].frame, bytes);
        for (size_t size = 0; size < whole; size++)
            CHECK_ROW(good[i].name, !frame_udp_read(bytes, size, &udp));
    }
}

static void the_header_of_a_frame_names_both_ends(void **state)
{
    (void)state;
    const uint8_t to[FRAME_MAC] = {2, 0, 0, 0, 0, 2}, from[FRAME_MAC] = {2, 0, 0, 0, 0, 1};
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        uint8_t bytes[FRAME_ETHERNET], expected[128];
        struct writer w = writer_over(bytes, sizeof bytes);
        frame_begin(&w, to, from, family);
        check_hex(good[family == FAMILY_IPV6].frame, expected);
        CHECK_ROW(family_name(family), writer_ok(&w) && w.size == FRAME_ETHERNET);
        CHECK_ROW(family_name(family), memcmp(bytes, expected, FRAME_ETHERNET) == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_datagram_is_read_as_a_socket_tells_it),
        cmocka_unit_test(what_a_socket_would_not_get_is_refused),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(the_header_of_a_frame_names_both_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
