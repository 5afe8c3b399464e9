// SPDX-License-Identifier: ISC
#include "kernel/kernel_check.h"

#include <linux/rtnetlink.h>
#include <stdio.h>

// Family, bits, bits of source, TOS, table, protocol, scope, type, flags.
#define IPV4_24 "02 18 00 00 fe ba 00 01 00000000 "
#define IPV6_48 "0a 30 00 00 fe 0c 00 01 00000000 "
#define DST4 "0800 0100 c6336400 "
#define DST6 "1400 0100 20010db8 00010000 00000000 00000000 "
#define OIF(n) "0800 0400 0" #n "000000 "
#define METRIC "0800 0600 14000000 "
#define GATEWAY4 "0800 0500 c0000202 "
#define GATEWAY6 "1400 0500 20010db8 00000000 00000000 00000002 "
#define TABLE_1000 "0800 0f00 e8030000 "
#define NEXTHOP_10 "0800 1e00 0a000000 "

// What a route is, on one line: "prefix type protocol table metric nexthop: hops".
static const char *say(const struct kernel_route *r, char *text, size_t size)
{
    char prefix[PREFIX_TEXT_MAX], number[4];
    int at = snprintf(text, size, "%s %s %s table %u metric %u", prefix_format(r->prefix, prefix),
                      kernel_route_type_name(r->type), kernel_protocol_name(r->protocol, number),
                      r->table, r->metric);
    if (r->nexthop)
        at += snprintf(text + at, size - (size_t)at, " nexthop %u", r->nexthop);
    if (r->is_narrow)
        at += snprintf(text + at, size - (size_t)at, " narrow");
    for (uint8_t i = 0; i < r->hop_count; i++) {
        char gateway[ADDRESS_TEXT_MAX];
        at += snprintf(text + at, size - (size_t)at, "; %s link %u%s%s",
                       address_format(r->hops[i].gateway, gateway), r->hops[i].link,
                       r->hops[i].is_dead ? " dead" : "", r->hops[i].is_wrapped ? " wrapped" : "");
    }
    return text;
}

