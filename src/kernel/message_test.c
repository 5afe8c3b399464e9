// SPDX-License-Identifier: ISC
#include "kernel/kernel_check.h"

#include <linux/rtnetlink.h>

// Family, bits of destination and source, TOS, table, two reserved, action, flags.
#define RULE4(action, flags) "02 18 18 00 00 00 00 " action " " flags " "
#define TO4 "0800 0100 c6336400 "
#define FROM4 "0800 0200 c0000200 "
#define PRIORITY_100 "0800 0600 64000000 "
#define TABLE_99 "0800 0f00 63000000 "
#define SUPPRESS_NONE "0800 0e00 ffffffff "

static void tells_a_rule(void **state)
{
    (void)state;
    struct check_kernel got = check_decode(
        RTM_NEWRULE, RULE4("01", "00000000") TO4 FROM4 PRIORITY_100 TABLE_99 SUPPRESS_NONE
        "0700 0300 763000 00 0500 1500 03");
    const struct kernel_rule *rule = &got.message.rule;
    assert_int_equal(got.verdict, KERNEL_TOLD);
    assert_true(rule->family == FAMILY_IPV4 && rule->action == KERNEL_RULE_LOOKUP);
    assert_true(rule->priority == 100 && rule->table == 99 && rule->protocol == 3);
    assert_true(prefix_equal(rule->destination, check_prefix("198.51.100.0/24")));
    assert_true(prefix_equal(rule->source, check_prefix("192.0.2.0/24")));
    assert_string_equal(rule->in_link, "v0");
    assert_true(!rule->by_mark && !rule->is_narrow && !rule->is_inverted && !rule->spares_short);
    uint64_t identity = rule->identity;
    got = check_decode(RTM_DELRULE,
                       RULE4("01", "10000000") TO4 FROM4 PRIORITY_100 TABLE_99 SUPPRESS_NONE
                       "0700 0300 763000 00 0500 1500 03");
    assert_true(got.message.is_gone && got.message.rule.identity == identity);
    got = check_decode(RTM_NEWRULE, RULE4("01", "02000000") TO4 FROM4 PRIORITY_100 TABLE_99);
    assert_true(got.message.rule.is_inverted && got.message.rule.identity != identity);
}

