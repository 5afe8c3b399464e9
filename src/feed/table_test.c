// SPDX-License-Identifier: ISC
#include "feed/stream_check.h"
#include "feed/table.h"

#include <stdlib.h>

#define ORIGIN "400101 00 "
#define PATH "400206 0201 0000fde9 "  // 65001
#define HOP "400304 0a630001 "        // 10.99.0.1
#define HOP6 "800e11 10 20010db8000000000000000000000001 "
#define MED "800404 00000007 "

struct row {
    const char *name;
    struct {
        const char *prefix;
        uint32_t path_id;
        const char *octets;
    } routes[6];
    struct feed_how how;
    const char *announced, *withdrawn;
    uint64_t bad, unwanted;
};

static const struct bgp_context external = {
    .peer = BGP_EXTERNAL,
    .as4 = true,
    .families = {[FAMILY_IPV4] = true, [FAMILY_IPV6] = true},
};
static const struct bgp_context internal = {
    .peer = BGP_INTERNAL,
    .as4 = true,
    .families = {[FAMILY_IPV4] = true, [FAMILY_IPV6] = true},
};
static const struct bgp_context only_ipv6 = {
    .peer = BGP_EXTERNAL, .as4 = true, .families = {[FAMILY_IPV6] = true}};
static const struct bgp_context add_path = {
    .peer = BGP_EXTERNAL,
    .as4 = true,
    .families = {[FAMILY_IPV4] = true, [FAMILY_IPV6] = true},
    .add_path_send = {[FAMILY_IPV4] = true, [FAMILY_IPV6] = true},
};

#define ADD_PATH .context = &add_path
#define EXTERNAL .context = &external
#define INTERNAL .context = &internal
#define ONLY_IPV6 .context = &only_ipv6

// clang-format off
static const struct row rows[] = {
    {"nothing", {{0}}, {EXTERNAL}, "end of ipv4; end of ipv6; ", "", 0, 0},
    {"equal attributes share a message, in the order in which they came",
     {{"10.1.0.0/16", 0, ORIGIN PATH HOP}, {"10.2.0.0/16", 0, ORIGIN PATH HOP MED},
      {"10.3.0.0/16", 0, ORIGIN PATH HOP}, {"2001:db8::/32", 0, ORIGIN PATH HOP6}},
     {EXTERNAL},
     "here 10.1.0.0/16 10.3.0.0/16 by 10.99.0.1 path 65001; "
     "here 10.2.0.0/16 by 10.99.0.1 path 65001 med 7; end of ipv4; "
     "here 2001:db8::/32 by 2001:db8::1 path 65001; end of ipv6; ",
     "gone 10.1.0.0/16 10.3.0.0/16 10.2.0.0/16; gone 2001:db8::/32; ", 0, 0},
    {"an internal peer gets LOCAL_PREF",
     {{"10.1.0.0/16", 0, ORIGIN PATH HOP}, {"10.2.0.0/16", 0, ORIGIN PATH HOP "400504 000000c8"}},
     {INTERNAL},
     "here 10.1.0.0/16 by 10.99.0.1 path 65001 pref 100; "
     "here 10.2.0.0/16 by 10.99.0.1 path 65001 pref 200; end of ipv4; end of ipv6; ",
     "gone 10.1.0.0/16 10.2.0.0/16; ", 0, 0},
    {"an external one does not",
     {{"10.2.0.0/16", 0, ORIGIN PATH HOP "400504 000000c8"}}, {EXTERNAL},
     "here 10.2.0.0/16 by 10.99.0.1 path 65001; end of ipv4; end of ipv6; ",
     "gone 10.2.0.0/16; ", 0, 0},
    {"malformed attributes are left out",
     {{"10.1.0.0/16", 0, "400102 0000 " PATH HOP}, {"10.2.0.0/16", 0, PATH HOP},
      {"10.3.0.0/16", 0, ORIGIN PATH HOP "4005"}, {"10.4.0.0/16", 0, ORIGIN PATH},
      {"2001:db8::/32", 0, ORIGIN PATH}, {"10.5.0.0/16", 0, ORIGIN PATH HOP}},
     {EXTERNAL},
     "here 10.5.0.0/16 by 10.99.0.1 path 65001; end of ipv4; end of ipv6; ",
     "gone 10.5.0.0/16; ", 5, 0},
    {"a family that the peer does not take",
     {{"10.1.0.0/16", 0, ORIGIN PATH HOP}, {"2001:db8::/32", 0, ORIGIN PATH HOP6}}, {ONLY_IPV6},
     "here 2001:db8::/32 by 2001:db8::1 path 65001; end of ipv6; ", "gone 2001:db8::/32; ", 0, 1},
    {"without ADD-PATH the first path of each prefix",
     {{"10.1.0.0/16", 1, ORIGIN PATH HOP}, {"10.1.0.0/16", 2, ORIGIN PATH HOP MED},
      {"10.2.0.0/16", 2, ORIGIN PATH HOP MED}}, {EXTERNAL},
     "here 10.1.0.0/16 by 10.99.0.1 path 65001; "
     "here 10.2.0.0/16 by 10.99.0.1 path 65001 med 7; end of ipv4; end of ipv6; ",
     "gone 10.1.0.0/16 10.2.0.0/16; ", 0, 1},
    {"with it all of them",
     {{"10.1.0.0/16", 1, ORIGIN PATH HOP}, {"10.1.0.0/16", 2, ORIGIN PATH HOP MED},
      {"2001:db8::/32", 3, ORIGIN PATH HOP6}}, {ADD_PATH},
     "here 10.1.0.0/16#1 by 10.99.0.1 path 65001; "
     "here 10.1.0.0/16#2 by 10.99.0.1 path 65001 med 7; end of ipv4; "
     "here 2001:db8::/32#3 by 2001:db8::1 path 65001; end of ipv6; ",
     "gone 10.1.0.0/16#1 10.1.0.0/16#2; gone 2001:db8::/32#3; ", 0, 0},
    {"a default route and a host",
     {{"0.0.0.0/0", 0, ORIGIN PATH HOP}, {"192.0.2.1/32", 0, ORIGIN PATH HOP},
      {"::/0", 0, ORIGIN PATH HOP6}, {"2001:db8::1/128", 0, ORIGIN PATH HOP6}}, {EXTERNAL},
     "here 0.0.0.0/0 192.0.2.1/32 by 10.99.0.1 path 65001; end of ipv4; "
     "here ::/0 2001:db8::1/128 by 2001:db8::1 path 65001; end of ipv6; ",
     "gone 0.0.0.0/0 192.0.2.1/32; gone ::/0 2001:db8::1/128; ", 0, 0},
};
// clang-format on