static const struct {
    const char *name, *body, *said;
} good[] = {
    {"by a gateway", IPV4_24 DST4 OIF(3) GATEWAY4 METRIC,
     "198.51.100.0/24 unicast bgp table 254 metric 20; 192.0.2.2 link 3"},
    {"by a gateway, IPv6", IPV6_48 DST6 OIF(3) GATEWAY6 METRIC,
     "2001:db8:1::/48 unicast bird table 254 metric 20; 2001:db8::2 link 3"},
    {"straight from a link", IPV4_24 DST4 OIF(3),
     "198.51.100.0/24 unicast bgp table 254 metric 0; - link 3"},
    {"an unknown protocol", "02 18 00 00 fe 4d 00 01 00000000 " DST4 OIF(3),
     "198.51.100.0/24 unicast 77 table 254 metric 0; - link 3"},
    {"default", "02 00 00 00 fe 03 00 01 00000000 " OIF(3) GATEWAY4,
     "0.0.0.0/0 unicast boot table 254 metric 0; 192.0.2.2 link 3"},
    {"default, IPv6", "0a 00 00 00 fe 09 00 01 00000000 " OIF(3) GATEWAY6,
     "::/0 unicast ra table 254 metric 0; 2001:db8::2 link 3"},
    {"a table over 255", "02 18 00 00 fc ba 00 01 00000000 " TABLE_1000 DST4 OIF(3),
     "198.51.100.0/24 unicast bgp table 1000 metric 0; - link 3"},
    {"bits past the length are cleared", "02 10 00 00 fe ba 00 01 00000000 " DST4 OIF(3),
     "198.51.0.0/16 unicast bgp table 254 metric 0; - link 3"},
    {"by a nexthop object, told with its hop", IPV4_24 DST4 NEXTHOP_10 OIF(3) GATEWAY4,
     "198.51.100.0/24 unicast bgp table 254 metric 0 nexthop 10; 192.0.2.2 link 3"},
    {"by a gateway of the other family",
     IPV4_24 DST4 "1600 1200 0a00 20010db8000000000000000000000002 0000" OIF(3),
     "198.51.100.0/24 unicast bgp table 254 metric 0; 2001:db8::2 link 3"},
    {"dead", "02 18 00 00 fe ba 00 01 11000000 " DST4 OIF(3) GATEWAY4,
     "198.51.100.0/24 unicast bgp table 254 metric 0; 192.0.2.2 link 3 dead"},
    {"link down, IPv6", "0a 30 00 00 fe 0c 00 01 10000000 " DST6 OIF(3) GATEWAY6,
     "2001:db8:1::/48 unicast bird table 254 metric 0; 2001:db8::2 link 3 dead"},
    {"wrapped in a tunnel", IPV4_24 DST4 OIF(3) GATEWAY4 "0600 1500 0500 0000 0400 1600",
     "198.51.100.0/24 unicast bgp table 254 metric 0; 192.0.2.2 link 3 wrapped"},
    {"several hops",
     IPV4_24 DST4 "2400 0900"
                  "1000 00 01 03000000" GATEWAY4 "1000 10 00 04000000 0800 0500 c0000203",
     "198.51.100.0/24 unicast bgp table 254 metric 0; 192.0.2.2 link 3; 192.0.2.3 link 4 dead"},
    {"several hops, IPv6",
     IPV6_48 DST6 METRIC "3c00 0900"
                         "1c00 00 00 03000000" GATEWAY6
                         "1c00 00 00 04000000 1400 0500 fe80 0000000000000000 000000000003",
     "2001:db8:1::/48 unicast bird table 254 metric 20; 2001:db8::2 link 3; fe80::3 link 4"},
    {"what stands beside several hops counts for nothing",
     IPV4_24 DST4 OIF(7) "2400 0900"
                         "1000 00 00 03000000" GATEWAY4 "1000 00 00 04000000 0800 0500 c0000203"
                         "0800 0500 c0000209" OIF(9) "0600 1500 0500 0000",
     "198.51.100.0/24 unicast bgp table 254 metric 0; 192.0.2.2 link 3; 192.0.2.3 link 4"},
    {"several hops of which there are none", IPV4_24 DST4 OIF(3) "0400 0900" GATEWAY4,
     "198.51.100.0/24 unicast bgp table 254 metric 0; 192.0.2.2 link 3"},
    {"black hole", "02 18 00 00 fe ba 00 06 00000000 " DST4,
     "198.51.100.0/24 blackhole bgp table 254 metric 0"},
    {"unreachable, IPv6: its link counts for nothing",
     "0a 30 00 00 fe 0c 00 07 00000000 " DST6 OIF(1),
     "2001:db8:1::/48 unreachable bird table 254 metric 0"},
    {"prohibit", "02 18 00 00 fe ba 00 08 00000000 " DST4,
     "198.51.100.0/24 prohibit bgp table 254 metric 0"},
    {"throw", "02 18 00 00 63 ba 00 09 00000000 " DST4,
     "198.51.100.0/24 throw bgp table 99 metric 0"},
    {"local", "02 20 00 00 ff 02 fe 02 00000000 0800 0100 c0000201" OIF(3),
     "192.0.2.1/32 local kernel table 255 metric 0; - link 3"},
    {"by type of service", "02 18 00 10 fe ba 00 01 00000000 " DST4 OIF(3),
     "198.51.100.0/24 unicast bgp table 254 metric 0 narrow; - link 3"},
    {"by source, IPv6",
     "0a 30 30 00 fe 0c 00 01 00000000 " DST6
     "1400 0200 20010db8 00050000 00000000 00000000" OIF(3),
     "2001:db8:1::/48 unicast bird table 254 metric 0 narrow; - link 3"},
    {"unknown attributes, nested ones, a last one without padding",
     IPV4_24 DST4 OIF(3) "0800 ff3f 01020304 0400 0880 0500 0014 02",
     "198.51.100.0/24 unicast bgp table 254 metric 0; - link 3"},
};

static void tells_a_route(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        char text[512];
        struct check_kernel got = check_decode(RTM_NEWROUTE, good[i].body);
        CHECK_ROW(good[i].name, got.verdict == KERNEL_TOLD && !got.message.is_gone);
        if (strcmp(say(&got.message.route, text, sizeof text), good[i].said) != 0)
            fail_msg("row '%s': said '%s'", good[i].name, text);
        got = check_decode(RTM_DELROUTE, good[i].body);
        CHECK_ROW(good[i].name, got.verdict == KERNEL_TOLD && got.message.is_gone);
    }
}

