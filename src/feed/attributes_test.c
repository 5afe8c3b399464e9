// SPDX-License-Identifier: ISC
#include "bgp/as_path.h"
#include "feed/attributes.h"
#include "feed/stream_check.h"

#include <stdlib.h>

#define ORIGIN "400101 00 "
#define PATH "400206 0201 0000fde9 "  // 65001
#define HOP "400304 0a630001 "        // 10.99.0.1

static const struct bgp_context external = {.peer = BGP_EXTERNAL, .as4 = true};
static const struct bgp_context internal = {.peer = BGP_INTERNAL, .as4 = true};
static const struct bgp_context by_ipv6 = {
    .peer = BGP_EXTERNAL, .as4 = true, .next_hop_ipv6 = true};

struct row {
    const char *name;
    enum family family;
    uint8_t as_size;
    const char *octets;
    struct feed_how how;
    const char *expected;  // attributes, or why there are none
};

#define V6_1                                                                                       \
    {                                                                                              \
        FAMILY_IPV6,                                                                               \
        {                                                                                          \
            0x20, 0x01, 0x0d, 0xb8, [15] = 1                                                       \
        }                                                                                          \
    }
#define V4_9                                                                                       \
    {                                                                                              \
        FAMILY_IPV4,                                                                               \
        {                                                                                          \
            192, 0, 2, 9                                                                           \
        }                                                                                          \
    }

#define BY_IPV6 .context = &by_ipv6
#define EXTERNAL .context = &external
#define INTERNAL .context = &internal

// clang-format off
static const struct row rows[] = {
    {"as recorded", FAMILY_IPV4, 4, ORIGIN PATH HOP, {EXTERNAL}, " by 10.99.0.1 path 65001"},
    {"MP_REACH cut down to the next hop", FAMILY_IPV6, 4,
     ORIGIN PATH "800e11 10 20010db8000000000000000000000002", {EXTERNAL},
     " by 2001:db8::2 path 65001"},
    {"the same with a link-local address", FAMILY_IPV6, 4,
     ORIGIN PATH "800e21 20 20010db8000000000000000000000002 fe800000000000000000000000000001",
     {EXTERNAL}, " by 2001:db8::2 path 65001"},
    {"MP_REACH whole", FAMILY_IPV6, 4,
     ORIGIN PATH "800e1a 0002 01 10 20010db8000000000000000000000002 00 20 20010db8", {EXTERNAL},
     " by 2001:db8::2 path 65001"},
    {"MP_REACH of a wrong length", FAMILY_IPV6, 4, ORIGIN PATH "800e05 04 0a630001", {EXTERNAL},
     "MP_REACH_NLRI's next hop has a wrong length"},
    {"MP_REACH that lies", FAMILY_IPV6, 4, ORIGIN PATH "800e04 10 200100", {EXTERNAL},
     "MP_REACH_NLRI's next hop has a wrong length"},
    {"MP_REACH with nothing in it", FAMILY_IPV6, 4, ORIGIN PATH "800e00", {EXTERNAL},
     "MP_REACH_NLRI's next hop has a wrong length"},
    {"NEXT_HOP beside MP_REACH", FAMILY_IPV6, 4,
     ORIGIN PATH HOP "800e11 10 20010db8000000000000000000000002", {EXTERNAL},
     " by 2001:db8::2 path 65001"},
    {"no next hop", FAMILY_IPV6, 4, ORIGIN PATH, {EXTERNAL}, "there is no next hop"},
    {"no NEXT_HOP", FAMILY_IPV4, 4, ORIGIN PATH, {EXTERNAL}, "NEXT_HOP is missing"},
    {"no ORIGIN", FAMILY_IPV4, 4, PATH HOP, {EXTERNAL}, "ORIGIN is missing"},
    {"no ORIGIN", FAMILY_IPV6, 4, PATH "800e11 10 20010db8000000000000000000000002", {EXTERNAL},
     "ORIGIN is missing"},
    {"cut in an attribute", FAMILY_IPV4, 4, ORIGIN PATH HOP "c008 08 0001", {EXTERNAL},
     "an attribute overruns the attributes"},
    {"cut in a head", FAMILY_IPV4, 4, ORIGIN PATH HOP "d008 00", {EXTERNAL},
     "an attribute overruns the attributes"},
    {"IPv4 by an IPv6 next hop, not taken", FAMILY_IPV4, 4,
     ORIGIN PATH "800e11 10 20010db8000000000000000000000002", {EXTERNAL}, "not taken"},
    {"IPv4 by an IPv6 next hop", FAMILY_IPV4, 4,
     ORIGIN PATH "800e11 10 20010db8000000000000000000000002", {BY_IPV6},
     " by 2001:db8::2 path 65001"},

    {"our AS is put before", FAMILY_IPV4, 4, ORIGIN PATH HOP, {EXTERNAL, .prepend_as = 65009},
     " by 10.99.0.1 path 65009 65001"},
    {"not twice", FAMILY_IPV4, 4, ORIGIN PATH HOP, {EXTERNAL, .prepend_as = 65001},
     " by 10.99.0.1 path 65001"},
    {"before an empty path", FAMILY_IPV4, 4, ORIGIN "400200 " HOP,
     {EXTERNAL, .prepend_as = 4200000000}, " by 10.99.0.1 path 4200000000"},
    {"before a set", FAMILY_IPV4, 4, ORIGIN "40020a 0102 0000fde9 0000fdea " HOP,
     {EXTERNAL, .prepend_as = 65009}, " by 10.99.0.1 path 65009 {65001,65002}"},
    {"before 2-octet numbers, AS4_PATH put in", FAMILY_IPV4, 2,
     ORIGIN "400206 0202 fde9 5ba0 " HOP "c01106 0201 fa56ea00", {EXTERNAL, .prepend_as = 65009},
     " by 10.99.0.1 path 65009 65001 4200000000"},

    {"LOCAL_PREF for internal peers", FAMILY_IPV4, 4, ORIGIN PATH HOP, {INTERNAL},
     " by 10.99.0.1 path 65001 pref 100"},
    {"LOCAL_PREF as recorded", FAMILY_IPV4, 4, ORIGIN PATH HOP "400504 00000000", {INTERNAL},
     " by 10.99.0.1 path 65001 pref 0"},

    {"another next hop", FAMILY_IPV4, 4, ORIGIN PATH HOP,
     {EXTERNAL, .next_hop = {[FAMILY_IPV4] = V4_9, [FAMILY_IPV6] = V6_1}},
     " by 192.0.2.9 path 65001"},
    {"another next hop", FAMILY_IPV6, 4,
     ORIGIN PATH "800e21 20 20010db8000000000000000000000002 fe800000000000000000000000000001",
     {EXTERNAL, .next_hop = {[FAMILY_IPV4] = V4_9, [FAMILY_IPV6] = V6_1}},
     " by 2001:db8::1 path 65001"},
    {"only the other family's", FAMILY_IPV6, 4,
     ORIGIN PATH "800e11 10 20010db8000000000000000000000002",
     {EXTERNAL, .next_hop = {[FAMILY_IPV4] = V4_9}}, " by 2001:db8::2 path 65001"},
    {"MP_UNREACH is no route's", FAMILY_IPV4, 4, ORIGIN PATH HOP "800f03 0002 01", {EXTERNAL},
     " by 10.99.0.1 path 65001"},
    {"what is not known is carried on", FAMILY_IPV4, 4, ORIGIN PATH HOP "c0f003 010203",
     {EXTERNAL}, " by 10.99.0.1 path 65001 others 6"},
    {"a confederation's segment is for internal peers", FAMILY_IPV4, 4,
     ORIGIN "400206 0301 0000fde9 " HOP, {INTERNAL}, " by 10.99.0.1 path (65001) pref 100"},
    {"and for no others", FAMILY_IPV4, 4, ORIGIN "400206 0301 0000fde9 " HOP, {EXTERNAL},
     "AS path has a confederation segment"},
    {"a set in the path", FAMILY_IPV4, 4, ORIGIN "400206 0101 0000fde9 " HOP, {EXTERNAL},
     " by 10.99.0.1 path {65001}"},
};
// clang-format on

