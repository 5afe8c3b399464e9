// SPDX-License-Identifier: ISC
#include "capture/packet.h"

#include "base/check.h"

#include <string.h>

#define MACS "0200000000010200000000ff"
#define COOKED "0000 0001 0006 020000000001 0000"
#define IP4 "4500 002a 0000 4000 40 06 0000 c0000201 c0000202 "
#define IP6 "60000000 0016 06 40 20010db8000000000000000000000001 20010db8000000000000000000000002 "
#define IP6_NEXT(protocol, size)                                                                   \
    "60000000 " size " " protocol                                                                  \
    " 40 20010db8000000000000000000000001 20010db8000000000000000000000002 "
#define TCP "00b3 9c40 00000007 00000000 50 10 2000 00000000 "
#define DATA "6162"

#define UDP "00b3 9c40 000a 0000 "
#define ICMP "0800 0000 0001 0002 "

enum { UDP_KIND = PACKET_UDP, ICMP_KIND = PACKET_ICMP };
enum { TCP_KIND = PACKET_TCP, OTHER = PACKET_OTHER, FRAGMENT = PACKET_FRAGMENT, CUT = PACKET_CUT };

static const struct row {
    const char *name;
    int link;
    const char *packet;
    int kind;
    size_t size, captured;  // of the data
} rows[] = {
    {"Ethernet, IPv4", 1, MACS "0800" IP4 TCP DATA, TCP_KIND, 2, 2},
    {"Ethernet, IPv6", 1, MACS "86dd" IP6 TCP DATA, TCP_KIND, 2, 2},
    {"padded to 60 octets", 1, MACS "0800" IP4 TCP DATA "00000000", TCP_KIND, 2, 2},
    {"VLAN", 1, MACS "8100 0064 0800" IP4 TCP DATA, TCP_KIND, 2, 2},
    {"two VLANs", 1, MACS "88a8 0064 8100 0065 86dd" IP6 TCP DATA, TCP_KIND, 2, 2},
    {"five VLANs", 1, MACS "8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 0800" IP4 TCP DATA,
     OTHER, 0, 0},
    {"labels", 1, MACS "8847 000120fe 000131fe" IP4 TCP DATA, TCP_KIND, 2, 2},
    {"label on HDLC", 104, "0f00 8847 00012dfe" IP6 TCP DATA, TCP_KIND, 2, 2},
    {"labels without end", 1, MACS "8847 000120fe 000130fe", CUT, 0, 0},
    {"ARP", 1,
     MACS "0806"
          "0001",
     OTHER, 0, 0},
    {"cooked", 113, COOKED "0800" IP4 TCP DATA, TCP_KIND, 2, 2},
    {"cooked, IPv6", 113, COOKED "86dd" IP6 TCP DATA, TCP_KIND, 2, 2},
    {"cooked 2", 276, "0800 0000 00000001 0001 00 06 0200000000010000" IP4 TCP DATA, TCP_KIND, 2,
     2},
    {"bare IPv4", 101, IP4 TCP DATA, TCP_KIND, 2, 2},
    {"bare IPv6", 101, IP6 TCP DATA, TCP_KIND, 2, 2},
    {"bare, BSD", 12, IP6 TCP DATA, TCP_KIND, 2, 2},
    {"bare, OpenBSD", 14, IP4 TCP DATA, TCP_KIND, 2, 2},
    {"bare, version 5", 101, "55" IP4 TCP DATA, OTHER, 0, 0},
    {"IPv4 only", 228, IP4 TCP DATA, TCP_KIND, 2, 2},
    {"IPv6 only", 229, IP6 TCP DATA, TCP_KIND, 2, 2},
    {"loopback, little endian", 0, "02000000" IP4 TCP DATA, TCP_KIND, 2, 2},
    {"loopback, IPv6 of macOS", 0, "1e000000" IP6 TCP DATA, TCP_KIND, 2, 2},
    {"loopback, network order", 108, "00000002" IP4 TCP DATA, TCP_KIND, 2, 2},
    {"PPP", 9, "0021" IP4 TCP DATA, TCP_KIND, 2, 2},
    {"PPP with address", 9, "ff03 0057" IP6 TCP DATA, TCP_KIND, 2, 2},
    {"PPP, LCP", 50, "ff03 c021 0101", OTHER, 0, 0},
    {"Cisco HDLC", 104, "0f00 0800" IP4 TCP DATA, TCP_KIND, 2, 2},
    {"Cisco HDLC, SLARP", 104, "8f00 8035 0000", OTHER, 0, 0},
    {"a link nobody knows", 147, IP4 TCP DATA, OTHER, 0, 0},
    {"no data", 101, "4500 0028 0000 4000 40 06 0000 c0000201 c0000202" TCP, TCP_KIND, 0, 0},
    {"captured in part", 101, "4500 05dc 0000 4000 40 06 0000 c0000201 c0000202" TCP DATA, TCP_KIND,
     1460, 2},
    {"length left to the card", 101, "4500 0000 0000 4000 40 06 0000 c0000201 c0000202" TCP DATA,
     TCP_KIND, 2, 2},
    {"IPv6, length left to the card", 101, IP6_NEXT("06", "0000") TCP DATA, TCP_KIND, 2, 2},
    {"IP options", 101, "4600 002e 0000 4000 40 06 0000 c0000201 c0000202 01010100" TCP DATA,
     TCP_KIND, 2, 2},
    {"TCP options", 101,
     "4500 002e 0000 4000 40 06 0000 c0000201 c0000202"
     "00b3 9c40 00000007 00000000 60 10 2000 00000000 01010100" DATA,
     TCP_KIND, 2, 2},
    {"first fragment", 101, "4500 002a 0000 2000 40 06 0000 c0000201 c0000202" TCP DATA, FRAGMENT,
     0, 0},
    {"later fragment", 101, "4500 0016 0000 0001 40 06 0000 c0000201 c0000202" DATA, FRAGMENT, 0,
     0},
    {"IPv6 fragment", 101, IP6_NEXT("2c", "001e") "06 00 0001 00000007" TCP DATA, FRAGMENT, 0, 0},
    {"IPv6 fragment that is whole", 101, IP6_NEXT("2c", "001e") "06 00 0000 00000007" TCP DATA,
     TCP_KIND, 2, 2},
    {"IPv6 fragment, reserved bits", 101, IP6_NEXT("2c", "001e") "06 00 0006 00000007" TCP DATA,
     TCP_KIND, 2, 2},
    {"IPv6 options", 101, IP6_NEXT("00", "001e") "06 00 010400000000" TCP DATA, TCP_KIND, 2, 2},
    {"IPv6, two extensions", 101,
     IP6_NEXT("3c", "0026") "2b 00 010400000000 06 00 0000 00000000" TCP DATA, TCP_KIND, 2, 2},
    {"IPv6, authentication", 101,
     IP6_NEXT("33", "0026") "06 02 0000 00000001 00000001 00000000" TCP DATA, TCP_KIND, 2, 2},
    {"IPv6 extension overruns", 101, IP6_NEXT("00", "001e") "06 ff 010400000000" TCP DATA, CUT, 0,
     0},
    {"IPv6 extensions above the length", 101, IP6_NEXT("00", "0004") "06 00 010400000000" TCP DATA,
     CUT, 0, 0},
    {"UDP", 101, "4500 001e 0000 4000 40 11 0000 c0000201 c0000202" UDP DATA, UDP_KIND, 2, 2},
    {"UDP, IPv6", 101, IP6_NEXT("11", "000a") UDP DATA, UDP_KIND, 2, 2},
    {"UDP, padded", 1, MACS "0800 4500 001e 0000 4000 40 11 0000 c0000201 c0000202" UDP DATA "0000",
     UDP_KIND, 2, 2},
    {"UDP, captured in part", 101, IP6_NEXT("11", "0408") "00b3 9c40 0408 0000" DATA, UDP_KIND,
     1024, 2},
    {"UDP, shorter than its packet", 101, IP6_NEXT("11", "000c") UDP DATA "6364", UDP_KIND, 2, 2},
    {"UDP, length left out", 101, IP6_NEXT("11", "000a") "00b3 9c40 0000 0000" DATA, UDP_KIND, 2,
     2},
    {"UDP, longer than its packet", 101, IP6_NEXT("11", "000a") "00b3 9c40 000b 0000" DATA, CUT, 0,
     0},
    {"UDP, shorter than its header", 101, IP6_NEXT("11", "000a") "00b3 9c40 0007 0000" DATA, CUT, 0,
     0},
    {"ICMP", 101, "4500 001e 0000 4000 40 01 0000 c0000201 c0000202" ICMP DATA, ICMP_KIND, 10, 10},
    {"ICMPv6", 101, IP6_NEXT("3a", "000a") ICMP DATA, ICMP_KIND, 10, 10},
    {"ICMP in IPv6", 101, IP6_NEXT("01", "000a") ICMP DATA, OTHER, 0, 0},
    {"ICMPv6 in IPv4", 101, "4500 001e 0000 4000 40 3a 0000 c0000201 c0000202" ICMP DATA, OTHER, 0,
     0},
    {"ICMP, empty", 101, "4500 0014 0000 4000 40 01 0000 c0000201 c0000202", ICMP_KIND, 0, 0},
    {"header of 16", 101, "4400 002a 0000 4000 40 06 0000 c0000201 c0000202" TCP DATA, CUT, 0, 0},
    {"length below the header", 101, "4500 0013 0000 4000 40 06 0000 c0000201 c0000202" TCP DATA,
     CUT, 0, 0},
    {"TCP header of 16", 101, IP4 "00b3 9c40 00000007 00000000 40 10 2000 00000000" DATA, CUT, 0,
     0},
    {"TCP header above the length", 101, IP4 "00b3 9c40 00000007 00000000 f0 10 2000 00000000" DATA,
     CUT, 0, 0},
    {"TCP header behind the length", 101,
     "4500 0022 0000 4000 40 06 0000 c0000201 c0000202" TCP DATA, CUT, 0, 0},
};