// What the kernel answers to "which way to this address": always copies for IPv4.
static const struct {
    const char *name, *body, *said;
} ways[] = {
    {"by a gateway", "02 20 00 00 fe 00 00 01 00020000 0800 0100 c6336407 " OIF(3) GATEWAY4,
     "198.51.100.7/32 unicast 0 table 254 metric 0; 192.0.2.2 link 3"},
    {"by a gateway, IPv6", "0a 80 00 00 fe 0c 00 01 00020000 " DST6 OIF(3) GATEWAY6,
     "2001:db8:1::/128 unicast bird table 254 metric 0; 2001:db8::2 link 3"},
    {"no copy", IPV6_48 DST6 OIF(3), "2001:db8:1::/48 unicast bird table 254 metric 0; - link 3"},
    {"to ourselves", "02 20 00 00 ff 00 00 02 00020080 0800 0100 c0000201" OIF(1),
     "192.0.2.1/32 local 0 table 255 metric 0; - link 1"},
};

static void tells_a_way(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        char text[512];
        uint8_t body[256];
        const char *wrong;
        struct kernel_route way;
        size_t size = check_hex(ways[i].body, body);
        CHECK_ROW(ways[i].name, kernel_way_decode(cursor_over(body, size), NETLINK_LITTLE, &way,
                                                  &wrong) == KERNEL_TOLD);
        if (strcmp(say(&way, text, sizeof text), ways[i].said) != 0)
            fail_msg("row '%s': said '%s'", ways[i].name, text);
    }
}