static void describe(const struct row *row, struct stream_text *text)
{
    uint8_t bytes[512], *scratch = malloc(FEED_SCRATCH_MAX), *path = malloc(FEED_PATH_MAX);
    struct feed_octets octets = {{bytes, check_hex(row->octets, bytes)}, row->family, row->as_size};
    struct bgp_attributes a;
    struct bgp_verdict verdict = feed_attributes_read(&octets, row->how.context->peer, scratch, &a);
    text->text[text->size = 0] = '\0';
    if (verdict.remedy > BGP_ATTRIBUTE_DISCARD)
        stream_add(text, "%s", verdict.reason);
    else if (!feed_attributes_adapt(&a, row->family, &row->how, path))
        stream_add(text, "not taken");
    else
        stream_add_attributes(text, &a,
                              a.next_hop.family != FAMILY_NONE ? a.next_hop : a.mp_next_hop);
    free(scratch);
    free(path);
}

static void attributes_are_read_and_adapted(void **state)
{
    (void)state;
    struct stream_text *text = calloc(1, sizeof *text);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        describe(&rows[i], text);
        if (strcmp(text->text, rows[i].expected) != 0)
            fail_msg("row '%s': '%s'", rows[i].name, text->text);
    }
    free(text);
}

// A segment holds 255 numbers: one more begins a new one.
static void a_full_segment_is_not_overrun(void **state)
{
    (void)state;
    enum { HEAD = 4 + 4, COUNT = 255 };
    uint8_t bytes[2048], *scratch = malloc(FEED_SCRATCH_MAX), *path = malloc(FEED_PATH_MAX);
    size_t used = check_hex(ORIGIN "5002 03fe 02ff", bytes);
    for (uint8_t i = 0; i < COUNT; i++) {
        memcpy(bytes + used, "\0\0\xfd", 3);
        bytes[used + 3] = i;
        used += 4;
    }
    used += check_hex(HOP, bytes + used);
    struct feed_octets octets = {{bytes, used}, FAMILY_IPV4, 4};
    struct feed_how how = {.context = &external, .prepend_as = 65009};
    struct bgp_attributes a;
    assert_int_equal(feed_attributes_read(&octets, BGP_EXTERNAL, scratch, &a).remedy, BGP_ACCEPT);
    assert_true(feed_attributes_adapt(&a, FAMILY_IPV4, &how, path));
    assert_int_equal(bgp_as_path_length(a.as_path), COUNT + 1);
    assert_int_equal(bgp_as_path_neighbour(a.as_path), 65009);
    assert_memory_equal(a.as_path.bytes, "\x02\x01\0\0\xfd\xf1\x02\xff\0\0\xfd\0", 12);
    free(scratch);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes_are_read_and_adapted),
        cmocka_unit_test(a_full_segment_is_not_overrun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
