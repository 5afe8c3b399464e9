// SPDX-License-Identifier: ISC
#include "base/check.h"
#include "bgp/as_path.h"
#include "bgp/attr_rules.h"
#include "bgp/message.h"
#include "bgp/update_encode.h"

#include <string.h>

#define MARK "ffffffffffffffffffffffffffffffff "

// What goes out, octet for octet. Marker communities: NO_EXPORT and 64500:1:2.
static const struct {
    const char *name, *prefix, *next_hop, *as_path;
    uint8_t as_size;
    const char *message;
} rows[] = {
    {"IPv4", "198.51.100.0/24", "192.0.2.1", "0202 0000fde9 fa56ea00", 4,
     MARK "0050 02 0000 0035 400101 00 40020a 0202 0000fde9 fa56ea00 400304 c0000201"
          "400504 000000c8 c00804 ffffff01 c0200c 0000fbf40000000100000002 18 c63364"},
    {"IPv6", "2001:db8:1::/48", "2001:db8::1", "0201 0000fde9", 4,
     MARK "0060 02 0000 0049 800e1c 0002 01 10 20010db8000000000000000000000001 00 30 20010db80001"
          "400101 00 400206 0201 0000fde9 400504 000000c8 c00804 ffffff01"
          "c0200c 0000fbf40000000100000002"},
    {"empty path", "198.51.100.0/24", "192.0.2.1", "", 4,
     MARK "0046 02 0000 002b 400101 00 400200 400304 c0000201"
          "400504 000000c8 c00804 ffffff01 c0200c 0000fbf40000000100000002 18 c63364"},
    {"2-octet peer", "198.51.100.0/24", "192.0.2.1", "0201 0000fde9", 2,
     MARK "004a 02 0000 002f 400101 00 400204 0201 fde9 400304 c0000201"
          "400504 000000c8 c00804 ffffff01 c0200c 0000fbf40000000100000002 18 c63364"},
    {"2-octet peer, 4-octet AS", "198.51.100.0/24", "192.0.2.1",
     "0301 00000007 0202 0000fde9 fa56ea00", 2,
     MARK "005d 02 0000 0042 400101 00 40020a 0301 0007 0202 fde9 5ba0 400304 c0000201"
          "400504 000000c8 c00804 ffffff01 c0110a 0202 0000fde9 fa56ea00"
          "c0200c 0000fbf40000000100000002 18 c63364"},
    {"4-octet AS only in a confederation", "198.51.100.0/24", "192.0.2.1", "0301 fa56ea00", 2,
     MARK "004a 02 0000 002f 400101 00 400204 0301 5ba0 400304 c0000201"
          "400504 000000c8 c00804 ffffff01 c0200c 0000fbf40000000100000002 18 c63364"},
    {"default route", "0.0.0.0/0", "192.0.2.1", "", 4,
     MARK "0043 02 0000 002b 400101 00 400200 400304 c0000201"
          "400504 000000c8 c00804 ffffff01 c0200c 0000fbf40000000100000002 00"},
};

static const struct bgp_context as4 = {.as4 = true,
                                       .families = {[FAMILY_IPV4] = true, [FAMILY_IPV6] = true}};
static const struct bgp_context as2 = {.families = {[FAMILY_IPV4] = true, [FAMILY_IPV6] = true}};

static const struct bgp_context *context_of(uint8_t as_size)
{
    return as_size == 4 ? &as4 : &as2;
}

static struct bgp_attributes attributes_of(const char *next_hop, struct bgp_bytes as_path)
{
    static const uint8_t no_export[] = {0xff, 0xff, 0xff, 0x01};
    static const uint8_t marker[] = {0, 0, 0xfb, 0xf4, 0, 0, 0, 1, 0, 0, 0, 2};
    struct bgp_attributes a = {
        .as_path = as_path,
        .as_size = 4,
        .local_pref = 200,
        .communities = {no_export, sizeof no_export},
        .large_communities = {marker, sizeof marker},
    };
    struct address address = check_address(next_hop);
    *(address.family == FAMILY_IPV4 ? &a.next_hop : &a.mp_next_hop) = address;
    bgp_attribute_add(&a, ATTR_LOCAL_PREF);
    bgp_attribute_add(&a, ATTR_COMMUNITIES);
    bgp_attribute_add(&a, ATTR_LARGE_COMMUNITIES);
    return a;
}

