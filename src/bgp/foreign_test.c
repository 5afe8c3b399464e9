// SPDX-License-Identifier: ISC
#include "bgp/foreign.h"

#include "base/check.h"
#include "bgp/flowspec.h"

#include <string.h>

enum { END = BGP_FOREIGN_END, GOOD = BGP_FOREIGN_GOOD, BAD = BGP_FOREIGN_BAD };
enum { LOST = BGP_FOREIGN_LOST, WITHDRAWN = 1, ADD_PATH = 2 };

#define RD "0000 fde8 00000001 "
#define SEGMENT "00010203040506070809 "
#define MAC "30 001122334455 "

// What the first NLRI is, the labels and the prefix in it, and what comes after.
static const struct row {
    const char *name;
    uint16_t afi;
    uint8_t safi;
    int flags;
    const char *octets;
    int read;
    unsigned labels;
    const char *prefix;  // NULL: none
    int next;
} rows[] = {
    {"nothing", 1, 4, 0, "", END, 0, NULL, END},
    {"multicast", 1, 2, 0, "18 c63364 00", GOOD, 0, "198.51.100.0/24", GOOD},
    {"multicast, bits behind the prefix", 2, 2, 0, "09 20ff", GOOD, 0, "2080::/9", END},
    {"multicast, too long", 1, 2, 0, "21 c633640100", LOST, 0, NULL, END},
    {"multicast, cut", 1, 2, 0, "18 c633", LOST, 0, NULL, END},
    {"label", 1, 4, 0, "30 000641 c63364", GOOD, 1, "198.51.100.0/24", END},
    {"two labels", 2, 4, 0, "50 000640 000651 20010db8 30 000641 c63364", GOOD, 2, "2001:db8::/32",
     GOOD},
    {"no prefix behind the label", 1, 4, 0, "18 000641", GOOD, 1, "0.0.0.0/0", END},
    {"no bottom of the stack", 1, 4, 0, "30 000640 c63364", LOST, 0, NULL, END},
    {"no bottom in 255 bits", 2, 4, 0,
     "ff 0000000000000000000000000000000000000000000000000000000000000000", LOST, 0, NULL, END},
    {"bits for no label", 1, 4, 0, "17 000641", LOST, 0, NULL, END},
    {"label, prefix too long", 1, 4, 0, "39 000641 c633640100", LOST, 0, NULL, END},
    {"label, cut", 1, 4, 0, "30 000641 c633", LOST, 0, NULL, END},
    {"label withdrawn", 1, 4, WITHDRAWN, "30 800000 c63364", GOOD, 1, "198.51.100.0/24", END},
    {"label withdrawn by 0", 1, 4, WITHDRAWN, "30 000000 c63364", GOOD, 1, "198.51.100.0/24", END},
    {"label withdrawn by any value", 1, 4, WITHDRAWN, "30 000640 c63364", GOOD, 1,
     "198.51.100.0/24", END},
    {"the value for that, announced", 1, 4, 0, "30 800000 c63364", LOST, 0, NULL, END},
    {"label, path identifier", 1, 4, ADD_PATH, "00000007 30 000641 c63364", GOOD, 1,
     "198.51.100.0/24", END},
    {"path identifier, cut", 1, 4, ADD_PATH, "000000", LOST, 0, NULL, END},
    {"VPN", 1, 128, 0, "70 000641 " RD "c63364", GOOD, 1, "198.51.100.0/24", END},
    {"VPN, IPv6", 2, 128, 0, "88 000641 " RD "20010db80001 ", GOOD, 1, "2001:db8:1::/48", END},
    {"VPN without its distinguisher", 1, 128, 0, "40 000641 0000fde800", LOST, 0, NULL, END},
    {"VPN, prefix too long", 1, 128, 0, "79 000641 " RD "c633640100", LOST, 0, NULL, END},
    {"EVPN, unknown type", 25, 70, 0, "09 02 0102 09 00", GOOD, 0, NULL, GOOD},
    {"EVPN, type 0", 25, 70, 0, "00 00", GOOD, 0, NULL, END},
    {"EVPN, cut", 25, 70, 0, "03 11 " RD "00000000 20 c0000", LOST, 0, NULL, END},
    {"EVPN, no length", 25, 70, 0, "03", LOST, 0, NULL, END},
    {"ethernet-ad", 25, 70, 0, "01 19 " RD SEGMENT "00000000 000011", GOOD, 0, NULL, END},
    {"ethernet-ad, short", 25, 70, 0, "01 18 " RD SEGMENT "00000000 0000 09 00", BAD, 0, NULL,
     GOOD},
    {"mac-ip", 25, 70, 0, "02 21 " RD SEGMENT "00000001 " MAC "00 000011", GOOD, 0, NULL, END},
    {"mac-ip, two labels", 25, 70, 0, "02 24 " RD SEGMENT "00000001 " MAC "00 000011 000021", GOOD,
     0, NULL, END},
    {"mac-ip, IPv4", 25, 70, 0, "02 25 " RD SEGMENT "00000001 " MAC "20 c0000201 000011", GOOD, 0,
     NULL, END},
    {"mac-ip, IPv6", 25, 70, 0,
     "02 31 " RD SEGMENT "00000001 " MAC "80 20010db8000000000000000000000001 000011", GOOD, 0,
     NULL, END},
    {"mac-ip, MAC of 40 bits", 25, 70, 0, "02 21 " RD SEGMENT "00000001 28 001122334455 00 000011",
     BAD, 0, NULL, END},
    {"mac-ip, address of 24 bits", 25, 70, 0,
     "02 24 " RD SEGMENT "00000001 " MAC "18 c00002 000011", BAD, 0, NULL, END},
    {"mac-ip, address overruns", 25, 70, 0, "02 21 " RD SEGMENT "00000001 " MAC "80 000011", BAD, 0,
     NULL, END},
    {"mac-ip, an octet too many", 25, 70, 0, "02 22 " RD SEGMENT "00000001 " MAC "00 000011 00",
     BAD, 0, NULL, END},
    {"multicast", 25, 70, 0, "03 11 " RD "00000000 20 c0000201", GOOD, 0, NULL, END},
    {"multicast without address", 25, 70, 0, "03 0d " RD "00000000 00", BAD, 0, NULL, END},
    {"ethernet-segment", 25, 70, 0, "04 17 " RD SEGMENT "20 c0000201", GOOD, 0, NULL, END},
    {"ip-prefix", 25, 70, 0, "05 22 " RD SEGMENT "00000000 18 c6336400 c0000201 000011", GOOD, 0,
     NULL, END},
    {"ip-prefix, length 33", 25, 70, 0, "05 22 " RD SEGMENT "00000000 21 c6336400 c0000201 000011",
     BAD, 0, NULL, END},
    {"ip-prefix of no family", 25, 70, 0,
     "05 23 " RD SEGMENT "00000000 18 c6336400 c0000201 00001100", BAD, 0, NULL, END},
    {"EVPN shorter than a distinguisher", 25, 70, 0, "02 03 000000", BAD, 0, NULL, END},
    {"flow", 1, 133, 0, "05 01 18 c63364 03 8106", GOOD, 0, NULL, LOST},
    {"flow of two", 1, 133, 0, "08 01 18 c63364 03 8106", GOOD, 0, NULL, END},
    {"flow, long length", 1, 133, 0, "f008 01 18 c63364 03 8106", GOOD, 0, NULL, END},
    {"flow of length 0", 1, 133, 0, "00 08 01 18 c63364 03 8106", LOST, 0, NULL, GOOD},
    {"flow of long length 0", 1, 133, 0, "f000", LOST, 0, NULL, END},
    {"flow, cut", 1, 133, 0, "09 01 18 c63364 03 8106", LOST, 0, NULL, END},
    {"flow, length cut", 1, 133, 0, "f0", LOST, 0, NULL, END},
    {"flow, the longest length", 1, 133, 0, "ffff 01", LOST, 0, NULL, END},
    {"flow, unknown component", 1, 133, 0, "03 0e 8106 03 03 8106", BAD, 0, NULL, GOOD},
    {"flow, flow label in IPv4", 1, 133, 0, "03 0d 8106", BAD, 0, NULL, END},
    {"flow, flow label in IPv6", 2, 133, 0, "03 0d 8106", GOOD, 0, NULL, END},
    {"flow, components out of order", 1, 133, 0, "06 05 8150 03 8106", BAD, 0, NULL, END},
    {"flow, a component twice", 1, 133, 0, "06 03 8106 03 8111", BAD, 0, NULL, END},
    {"flow, list without end", 1, 133, 0, "03 03 0106", BAD, 0, NULL, END},
    {"flow, value cut", 1, 133, 0, "03 03 b106", BAD, 0, NULL, END},
    {"flow, no value", 1, 133, 0, "01 03", BAD, 0, NULL, END},
    {"flow, prefix of 33 bits", 1, 133, 0, "07 01 21 c633640100", BAD, 0, NULL, END},
    {"flow, IPv6 prefix with offset", 2, 133, 0, "04 01 20 18 b8", GOOD, 0, NULL, END},
    {"flow, offset past the prefix", 2, 133, 0, "03 01 20 20", BAD, 0, NULL, END},
    {"flow, offset beyond the prefix", 2, 133, 0, "03 01 20 ff", BAD, 0, NULL, END},
    {"flow, any prefix", 2, 133, 0, "03 01 00 00", GOOD, 0, NULL, END},
    {"flow VPN", 1, 134, 0, "0b " RD "03 8106", GOOD, 0, NULL, END},
    {"flow VPN, no distinguisher", 1, 134, 0, "03 038106", BAD, 0, NULL, END},
    {"flow VPN, nothing else", 1, 134, 0, "08 " RD, BAD, 0, NULL, END},
    {"only named", 1, 5, 0, "0102", END, 0, NULL, END},
};