static const struct {
    const char *name;
    uint16_t type;
    const char *body, *wrong;  // wrong: NULL when it is to be ignored
} refused[] = {
    {"empty", RTM_NEWROUTE, "", "a route shorter than its header"},
    {"header cut", RTM_NEWROUTE, "02 18 00 00 fe ba 00 01 000000",
     "a route shorter than its header"},
    {"IPv4 prefix of 33", RTM_NEWROUTE, "02 21 00 00 fe ba 00 01 00000000 " DST4,
     "a prefix longer than its family's addresses"},
    {"IPv6 prefix of 129", RTM_NEWROUTE, "0a 81 00 00 fe ba 00 01 00000000 " DST6,
     "a prefix longer than its family's addresses"},
    {"prefix without address", RTM_NEWROUTE, IPV4_24 OIF(3), "a prefix without RTA_DST"},
    {"IPv6 address in IPv4", RTM_NEWROUTE, IPV4_24 DST6, "RTA_DST"},
    {"IPv4 gateway in IPv6", RTM_NEWROUTE, IPV6_48 DST6 GATEWAY4, "RTA_GATEWAY or RTA_VIA"},
    {"empty gateway", RTM_NEWROUTE, IPV4_24 DST4 "0400 0500", "RTA_GATEWAY or RTA_VIA"},
    {"via without family", RTM_NEWROUTE, IPV4_24 DST4 "0500 1200 0a", "RTA_GATEWAY or RTA_VIA"},
    {"via of an odd family", RTM_NEWROUTE, IPV4_24 DST4 "0a00 1200 0700 c0000202",
     "RTA_GATEWAY or RTA_VIA"},
    {"link of 2 octets", RTM_NEWROUTE, IPV4_24 DST4 "0600 0400 0300", "RTA_OIF"},
    {"metric of 8 octets", RTM_NEWROUTE, IPV4_24 DST4 "0c00 0600 14000000 00000000",
     "RTA_PRIORITY"},
    {"table of 1 octet", RTM_NEWROUTE, IPV4_24 DST4 "0500 0f00 fe", "RTA_TABLE"},
    {"nexthop of 3 octets", RTM_NEWROUTE, IPV4_24 DST4 "0700 1e00 010000", "RTA_NH_ID"},
    {"attribute of length 3", RTM_NEWROUTE, IPV4_24 DST4 "0300 0400 03000000",
     "an attribute of a route overruns it"},
    {"attribute of length 0", RTM_NEWROUTE, IPV4_24 DST4 "0000 0400 03000000",
     "an attribute of a route overruns it"},
    {"attribute over the end", RTM_NEWROUTE, IPV4_24 DST4 "0c00 0400 03000000",
     "an attribute of a route overruns it"},
    {"three octets left", RTM_NEWROUTE, IPV4_24 DST4 "080004",
     "an attribute of a route overruns it"},
    {"hop shorter than its header", RTM_NEWROUTE, IPV4_24 DST4 "0a00 0900 0800 00 00 0300",
     "RTA_MULTIPATH"},
    {"hop of length 0", RTM_NEWROUTE, IPV4_24 DST4 "0c00 0900 0000 00 00 03000000",
     "RTA_MULTIPATH"},
    {"hop over the end", RTM_NEWROUTE, IPV4_24 DST4 "0c00 0900 1000 00 00 03000000",
     "RTA_MULTIPATH"},
    {"bad attribute in a hop", RTM_NEWROUTE,
     IPV4_24 DST4 "1200 0900 0e00 00 00 03000000 0600 0500 c000", "RTA_MULTIPATH"},
    {"attribute over its hop", RTM_NEWROUTE,
     IPV4_24 DST4 "1400 0900 1000 00 00 03000000 0c00 0500 c0000202", "RTA_MULTIPATH"},
    {"nexthop header cut", RTM_NEWNEXTHOP, "02 00 00 00 000000",
     "a nexthop shorter than its header"},
    {"nexthop without id", RTM_NEWNEXTHOP, "02 00 00 00 00000000", "a nexthop without NHA_ID"},
    {"nexthop of id 0", RTM_NEWNEXTHOP, "02 00 00 00 00000000 0800 0100 00000000",
     "a nexthop without NHA_ID"},
    {"id of 2 octets", RTM_NEWNEXTHOP, "02 00 00 00 00000000 0600 0100 0100", "NHA_ID"},
    {"empty group", RTM_NEWNEXTHOP, "00 00 00 00 00000000 0800 0100 0a000000 0400 0200",
     "NHA_GROUP"},
    {"group of 7 octets", RTM_NEWNEXTHOP,
     "00 00 00 00 00000000 0800 0100 0a000000 0b00 0200 01000000000000", "NHA_GROUP"},
    {"gateway of no family", RTM_NEWNEXTHOP,
     "00 00 00 00 00000000 0800 0100 01000000 0800 0600 c0000202", "NHA_GATEWAY"},
    {"nexthop cut in an attribute", RTM_NEWNEXTHOP,
     "02 00 00 00 00000000 0800 0100 01000000 0800 0600 c000",
     "an attribute of a nexthop overruns it"},
    {"nexthop's link of 8 octets", RTM_NEWNEXTHOP,
     "02 00 00 00 00000000 0800 0100 01000000 0c00 0500 0300000000000000", "NHA_OIF"},
    {"a copy of a route", RTM_NEWROUTE, "02 20 00 00 fe 00 00 01 00020000 0800 0100 c6336407",
     NULL},
    {"a copy of a route, IPv6", RTM_NEWROUTE, "0a 30 00 00 fe 0c 00 01 00020000 " DST6, NULL},
    {"broadcast", RTM_NEWROUTE, "02 20 00 00 ff 02 fd 03 00000000 0800 0100 c00002ff", NULL},
    {"multicast, IPv6", RTM_NEWROUTE, "0a 08 00 00 ff 02 00 05 00000000 " DST6, NULL},
    {"an unknown type", RTM_NEWROUTE, "02 18 00 00 fe ba 00 0a 00000000 " DST4, NULL},
    {"MPLS", RTM_NEWROUTE, "1c 14 00 00 fe ba 00 01 00000000 ", NULL},
    {"a bridge's nexthop", RTM_NEWNEXTHOP, "02 00 00 00 00000000 0800 0100 01000000 0400 0b00",
     NULL},
};

static void refuses_what_is_malformed_or_beside_the_point(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct check_kernel got = check_decode(refused[i].type, refused[i].body);
        if (!refused[i].wrong) {
            CHECK_ROW(refused[i].name, got.verdict == KERNEL_IGNORED);
            continue;
        }
        CHECK_ROW(refused[i].name, got.verdict == KERNEL_MALFORMED);
        if (strcmp(got.wrong, refused[i].wrong) != 0)
            fail_msg("row '%s': '%s'", refused[i].name, got.wrong);
    }
}