static void reads_every_link(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bytes[256];
        struct packet packet = {0};
        struct cursor c = cursor_over(bytes, check_hex(rows[i].packet, bytes));
        CHECK_ROW(rows[i].name, (int)packet_read(rows[i].link, c, &packet) == rows[i].kind);
        if (rows[i].kind > PACKET_ICMP)
            continue;
        CHECK_ROW(rows[i].name, packet.size == rows[i].size && packet.ttl == 64);
        CHECK_ROW(rows[i].name, cursor_left(&packet.data) == rows[i].captured);
        bool has_ports = rows[i].kind != PACKET_ICMP;
        CHECK_ROW(rows[i].name, packet.source.port == (has_ports ? 179 : 0));
        CHECK_ROW(rows[i].name, packet.destination.port == (has_ports ? 40000 : 0));
        bool is_tcp = rows[i].kind == PACKET_TCP;
        CHECK_ROW(rows[i].name, packet.sequence == (is_tcp ? 7 : 0));
        CHECK_ROW(rows[i].name, packet.flags == (is_tcp ? 0x10 : 0));
        bool ipv4 = packet.source.address.family == FAMILY_IPV4;
        const char *from = ipv4 ? "192.0.2.1" : "2001:db8::1";
        const char *to = ipv4 ? "192.0.2.2" : "2001:db8::2";
        CHECK_ROW(rows[i].name, address_equal(packet.source.address, check_address(from)));
        CHECK_ROW(rows[i].name, address_equal(packet.destination.address, check_address(to)));
    }
}

