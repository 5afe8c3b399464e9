// SPDX-License-Identifier: ISC
#include "bgp/nlri.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

// Every length of both families, all bits set: those past the length are cleared, whether the
// message goes on behind the prefix or ends with it.
static void bits_past_the_length_are_cleared(void **state)
{
    (void)state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        for (unsigned length = 0; length <= family_bits(family); length++) {
            size_t size = 1 + (length + 7) / 8;
            struct address ones = {.family = family};
            memset(ones.bytes, 0xff, family_bits(family) / 8u);
            struct prefix expected = prefix_of(ones, (uint8_t)length);
            for (size_t behind = 0; behind <= 17; behind++) {
                uint8_t *bytes = malloc(size + behind);
                memset(bytes, 0xff, size + behind);
                bytes[0] = (uint8_t)length;
                struct bgp_nlri nlri = {cursor_over(bytes, size + behind), family, false};
                struct bgp_route route;
                memset(&route, 0xee, sizeof route);
                assert_true(bgp_nlri_next(&nlri, &route));
                assert_true(prefix_equal(route.prefix, expected));
                assert_memory_equal(route.prefix.address.bytes, expected.address.bytes, 16);
                assert_int_equal(route.path_id, 0);
                assert_int_equal(cursor_left(&nlri.bytes), behind);
                free(bytes);
            }
        }
    }
}

// A length too long by one, and every cut of a good field: both functions end at the same place.
static void what_cannot_be_read_is_not(void **state)
{
    (void)state;
    static const uint8_t good[] = {0, 0, 0, 7, 24, 198, 51, 100, 0,  0,
                                   0, 8, 0, 0, 0,  0,   9,  9,   10, 0};
    for (size_t cut = 0; cut <= sizeof good; cut++) {
        uint8_t *bytes = malloc(cut + 1);
        memcpy(bytes, good, cut);
        struct bgp_nlri nlri = {cursor_over(bytes, cut), FAMILY_IPV4, true};
        struct cursor end;
        bool whole = cut == 0 || cut == 8 || cut == 13 || cut == 20;
        assert_int_equal(bgp_nlri_check(&nlri, &end), whole);
        assert_int_equal(end.pos, cut < 8 ? (whole ? cut : 0) : cut < 13 ? 8 : cut < 20 ? 13 : 20);
        struct bgp_route route;
        size_t count = 0;
        while (bgp_nlri_next(&nlri, &route))
            count++;
        assert_int_equal(count, cut < 8 ? 0 : cut < 13 ? 1 : cut < 20 ? 2 : 3);
        free(bytes);
    }
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        uint8_t bytes[40] = {(uint8_t)(family_bits(family) + 1)};
        struct bgp_nlri nlri = {cursor_over(bytes, sizeof bytes), family, false};
        struct cursor end;
        struct bgp_route route;
        assert_false(bgp_nlri_check(&nlri, &end));
        assert_int_equal(end.pos, 0);
        assert_false(bgp_nlri_next(&nlri, &route));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_past_the_length_are_cleared),
        cmocka_unit_test(what_cannot_be_read_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
