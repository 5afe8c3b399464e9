// SPDX-License-Identifier: ISC
#include "base/prefix_cover.h"

#include "base/check.h"

#include <string.h>

static const struct {
    const char *text, *back;  // back NULL: refused
} rows[] = {
    {"192.0.2.0/24", "192.0.2.0/24"},
    {"0.0.0.0/0", "0.0.0.0/0"},
    {"255.255.255.255/32", "255.255.255.255/32"},
    {"2001:db8:0:0::/32", "2001:db8::/32"},
    {"::/0", "::/0"},
    {"2001:db8::1/128", "2001:db8::1/128"},
    {"192.0.2.1/24", NULL},  // bits past the length
    {"2001:db8::1/64", NULL},
    {"192.0.2.0/33", NULL},
    {"::/129", NULL},
    {"192.0.2.0", NULL},
    {"192.0.2.0/", NULL},
    {"192.0.2.0/-1", NULL},
    {"192.0.2.0/24 ", NULL},
    {"192.0.2.0/0024", NULL},
    {"/24", NULL},
    {"", NULL},
    {"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb/64", NULL},
};

static void reads_and_writes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct prefix prefix;
        char text[PREFIX_TEXT_MAX];
        bool good = prefix_parse(rows[i].text, &prefix);
        CHECK_ROW(rows[i].text, good == (rows[i].back != NULL));
        CHECK_ROW(rows[i].text, !good || !strcmp(prefix_format(prefix, text), rows[i].back));
    }
}

static const struct {
    const char *outer, *inner;
    bool contains;
} pairs[] = {
    {"10.0.0.0/8", "10.1.0.0/16", true},
    {"10.0.0.0/8", "10.0.0.0/8", true},
    {"10.1.0.0/16", "10.0.0.0/8", false},
    {"10.0.0.0/8", "11.0.0.0/8", false},
    {"0.0.0.0/0", "2001:db8::/32", false},
    {"::/0", "2001:db8::/32", true},
    {"2001:db8::/33", "2001:db8:8000::/33", false},
    {"2001:db8::/64", "2001:db8:0:0:8000::/65", true},
    {"2001:db8:0:0:8000::/66", "2001:db8:0:0:8000::/65", false},
    {"2001:db8:0:0:8000::/65", "2001:db8:0:0:c000::/66", true},
    {"2001:db8:0:0:8000::/65", "2001:db8::/66", false},
    {"2001:db8:0:1::/64", "2001:db8::/65", false},
    {"2001:db8::1/128", "2001:db8::1/128", true},
    {"2001:db8::1/128", "2001:db8::/128", false},
    {"0.0.0.0/0", "10.0.0.1/32", true},
};

static void contains(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct prefix outer, inner;
        assert_true(prefix_parse(pairs[i].outer, &outer));
        assert_true(prefix_parse(pairs[i].inner, &inner));
        CHECK_ROW(pairs[i].outer, prefix_contains(outer, inner) == pairs[i].contains);
        CHECK_ROW(pairs[i].outer,
                  (prefix_compare(outer, inner) == 0) == prefix_equal(outer, inner));
        bool touches = prefix_contains(outer, inner) || prefix_contains(inner, outer);
        CHECK_ROW(pairs[i].outer, prefix_touches(&outer, &inner) == touches);
        CHECK_ROW(pairs[i].outer, prefix_touches(&inner, &outer) == touches);
        CHECK_ROW(pairs[i].outer, prefix_compare(outer, inner) * prefix_compare(inner, outer) <= 0);
    }
}

static void parses_addresses_with_ports(void **state)
{
    (void)state;
    static const struct {
        const char *text, *address;
        uint16_t port;  // 0: it is none
    } endpoints[] = {
        {"192.0.2.1:179", "192.0.2.1", 179},
        {"[2001:db8::1]:65535", "2001:db8::1", 65535},
        {"192.0.2.1", "", 0},
        {"192.0.2.1:", "", 0},
        {"192.0.2.1:0", "", 0},
        {"192.0.2.1:65536", "", 0},
        {"192.0.2.1:100000", "", 0},
        {"192.0.2.1:+1", "", 0},
        {"192.0.2.1:17 ", "", 0},
        {"[192.0.2.1]:179", "", 0},
        {"2001:db8::1:179", "", 0},
        {"2001:db8::1", "", 0},
        {"[2001:db8::1:179", "", 0},
        {":179", "", 0},
        {"[]:179", "", 0},
        {"", "", 0},
    };
    for (size_t i = 0; i < sizeof endpoints / sizeof endpoints[0]; i++) {
        struct address address;
        uint16_t port;
        bool parsed = address_port_parse(endpoints[i].text, &address, &port);
        CHECK_ROW(endpoints[i].text, parsed == (endpoints[i].port > 0));
        if (parsed)
            CHECK_ROW(endpoints[i].text,
                      port == endpoints[i].port &&
                          address_equal(address, check_address(endpoints[i].address)));
    }
}

static void clears_alike(void **state)
{
    (void)state;
    static const uint8_t octets[16] = {0xd7, 0xfb, 0xbd, 0xef, 0x77, 0xde, 0xfd, 0xbe,
                                       0xeb, 0x7f, 0xf5, 0xdb, 0xb7, 0x6f, 0xbf, 0xed};
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        for (uint8_t length = 0; length <= family_bits(family); length++) {
            struct prefix got;
            prefix_from_bytes(family, octets, length, &got);
            struct prefix wanted = prefix_of(address_from_bytes(family, octets), length);
            assert_true(prefix_equal(got, wanted));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_addresses_with_ports),
        cmocka_unit_test(reads_and_writes),
        cmocka_unit_test(contains),
        cmocka_unit_test(clears_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