static void add(struct feed_table *table, const char *prefix, uint32_t path_id, const char *hex)
{
    uint8_t bytes[512];
    struct bgp_route route = {check_prefix(prefix), path_id};
    struct feed_octets octets = {
        .bytes = {bytes, check_hex(hex, bytes)},
        .family = route.prefix.address.family,
        .as_size = 4,
    };
    assert_true(feed_table_add(table, &route, &octets));
    memset(bytes, 0xee, sizeof bytes);  // it must have kept a copy
}

static void check_text(const char *row, const struct feed_stream *stream,
                       const struct bgp_context *context, const char *expected)
{
    struct stream_text *text = calloc(1, sizeof *text);
    struct bgp_context theirs = stream_theirs(context);
    stream_add_messages(text, stream, &theirs, 0, stream->size);
    if (strcmp(text->text, expected) != 0)
        fail_msg("row '%s':\n  %s\nnot\n  %s", row, text->text, expected);
    free(text);
}

static void a_table_becomes_these_messages(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        struct feed_table table;
        struct feed_output output = {0};
        feed_table_init(&table, (struct siphash_key){1, 2});
        for (size_t r = 0; r < 6 && row->routes[r].prefix; r++)
            add(&table, row->routes[r].prefix, row->routes[r].path_id, row->routes[r].octets);
        CHECK_ROW(row->name, feed_table_encode(&table, &row->how, &output));
        check_text(row->name, &output.announce, row->how.context, row->announced);
        check_text(row->name, &output.withdraw, row->how.context, row->withdrawn);
        CHECK_ROW(row->name, output.counts.bad.count == row->bad);
        CHECK_ROW(row->name, output.counts.unwanted.count == row->unwanted);
        CHECK_ROW(row->name, (row->bad > 0) == (output.counts.bad.reason[0] != '\0'));
        feed_output_done(&output);
        feed_table_done(&table);
    }
}