static void reads_the_class(void **state)
{
    (void)state;
    static const char *const packets[] = {
        "45b9 001e 0000 4000 40 11 0000 c0000201 c0000202" UDP DATA,
        "6b900000 000a 11 40 20010db8000000000000000000000001"
        "20010db8000000000000000000000002" UDP DATA,
    };
    for (size_t i = 0; i < 2; i++) {
        uint8_t bytes[256];
        struct packet packet = {0};
        struct cursor c = cursor_over(bytes, check_hex(packets[i], bytes));
        assert_int_equal(packet_read(PACKET_RAW, c, &packet), PACKET_UDP);
        assert_int_equal(packet.traffic_class, 0xb9);
    }
}

static void survives_every_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bytes[256];
        size_t size = check_hex(rows[i].packet, bytes);
        for (size_t cut = 0; cut < size; cut++) {
            uint8_t *exact = test_malloc(cut + 1);
            memcpy(exact + 1, bytes, cut);
            struct packet packet = {0};
            enum packet_kind kind = packet_read(rows[i].link, cursor_over(exact + 1, cut), &packet);
            CHECK_ROW(rows[i].name, kind < PACKET_KINDS);
            CHECK_ROW(rows[i].name, kind > PACKET_ICMP || cursor_left(&packet.data) <= packet.size);
            test_free(exact);
        }
    }
}

static void knows_its_links(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(packet_link_is_known(rows[i].link), rows[i].link != 147);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_link),
        cmocka_unit_test(reads_the_class),
        cmocka_unit_test(survives_every_cut),
        cmocka_unit_test(knows_its_links),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
