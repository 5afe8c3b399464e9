// SPDX-License-Identifier: ISC
#include "mrt/text.h"

#include "base/check.h"

#include <arpa/inet.h>

static void numbers(void **state)
{
    (void)state;
    char text[16], wanted[16];
    for (uint64_t power = 1; power <= UINT32_MAX; power *= 10)
        for (int64_t off = -1; off <= 1; off++) {
            uint32_t value = (uint32_t)((int64_t)power + off);
            *text_decimal(text, value) = '\0';
            snprintf(wanted, sizeof wanted, "%u", value);
            assert_string_equal(text, wanted);
        }
    *text_decimal(text, UINT32_MAX) = '\0';
    assert_string_equal(text, "4294967295");
}

static void addresses_ipv4(void **state)
{
    (void)state;
    char text[TEXT_ADDRESS_MAX + 1], wanted[32];
    for (unsigned i = 0; i < 256; i++) {
        const uint8_t bytes[4] = {(uint8_t)i, 0, 255, (uint8_t)(255 - i)};
        *text_ipv4(text, bytes) = '\0';
        snprintf(wanted, sizeof wanted, "%u.0.255.%u", i, 255 - i);
        assert_string_equal(text, wanted);
    }
}

// The text on the right is bgpdump's.
static void addresses_ipv6(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"::", "::"},
        {"::1", "::1"},
        {"1::", "1::"},
        {"2001:db8::1", "2001:db8::1"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8::1:1:1:1:1"},  // a single group, unlike RFC 5952
        {"0:1:2:3:4:5:6:7", "::1:2:3:4:5:6:7"},
        {"1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7::"},
        {"1:0:0:2:0:0:0:3", "1:0:0:2::3"},
        {"1:0:0:2::", "1:0:0:2::"},
        {"1:0:0:2:0:0:3:4", "1::2:0:0:3:4"},  // of equal runs the first
        {"ffff:0:1:0:1:0:1:0", "ffff::1:0:1:0:1:0"},
        {"::ffff:1.2.3.4", "::ffff:1.2.3.4"},
        {"::ffff:0:0", "::ffff:0.0.0.0"},
        {"::1.2.3.4", "::1.2.3.4"},
        {"::7", "::0.0.0.7"},
        {"::ffff", "::0.0.255.255"},
        {"::1:0", "::0.1.0.0"},
        {"::fffe:1.2.3.4", "::fffe:102:304"},
        {"64:ff9b::1.2.3.4", "64:ff9b::102:304"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bytes[16];
        char text[TEXT_ADDRESS_MAX + 1];
        assert_int_equal(inet_pton(AF_INET6, rows[i][0], bytes), 1);
        *text_ipv6(text, bytes) = '\0';
        assert_string_equal(text, rows[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),
        cmocka_unit_test(addresses_ipv4),
        cmocka_unit_test(addresses_ipv6),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