static struct bgp_route route_of(const char *prefix)
{
    return (struct bgp_route){.prefix = check_prefix(prefix)};
}

static void announcements_are_these_octets(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t as_path[64], expected[256], bytes[256];
        struct bgp_bytes path = {as_path, check_hex(rows[i].as_path, as_path)};
        struct bgp_attributes a = attributes_of(rows[i].next_hop, path);
        struct bgp_route sent = route_of(rows[i].prefix);
        struct writer w = writer_over(bytes, sizeof bytes);
        const struct bgp_context *context = context_of(rows[i].as_size);
        CHECK_ROW(rows[i].name, bgp_update_encode(&w, context, &a, &sent, 1) == 1);
        CHECK_ROW(rows[i].name, writer_ok(&w));
        CHECK_ROW(rows[i].name, w.size == check_hex(rows[i].message, expected));
        CHECK_ROW(rows[i].name, memcmp(bytes, expected, w.size) == 0);
    }
}

static void what_is_encoded_is_decoded(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t as_path[64], bytes[256], whole[128];
        struct bgp_bytes path = {as_path, check_hex(rows[i].as_path, as_path)};
        struct bgp_attributes a = attributes_of(rows[i].next_hop, path);
        struct bgp_route sent = route_of(rows[i].prefix);
        struct writer w = writer_over(bytes, sizeof bytes);
        const struct bgp_context *context = context_of(rows[i].as_size);
        CHECK_ROW(rows[i].name, bgp_update_encode(&w, context, &a, &sent, 1) == 1);

        struct bgp_message message;
        struct bgp_verdict verdict =
            bgp_message_decode(cursor_over(bytes, w.size), context, &message);
        CHECK_ROW(rows[i].name, verdict.remedy == BGP_ACCEPT);
        struct bgp_update *update = &message.update;
        struct bgp_route route;
        bool ipv4 = sent.prefix.address.family == FAMILY_IPV4;
        struct bgp_nlri *nlri = ipv4 ? &update->announced : &update->mp_announced;
        CHECK_ROW(rows[i].name, bgp_nlri_next(nlri, &route));
        CHECK_ROW(rows[i].name, prefix_equal(route.prefix, sent.prefix));
        CHECK_ROW(rows[i].name, !bgp_nlri_next(nlri, &route));

        const struct bgp_attributes *got = &update->attributes;
        CHECK_ROW(rows[i].name, address_equal(got->next_hop, a.next_hop));
        CHECK_ROW(rows[i].name, address_equal(got->mp_next_hop, a.mp_next_hop));
        CHECK_ROW(rows[i].name, got->local_pref == 200 && got->communities.size == 4);
        CHECK_ROW(rows[i].name, got->large_communities.size == 12);
        struct writer merged = writer_over(whole, sizeof whole);
        bgp_as_path_write(&merged, got);
        if (strstr(rows[i].name, "confederation"))
            continue;  // RFC 6793 §4.2.2: its 4-octet numbers cannot pass
        CHECK_ROW(rows[i].name, merged.size == path.size);
        CHECK_ROW(rows[i].name, path.size == 0 || memcmp(whole, as_path, path.size) == 0);
    }
}

static void withdrawals_are_these_octets(void **state)
{
    (void)state;
    static const struct {
        const char *prefix, *message;
    } withdrawals[] = {
        {"198.51.100.0/24", MARK "001b 02 0004 18 c63364 0000"},
        {"2001:db8::/32", MARK "0022 02 0000 000b 800f08 0002 01 20 20010db8"},
        {"0.0.0.0/0", MARK "0018 02 0001 00 0000"},
        {"::/0", MARK "001e 02 0000 0007 800f04 0002 01 00"},
    };
    for (size_t i = 0; i < sizeof withdrawals / sizeof withdrawals[0]; i++) {
        uint8_t bytes[64], expected[64];
        struct writer w = writer_over(bytes, sizeof bytes);
        struct prefix prefix = check_prefix(withdrawals[i].prefix);
        struct bgp_route gone = {.prefix = prefix};
        CHECK_ROW(withdrawals[i].prefix, bgp_withdraw_encode(&w, &as4, &gone, 1) == 1);
        CHECK_ROW(withdrawals[i].prefix, w.size == check_hex(withdrawals[i].message, expected));
        CHECK_ROW(withdrawals[i].prefix, memcmp(bytes, expected, w.size) == 0);
        struct bgp_message message;
        struct bgp_route route;
        bgp_message_decode(cursor_over(bytes, w.size), &as4, &message);
        struct bgp_nlri *nlri = prefix.address.family == FAMILY_IPV4 ? &message.update.withdrawn
                                                                     : &message.update.mp_withdrawn;
        CHECK_ROW(withdrawals[i].prefix, bgp_nlri_next(nlri, &route));
        CHECK_ROW(withdrawals[i].prefix, prefix_equal(route.prefix, prefix));
    }
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        uint8_t bytes[64];
        struct writer w = writer_over(bytes, sizeof bytes);
        bgp_end_of_rib_encode(&w, family);
        struct bgp_message message;
        bgp_message_decode(cursor_over(bytes, w.size), &as4, &message);
        assert_int_equal(message.update.end_of_rib, family);
    }
}