static void tells_what_a_rule_selects_by(void **state)
{
    (void)state;
    static const struct {
        const char *name, *body;
        enum family family;
        uint8_t action;
        bool by_mark, is_narrow, spares_short;
        uint32_t mark, mask;
    } rows[] = {
        {"every packet", "02 00 00 00 fe 00 00 01 00000000", FAMILY_IPV4, 1, 0, 0, 0, 0, 0},
        {"IPv6, prohibit", "0a 00 00 00 00 00 00 08 00000000", FAMILY_IPV6, 8, 0, 0, 0, 0, 0},
        {"a mark", "02 00 00 00 fe 00 00 01 00000000 0800 0a00 07000000", FAMILY_IPV4, 1, 1, 0, 0,
         7, UINT32_MAX},
        {"a part of a mark",
         "02 00 00 00 fe 00 00 01 00000000 0800 0a00 07000000 0800 1000 ff000000", FAMILY_IPV4, 1,
         1, 0, 0, 7, 255},
        {"mark 0", "02 00 00 00 fe 00 00 01 00000000 0800 0a00 00000000", FAMILY_IPV4, 1, 0, 0, 0,
         0, 0},
        {"no part of a mark", "02 00 00 00 fe 00 00 01 00000000 0800 1000 ff000000", FAMILY_IPV4, 1,
         0, 0, 0, 0, 255},
        {"type of service", "02 00 00 10 fe 00 00 01 00000000", FAMILY_IPV4, 1, 0, 1, 0, 0, 0},
        {"port", "0a 00 00 00 fe 00 00 01 00000000 0800 1800 50005000", FAMILY_IPV6, 1, 0, 1, 0, 0,
         0},
        {"DSCP", "02 00 00 00 fe 00 00 01 00000000 0500 1900 20000000", FAMILY_IPV4, 1, 0, 1, 0, 0,
         0},
        {"what is not known yet", "0a 00 00 00 fe 00 00 01 00000000 0800 3f00 01000000",
         FAMILY_IPV6, 1, 0, 1, 0, 0, 0},
        {"spares default routes", "0a 00 00 00 fe 00 00 01 00000000 0800 0e00 00000000",
         FAMILY_IPV6, 1, 0, 0, 1, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct check_kernel got = check_decode(RTM_NEWRULE, rows[i].body);
        const struct kernel_rule *rule = &got.message.rule;
        CHECK_ROW(rows[i].name, got.verdict == KERNEL_TOLD && rule->family == rows[i].family);
        CHECK_ROW(rows[i].name, rule->action == rows[i].action && rule->by_mark == rows[i].by_mark);
        CHECK_ROW(rows[i].name, rule->is_narrow == rows[i].is_narrow);
        CHECK_ROW(rows[i].name, rule->mark == rows[i].mark && rule->mask == rows[i].mask);
        CHECK_ROW(rows[i].name, rule->spares_short == rows[i].spares_short);
    }
}

static void tells_a_neighbour(void **state)
{
    (void)state;
    struct check_kernel got =
        check_decode(RTM_NEWNEIGH, "02 00 0000 03000000 8000 00 01 0800 0100 c0000202"
                                   "0a00 0200 020000000002 0000");
    const struct kernel_neighbour *n = &got.message.neighbour;
    assert_int_equal(got.verdict, KERNEL_TOLD);
    assert_true(n->link == 3 && n->state == KERNEL_NEIGHBOUR_PERMANENT && n->mac_size == 6);
    assert_memory_equal(n->mac, "\2\0\0\0\0\2", 6);
    assert_true(address_equal(n->address, check_address("192.0.2.2")));
    got = check_decode(RTM_NEWNEIGH,
                       "0a 00 0000 03000000 2000 00 01 1400 0100 20010db8000000000000000000000002");
    assert_int_equal(got.verdict, KERNEL_TOLD);
    assert_true(n->state == KERNEL_NEIGHBOUR_FAILED && n->mac_size == 0);
    assert_true(address_equal(n->address, check_address("2001:db8::2")));
}

static void tells_a_link(void **state)
{
    (void)state;
    struct check_kernel got =
        check_decode(RTM_NEWLINK, "00 00 0100 03000000 43100100 00000000 0700 0300 763000 00");
    const struct kernel_link *link = &got.message.link;
    assert_int_equal(got.verdict, KERNEL_TOLD);
    assert_true(link->index == 3 && link->is_up && link->has_carrier);
    assert_string_equal(link->name, "v0");
    got = check_decode(RTM_NEWLINK, "00 00 0100 03000000 02100000 00000000 0800 0300 761b5b00");
    assert_true(!link->is_up && !link->has_carrier);
    assert_string_equal(link->name, "v?[");
    got = check_decode(RTM_DELLINK, "00 00 0100 03000000 00000000 00000000");
    assert_true(got.verdict == KERNEL_TOLD && got.message.is_gone && link->name[0] == 0);
    assert_int_equal(link->vrf_table, 0);
}

#define LINK "00 00 0100 03000000 43100100 00000000 "

// Number 1 of what a bridge has is no table.
static void tells_a_vrf(void **state)
{
    (void)state;
    struct check_kernel got = check_decode(
        RTM_NEWLINK, LINK "0700 0300 763000 00 1800 1280 0800 0100 76726600 0c00 0280 0800 0100 "
                          "0a000000");
    assert_int_equal(got.verdict, KERNEL_TOLD);
    assert_int_equal(got.message.link.vrf_table, 10);
    assert_string_equal(got.message.link.name, "v0");
    got =
        check_decode(RTM_NEWLINK, LINK "1c00 1280 0b00 0100 62726964676500 00 0c00 0280 0800 0100 "
                                       "0a000000");
    assert_int_equal(got.verdict, KERNEL_TOLD);
    assert_int_equal(got.message.link.vrf_table, 0);
}

static const struct {
    const char *name;
    uint16_t type;
    const char *body, *wrong;  // wrong: NULL when it is to be ignored
} refused[] = {
    {"rule header cut", RTM_NEWRULE, "02 18 18 00 00 00 00 01 000000",
     "a rule shorter than its header"},
    {"rule to 33 bits", RTM_NEWRULE, "02 21 00 00 fe 00 00 01 00000000" TO4, "FRA_DST"},
    {"rule to an address of 3 octets", RTM_NEWRULE,
     "02 18 00 00 fe 00 00 01 00000000 0700 0100 c63364", "FRA_DST"},
    {"rule from 129 bits", RTM_NEWRULE,
     "0a 00 81 00 fe 00 00 01 00000000 1400 0200 20010db8000000000000000000000002", "FRA_SRC"},
    {"rule to nothing", RTM_NEWRULE, "02 18 00 00 fe 00 00 01 00000000",
     "a rule's prefix without its address"},
    {"rule from nothing", RTM_NEWRULE, "0a 00 18 00 fe 00 00 01 00000000",
     "a rule's prefix without its address"},
    {"priority of 2 octets", RTM_NEWRULE, "02 00 00 00 fe 00 00 01 00000000 0600 0600 0100",
     "FRA_PRIORITY"},
    {"table of 1 octet", RTM_NEWRULE, "02 00 00 00 fe 00 00 01 00000000 0500 0f00 01", "FRA_TABLE"},
    {"mark of 3 octets", RTM_NEWRULE, "02 00 00 00 fe 00 00 01 00000000 0700 0a00 010203",
     "FRA_FWMARK"},
    {"mask of 3 octets", RTM_NEWRULE, "02 00 00 00 fe 00 00 01 00000000 0700 1000 010203",
     "FRA_FWMASK"},
    {"suppressed length of 1 octet", RTM_NEWRULE, "02 00 00 00 fe 00 00 01 00000000 0500 0e00 01",
     "FRA_SUPPRESS_PREFIXLEN"},
    {"name without its zero", RTM_NEWRULE, "02 00 00 00 fe 00 00 01 00000000 0600 0300 7630",
     "FRA_IIFNAME"},
    {"name of 17 octets", RTM_NEWRULE,
     "02 00 00 00 fe 00 00 01 00000000 1500 1100 6161616161616161616161616161616100",
     "FRA_OIFNAME"},
    {"rule cut in an attribute", RTM_NEWRULE, "02 00 00 00 fe 00 00 01 00000000 0800 0600 0100",
     "an attribute of a rule overruns it"},
    {"rule of multicast routing", RTM_NEWRULE, "80 00 00 00 fe 00 00 01 00000000", NULL},
    {"neighbour header cut", RTM_NEWNEIGH, "02 00 0000 03000000 8000 00",
     "a neighbour shorter than its header"},
    {"neighbour without address", RTM_NEWNEIGH, "02 00 0000 03000000 8000 00 01",
     "a neighbour without NDA_DST"},
    {"neighbour of the other family", RTM_NEWNEIGH,
     "0a 00 0000 03000000 8000 00 01 0800 0100 c0000202", "NDA_DST"},
    {"address of 21 octets", RTM_NEWNEIGH,
     "02 00 0000 03000000 8000 00 01 1900 0200 010203040506070809101112131415161718192021",
     "NDA_LLADDR"},
    {"neighbour cut", RTM_NEWNEIGH, "02 00 0000 03000000 8000 00 01 0800 0100 c000",
     "an attribute of a neighbour overruns it"},
    {"neighbour of a bridge", RTM_NEWNEIGH, "07 00 0000 03000000 8000 00 01", NULL},
    {"neighbour that we answer for", RTM_NEWNEIGH,
     "02 00 0000 03000000 8000 08 01 0800 0100 c0000202", NULL},
    {"link header cut", RTM_NEWLINK, "00 00 0100 03000000 43100100 000000",
     "a link shorter than its header"},
    {"link 0", RTM_NEWLINK, "00 00 0100 00000000 43100100 00000000", "a link without a number"},
    {"link's name empty", RTM_NEWLINK, "00 00 0100 03000000 43100100 00000000 0400 0300",
     "IFLA_IFNAME"},
    {"link's sort cut", RTM_NEWLINK, LINK "0800 1280 0800 0100", "IFLA_LINKINFO"},
    {"VRF's table cut", RTM_NEWLINK,
     LINK "1600 1280 0800 0100 76726600 0a00 0280 0600 0100 0a00 0000", "IFLA_LINKINFO"},
    {"VRF's attribute cut", RTM_NEWLINK,
     LINK "1800 1280 0800 0100 76726600 0c00 0280 0900 0100 0a000000", "IFLA_LINKINFO"},
    {"link cut", RTM_NEWLINK, "00 00 0100 03000000 43100100 00000000 0800 0400 01",
     "an attribute of a link overruns it"},
    {"bridge's view of a port", RTM_NEWLINK, "07 00 0100 03000000 43100100 00000000", NULL},
    {"an error without number", NLMSG_ERROR, "010203", "an error without its number"},
    {"an address", RTM_NEWADDR, "02 18 00 00 03000000", NULL},
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

static void tells_ends_and_errors(void **state)
{
    (void)state;
    struct check_kernel got = check_decode(NLMSG_DONE, "00000000");
    assert_true(got.message.kind == KERNEL_DONE && got.message.error == 0);
    got = check_decode(NLMSG_DONE, "");
    assert_true(got.verdict == KERNEL_TOLD && got.message.error == 0);
    got = check_decode(NLMSG_ERROR, "a1ffffff 00000000");
    assert_true(got.message.kind == KERNEL_ERROR && got.message.error == -95);
}

// Length, type, flags, sequence, port.
#define DONE "14000000 0300 1200 07000000 2a000000 00000000 "

static void takes_a_datagram_apart(void **state)
{
    (void)state;
    static const struct {
        const char *name, *datagram;
        int messages;
        bool is_good;
    } rows[] = {
        {"empty", "", 0, true},
        {"one", DONE, 1, true},
        {"two", DONE DONE, 2, true},
        {"padding between", "11000000 0300 1200 07000000 2a000000 00 000000" DONE, 2, true},
        {"no padding at the end", DONE "11000000 0300 1200 07000000 2a000000 00", 2, true},
        {"nothing but a header", "10000000 0300 1200 07000000 2a000000", 1, true},
        {"length below the header's", "0f000000 0300 1200 07000000 2a000000", 0, false},
        {"length 0", "00000000 0300 1200 07000000 2a000000 00000000", 0, false},
        {"length over the end", DONE "15000000 0300 1200 07000000 2a000000 00000000", 1, false},
        {"greatest length", "ffffffff 0300 1200 07000000 2a000000 00000000", 0, false},
        {"header cut", DONE "14000000 0300 1200 07000000 2a0000", 1, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bytes[128];
        struct cursor datagram = cursor_over(bytes, check_hex(rows[i].datagram, bytes));
        struct netlink_message message;
        int messages = 0;
        while (netlink_message_next(&datagram, NETLINK_LITTLE, &message)) {
            messages++;
            CHECK_ROW(rows[i].name, message.type == NLMSG_DONE && message.sequence == 7);
            CHECK_ROW(rows[i].name, message.port == 42);
        }
        CHECK_ROW(rows[i].name, messages == rows[i].messages);
        CHECK_ROW(rows[i].name, cursor_ok(&datagram) == rows[i].is_good);
    }
}

static void tells_flags_and_who_did_it(void **state)
{
    (void)state;
    struct netlink_message message = {.type = NLMSG_DONE, .flags = 0x0810, .port = 42};
    struct kernel_message out;
    const char *wrong = NULL;
    assert_int_equal(kernel_decode(&message, NETLINK_LITTLE, &out, &wrong), KERNEL_TOLD);
    assert_true(out.is_torn && out.is_appended && out.port == 42);
}

static void the_order_here_reads_numbers_of_here(void **state)
{
    (void)state;
    uint32_t number = 0x01020304;
    uint8_t bytes[4];
    memcpy(bytes, &number, 4);
    assert_int_equal(netlink_u32(bytes, netlink_order_here()), number);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_a_rule),
        cmocka_unit_test(tells_what_a_rule_selects_by),
        cmocka_unit_test(tells_a_neighbour),
        cmocka_unit_test(tells_a_link),
        cmocka_unit_test(tells_a_vrf),
        cmocka_unit_test(refuses_what_is_malformed_or_beside_the_point),
        cmocka_unit_test(tells_ends_and_errors),
        cmocka_unit_test(takes_a_datagram_apart),
        cmocka_unit_test(tells_flags_and_who_did_it),
        cmocka_unit_test(the_order_here_reads_numbers_of_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