// 40,000 prefixes in 200 sets, then in 10, which take several messages each: each message is as
// full as it can be, and nothing is lost.
static void messages_are_full(void **state)
{
    enum { ROUTES = 40000 };
    static const struct {
        bool extended;
        uint32_t sets;
        size_t announcements;  // 4 octets a prefix, 50 around them
    } cases[] = {{false, 200, 200}, {true, 200, 200}, {false, 10, 40}, {true, 10, 10}};
    (void)state;
    for (size_t e = 0; e < sizeof cases / sizeof cases[0]; e++) {
        struct bgp_context context = external;
        context.extended_message = cases[e].extended;
        struct feed_how how = {.context = &context};
        struct feed_table table;
        struct feed_output output = {0};
        feed_table_init(&table, (struct siphash_key){1, 2});
        for (uint32_t i = 0; i < ROUTES; i++) {
            char prefix[PREFIX_TEXT_MAX], octets[128];
            snprintf(prefix, sizeof prefix, "10.%u.%u.0/24", i >> 8 & 0xff, i & 0xff);
            snprintf(octets, sizeof octets, "%s800404%08x", ORIGIN PATH HOP, i % cases[e].sets);
            add(&table, prefix, 0, octets);
        }
        assert_int_equal(table.sets.count, cases[e].sets);
        assert_true(feed_table_encode(&table, &how, &output));
        assert_int_equal(output.counts.routes[FAMILY_IPV4], ROUTES);
        assert_int_equal(output.announce.messages,
                         cases[e].announcements + 2);  // and two End-of-RIB
        // 4 octets a prefix, 23 around them.
        size_t per_message = (size_t)((cases[e].extended ? 65535 : 4096) - 23) / 4;
        assert_int_equal(output.withdraw.messages, (ROUTES + per_message - 1) / per_message);
        assert_int_equal(output.withdraw.size, ROUTES * 4 + 23 * output.withdraw.messages);
        feed_output_done(&output);
        feed_table_done(&table);
    }
}

static void attributes_without_room_for_a_prefix_are_left_out(void **state)
{
    (void)state;
    // ORIGIN 4, AS_PATH 9, NEXT_HOP 7, 23 around: communities up to 4096 leave 4 octets at most.
    for (size_t size = 4032; size <= 4056; size += 4) {
        uint8_t bytes[8192];
        size_t used = check_hex(ORIGIN PATH HOP "d008", bytes);
        bytes[used++] = (uint8_t)(size >> 8);
        bytes[used++] = (uint8_t)size;
        memset(bytes + used, 1, size);
        struct feed_octets octets = {{bytes, used + size}, FAMILY_IPV4, 4};
        struct bgp_route route = {.prefix = check_prefix("10.1.2.0/24")};
        struct feed_how how = {.context = &external};
        struct feed_table table;
        struct feed_output output = {0};
        feed_table_init(&table, (struct siphash_key){1, 2});
        assert_true(feed_table_add(&table, &route, &octets));
        assert_true(feed_table_encode(&table, &how, &output));
        bool fits = 23 + used + size + 4 <= 4096;
        assert_int_equal(output.counts.routes[FAMILY_IPV4], fits);
        assert_int_equal(output.counts.bad.count, !fits);
        assert_int_equal(output.withdraw.messages, fits);
        feed_output_done(&output);
        feed_table_done(&table);
    }
}

static void a_boundary_is_the_end_of_a_message(void **state)
{
    (void)state;
    struct feed_stream stream = {0};
    size_t ends[3];
    for (size_t i = 0; i < 3; i++) {
        struct writer w = feed_stream_room(&stream);
        writer_bytes(&w, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 16);
        writer_be16(&w, (uint16_t)(19 + i));
        writer_u8(&w, 2);
        writer_bytes(&w, "abc", i);
        feed_stream_add(&stream, &w);
        ends[i] = stream.size;
    }
    struct writer failed = feed_stream_room(&stream);
    failed.failed = true;
    feed_stream_add(&stream, &failed);
    assert_int_equal(stream.messages, 3);
    assert_int_equal(feed_stream_boundary(&stream, 0, 0), 0);
    for (size_t at = 1; at <= stream.size; at++) {
        size_t end = at <= ends[0] ? ends[0] : at <= ends[1] ? ends[1] : ends[2];
        assert_int_equal(feed_stream_boundary(&stream, 0, at), end);
        if (at >= ends[0])
            assert_int_equal(feed_stream_boundary(&stream, ends[0], at), end);
    }
    feed_stream_done(&stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_becomes_these_messages),
        cmocka_unit_test(messages_are_full),
        cmocka_unit_test(attributes_without_room_for_a_prefix_are_left_out),
        cmocka_unit_test(a_boundary_is_the_end_of_a_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