// From one AS to more than a message holds: extended length above 255 octets, then a refusal.
static void long_paths_are_whole_or_refused(void **state)
{
    (void)state;
    for (uint8_t as_size = 2; as_size <= 4; as_size += 2) {
        for (size_t segments = 1; segments <= 10; segments++) {
            static uint8_t as_path[16384], bytes[8192], whole[16384];
            struct writer w = writer_over(as_path, sizeof as_path);
            for (size_t s = 0; s < segments; s++) {
                writer_u8(&w, AS_SEQUENCE);
                writer_u8(&w, 255);
                for (size_t i = 0; i < 255; i++)
                    writer_be32(&w, 4200000000 + (uint32_t)i);
            }
            struct bgp_bytes path = {as_path, w.size};
            struct bgp_attributes a = attributes_of("192.0.2.1", path);
            struct bgp_route route = route_of("198.51.100.0/24");
            struct writer out = writer_over(bytes, sizeof bytes);
            bgp_update_encode(&out, context_of(as_size), &a, &route, 1);
            // 2-octet peers get the path twice, once in half the size.
            size_t size = path.size + (as_size == 2 ? segments * (2 + 2 * 255) + 4 : 0);
            assert_int_equal(writer_ok(&out), size + 19 + 4 + 4 + 4 + 7 + 7 + 7 + 15 + 4 <= 4096);
            if (!writer_ok(&out))
                continue;
            struct bgp_message message;
            struct bgp_verdict verdict =
                bgp_message_decode(cursor_over(bytes, out.size), context_of(as_size), &message);
            assert_int_equal(verdict.remedy, BGP_ACCEPT);
            struct writer merged = writer_over(whole, sizeof whole);
            bgp_as_path_write(&merged, &message.update.attributes);
            assert_int_equal(merged.size, path.size);
            assert_memory_equal(whole, as_path, path.size);
        }
    }
}

// Attributes of 255, 256 and all sizes around: the length grows to two octets at the right one.
static void every_length_of_a_segment_comes_back(void **state)
{
    (void)state;
    for (unsigned count = 1; count <= 255; count++) {
        uint8_t as_path[2 + 255 * 4] = {AS_SEQUENCE, (uint8_t)count}, bytes[4096], whole[2048];
        for (unsigned i = 0; i < count; i++)
            as_path[2 + 4 * i + 3] = 1;
        struct bgp_bytes path = {as_path, 2 + count * 4};
        struct bgp_attributes a = attributes_of("192.0.2.1", path);
        struct bgp_route route = route_of("198.51.100.0/24");
        for (uint8_t as_size = 2; as_size <= 4; as_size += 2) {
            struct writer w = writer_over(bytes, sizeof bytes);
            bgp_update_encode(&w, context_of(as_size), &a, &route, 1);
            struct bgp_message message;
            struct bgp_verdict verdict =
                bgp_message_decode(cursor_over(bytes, w.size), context_of(as_size), &message);
            assert_int_equal(verdict.remedy, BGP_ACCEPT);
            struct writer merged = writer_over(whole, sizeof whole);
            bgp_as_path_write(&merged, &message.update.attributes);
            assert_int_equal(merged.size, path.size);
            assert_memory_equal(whole, as_path, path.size);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(announcements_are_these_octets),
        cmocka_unit_test(what_is_encoded_is_decoded),
        cmocka_unit_test(withdrawals_are_these_octets),
        cmocka_unit_test(long_paths_are_whole_or_refused),
        cmocka_unit_test(every_length_of_a_segment_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