static struct bgp_foreign_nlri nlri_of(const struct row *row, const uint8_t *bytes, size_t size)
{
    return (struct bgp_foreign_nlri){
        .family = bgp_foreign_of(row->afi, row->safi),
        .bytes = cursor_over(bytes, size),
        .add_path = row->flags & ADD_PATH,
        .withdrawn = row->flags & WITHDRAWN,
    };
}

static void each_is_what_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bytes[64];
        size_t size = check_hex(rows[i].octets, bytes);
        struct bgp_foreign_nlri nlri = nlri_of(&rows[i], bytes, size);
        struct bgp_foreign_route route;
        char text[PREFIX_TEXT_MAX];
        CHECK_ROW(rows[i].name, (int)bgp_foreign_next(&nlri, &route) == rows[i].read);
        if (rows[i].read == GOOD) {
            CHECK_ROW(rows[i].name, route.labels.size == 3 * rows[i].labels);
            CHECK_ROW(rows[i].name, route.path_id == (rows[i].flags & ADD_PATH ? 7 : 0));
            prefix_format(route.prefix, text);
            CHECK_ROW(rows[i].name, !rows[i].prefix || strcmp(text, rows[i].prefix) == 0);
            CHECK_ROW(rows[i].name, rows[i].prefix || route.prefix.address.family == FAMILY_NONE);
        }
        CHECK_ROW(rows[i].name, (int)bgp_foreign_next(&nlri, &route) == rows[i].next);
    }
}

