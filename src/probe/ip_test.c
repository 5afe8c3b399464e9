// SPDX-License-Identifier: ISC
// Packets as a person reads them, and as the kernel takes them.
#include "probe/ip.h"

#include "base/check.h"
#include "probe/icmp.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *source, *destination;
    struct ip_header header;
    const char *transport, *expected;
} rows[] = {
    // clang-format off
    {"UDP over IPv4", "192.0.2.1", "198.51.100.2",
     {.protocol = IP_UDP, .ttl = 255, .dscp = 46, .id = 0x1234},
     "ee48 035e 0000 0000 6869",
     "45 b8 001e 1234 4000 ff 11 7cab c0000201 c6336402 ee48 035e 000a b992 6869"},
    {"UDP over IPv6", "2001:db8::1", "2001:db8::2",
     {.protocol = IP_UDP, .ttl = 3, .dscp = 8, .label = 0xabcde},
     "ee48 035e 0000 0000 6869 21",
     "620abcde 000b 11 03 20010db8000000000000000000000001 20010db8000000000000000000000002"
     " ee48 035e 000b 2953 6869 21"},
    {"ICMP over IPv4", "192.0.2.1", "198.51.100.2", {.protocol = IP_ICMP, .ttl = 1},
     "08 00 ffff ee48 0001",
     "45 00 001c 0000 4000 01 01 8daa c0000201 c6336402 08 00 09b6 ee48 0001"},
    {"ICMP over IPv6", "2001:db8::1", "2001:db8::2", {.protocol = IP_ICMPV6, .ttl = 255},
     "80 00 ffff ee48 0001",
     "60000000 0008 3a ff 20010db8000000000000000000000001 20010db8000000000000000000000002"
     " 80 00 35fe ee48 0001"},
    // clang-format on
};

static size_t bytes_of(const char *hex, uint8_t *bytes)
{
    size_t size = 0;
    for (unsigned byte; *hex; hex += 2) {
        while (*hex == ' ')
            hex++;
        assert_int_equal(sscanf(hex, "%2x", &byte), 1);
        bytes[size++] = (uint8_t)byte;
    }
    return size;
}

static struct ip_header header_of(size_t i)
{
    struct ip_header header = rows[i].header;
    assert_true(address_parse(rows[i].source, &header.source));
    assert_true(address_parse(rows[i].destination, &header.destination));
    return header;
}

static size_t compose(size_t i, uint8_t *packet, size_t capacity)
{
    uint8_t transport[64];
    struct ip_header header = header_of(i);
    struct writer w = writer_over(packet, capacity);
    ip_header_begin(&w, &header);
    writer_bytes(&w, transport, bytes_of(rows[i].transport, transport));
    ip_header_finish(&w, &header);
    return writer_ok(&w) ? w.size : 0;
}

static void writes_what_the_rfcs_draw(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t packet[128], expected[128];
        size_t size = compose(i, packet, sizeof packet);
        CHECK_ROW(rows[i].name, size == bytes_of(rows[i].expected, expected));
        CHECK_ROW(rows[i].name, memcmp(packet, expected, size) == 0);
    }
}

static void fails_where_there_is_no_room(void **state)
{
    (void)state;
    uint8_t packet[128];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t room = compose(i, packet, sizeof packet); room-- > 0;)
            CHECK_ROW(rows[i].name, compose(i, packet, room) == 0);
}

// A UDP checksum that comes out as zero is sent as ones.
static void never_sends_a_udp_checksum_of_none(void **state)
{
    (void)state;
    struct ip_header header = header_of(0);
    unsigned ones = 0;
    for (uint32_t word = 0; word <= UINT16_MAX; word++) {
        uint8_t packet[64];
        struct writer w = writer_over(packet, sizeof packet);
        ip_header_begin(&w, &header);
        writer_be64(&w, 0xee48035e00000000);
        writer_be16(&w, (uint16_t)word);
        ip_header_finish(&w, &header);
        uint16_t checksum = (uint16_t)(packet[26] << 8 | packet[27]);
        assert_int_not_equal(checksum, 0);
        ones += checksum == UINT16_MAX;
    }
    assert_int_equal(ones, 1);
}

static void sums_like_the_plain_way(void **state)
{
    (void)state;
    uint8_t bytes[67];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 151 + 7);
    for (size_t size = 0; size <= sizeof bytes; size++) {
        uint16_t sum = (uint16_t)~ip_sum(0, bytes, size);
        uint8_t in_order[2];
        memcpy(in_order, &sum, sizeof sum);
        assert_int_equal(in_order[0] << 8 | in_order[1], icmp_checksum(bytes, size));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_what_the_rfcs_draw),
        cmocka_unit_test(fails_where_there_is_no_room),
        cmocka_unit_test(never_sends_a_udp_checksum_of_none),
        cmocka_unit_test(sums_like_the_plain_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