static void tells_a_nexthop_object(void **state)
{
    (void)state;
    struct kernel_nexthop n = check_decode(RTM_NEWNEXTHOP, "02 fd 0b 00 00000000 0800 0100 01000000"
                                                           "0800 0500 03000000 0800 0600 c0000202")
                                  .message.nexthop;
    assert_true(n.id == 1 && n.member_count == 0 && !n.is_discard && n.protocol == 11);
    assert_true(n.hop.link == 3 && address_equal(n.hop.gateway, check_address("192.0.2.2")));
    n = check_decode(RTM_NEWNEXTHOP, "0a 00 0b 00 10000000 0800 0100 02000000 0800 0500 03000000"
                                     "1400 0600 20010db8 00000000 00000000 00000002")
            .message.nexthop;
    assert_true(n.id == 2 && n.hop.is_dead);
    assert_true(address_equal(n.hop.gateway, check_address("2001:db8::2")));
    n = check_decode(RTM_NEWNEXTHOP, "02 00 00 00 00000000 0800 0100 04000000 0400 0400")
            .message.nexthop;
    assert_true(n.id == 4 && n.is_discard);
    n = check_decode(RTM_NEWNEXTHOP, "00 00 00 00 00000000 0800 0100 0a000000 0600 0300 0000 0000"
                                     "1400 0200 01000000 02 00 0000 02000000 08 00 0000")
            .message.nexthop;
    assert_true(n.id == 10 && n.member_count == 2 && !n.is_cut);
    assert_true(n.members[0] == 1 && n.members[1] == 2);
}

// More hops than are kept: the first ones, and the word that there were more.
static void says_what_did_not_fit(void **state)
{
    (void)state;
    enum { HOPS = KERNEL_HOPS_MAX + 1 };
    uint8_t body[12 + 8 + 4 + 8 * HOPS + 8];
    size_t at = check_hex(IPV4_24 DST4 "0c02 0900", body);
    for (int i = 0; i < HOPS; i++)
        at += check_hex("0800 00 00 03000000", body + at);
    struct kernel_route route =
        check_decode_bytes(RTM_NEWROUTE, body, at, NETLINK_LITTLE).message.route;
    assert_true(route.is_cut && route.hop_count == KERNEL_HOPS_MAX);
    at = check_hex("00 00 00 00 00000000 0800 0100 0a000000 0c02 0200", body);
    for (int i = 0; i < HOPS; i++)
        at += check_hex("01000000 00 00 0000", body + at);
    struct kernel_nexthop group =
        check_decode_bytes(RTM_NEWNEXTHOP, body, at, NETLINK_LITTLE).message.nexthop;
    assert_true(group.is_cut && group.member_count == KERNEL_HOPS_MAX);
}

// A kernel of the other byte order, by way of an agent.
static void reads_the_other_byte_order(void **state)
{
    (void)state;
    char text[256];
    uint8_t body[256];
    size_t size = check_hex("02 18 00 00 fc ba 00 01 00000010 0008 000f 000003e8"
                            "0008 0001 c6336400 0008 0006 00000014"
                            "0014 0009 0010 00 00 00000003 0008 0005 c0000202",
                            body);
    struct check_kernel got = check_decode_bytes(RTM_NEWROUTE, body, size, NETLINK_BIG);
    assert_int_equal(got.verdict, KERNEL_TOLD);
    assert_string_equal(say(&got.message.route, text, sizeof text),
                        "198.51.100.0/24 unicast bgp table 1000 metric 20; 192.0.2.2 link 3");
}

static void every_cut_is_told_less_or_malformed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        uint8_t body[512];
        size_t size = check_hex(good[i].body, body);
        for (size_t cut = 0; cut < size; cut++) {
            struct check_kernel got = check_decode_bytes(RTM_NEWROUTE, body, cut, NETLINK_LITTLE);
            bool at_an_end = got.verdict == KERNEL_TOLD;
            CHECK_ROW(good[i].name, at_an_end || got.verdict == KERNEL_MALFORMED);
            CHECK_ROW(good[i].name, cut >= 12 || !at_an_end);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_a_route),
        cmocka_unit_test(tells_a_way),
        cmocka_unit_test(refuses_what_is_malformed_or_beside_the_point),
        cmocka_unit_test(tells_a_nexthop_object),
        cmocka_unit_test(says_what_did_not_fit),
        cmocka_unit_test(reads_the_other_byte_order),
        cmocka_unit_test(every_cut_is_told_less_or_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