// Whatever is cut off the end: nothing is read past it, and every call goes on.
static void every_cut_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bytes[64];
        size_t size = check_hex(rows[i].octets, bytes);
        for (size_t cut = 0; cut < size; cut++) {
            uint8_t *copy = test_malloc(cut + 1);
            memcpy(copy, bytes, cut);
            struct bgp_foreign_nlri nlri = nlri_of(&rows[i], copy, cut);
            struct bgp_foreign_route route;
            size_t calls = 0;
            while (bgp_foreign_next(&nlri, &route) != BGP_FOREIGN_END)
                CHECK_ROW(rows[i].name, ++calls <= size);
            test_free(copy);
        }
    }
}

static void flows_are_read(void **state)
{
    (void)state;
    uint8_t bytes[32];
    size_t size = check_hex("01 20 18 b8 05 12 1f90 d5 1f98 00", bytes);
    struct cursor c = cursor_over(bytes, size);
    struct flow_component component;
    struct flow_match match;
    char text[PREFIX_TEXT_MAX];
    assert_true(flow_component_next(&c, FAMILY_IPV6, &component));
    assert_string_equal(component.name, "destination");
    assert_string_equal(prefix_format(component.prefix, text), "0:b8::/32");
    assert_int_equal(component.offset, 24);
    assert_true(flow_component_next(&c, FAMILY_IPV6, &component));
    assert_string_equal(component.name, "destination-port");
    assert_true(flow_match_next(&component.matches, &match));
    assert_true(match.greater && !match.less && !match.equal && !match.joined);
    assert_int_equal(match.value, 8080);
    assert_true(flow_match_next(&component.matches, &match));
    assert_true(match.less && match.equal && !match.greater && match.joined);
    assert_int_equal(match.value, 8088);
    assert_false(flow_match_next(&component.matches, &match));
    assert_false(flow_component_next(&c, FAMILY_IPV6, &component));  // type 0
    assert_false(cursor_ok(&c));
}

static void names_are_of_their_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < BGP_FOREIGNS; i++) {
        const struct bgp_foreign *f = &bgp_foreigns[i];
        assert_ptr_equal(bgp_foreign_of(f->afi, f->safi), f);
        assert_int_equal(bgp_family(f->afi, f->safi), FAMILY_NONE);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(f->name, bgp_foreigns[j].name);
    }
    assert_null(bgp_foreign_of(1, 1));
    assert_null(bgp_foreign_of(2, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_what_it_is),
        cmocka_unit_test(every_cut_ends),
        cmocka_unit_test(flows_are_read),
        cmocka_unit_test(names_are_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
