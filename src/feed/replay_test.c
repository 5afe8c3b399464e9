// SPDX-License-Identifier: ISC
#include "feed/replay.h"
#include "feed/say.h"
#include "feed/stream_check.h"

#include <stdlib.h>

#define ORIGIN "400101 00 "
#define PATH "400206 0201 0000fde9 "  // 65001
#define HOP "400304 0a630001 "        // 10.99.0.1
#define ATTRIBUTES "0000 0014 " ORIGIN PATH HOP

struct row {
    const char *name;
    struct {
        int64_t at_ms;
        const char *body;
        uint8_t as_size;
        bool add_path;
    } updates[5];
    struct bgp_context context;
    const char *expected;  // "MS: messages"
    uint64_t announced, withdrawn, bad, unwanted;
};

#define BOTH                                                                                       \
    {                                                                                              \
        [FAMILY_IPV4] = true, [FAMILY_IPV6] = true                                                 \
    }
#define PEER                                                                                       \
    {                                                                                              \
        .peer = BGP_EXTERNAL, .as4 = true, .families = BOTH                                        \
    }

// clang-format off
static const struct row rows[] = {
    {"in their time",
     {{5000, ATTRIBUTES "10 0a01", 4, false}, {5250, "0003 10 0a01 0000", 4, false},
                       {7000, ATTRIBUTES "10 0a01 10 0a02", 4, false}}, PEER,
     "0: here 10.1.0.0/16 by 10.99.0.1 path 65001; 250: gone 10.1.0.0/16; "
     "2000: here 10.1.0.0/16 10.2.0.0/16 by 10.99.0.1 path 65001; ", 3, 1, 0, 0},
    {"a clock that goes back does not hold up", {{5000, ATTRIBUTES "10 0a01", 4, false},
      {6000, "0003 10 0a01 0000", 4, false}, {4000, ATTRIBUTES "10 0a01", 4, false}}, PEER,
     "0: here 10.1.0.0/16 by 10.99.0.1 path 65001; 1000: gone 10.1.0.0/16; "
     "1000: here 10.1.0.0/16 by 10.99.0.1 path 65001; ", 2, 1, 0, 0},
    {"both in one, withdrawn first",
     {{0, "0003 10 0a02 0014 " ORIGIN PATH HOP "10 0a01", 4, false}}, PEER,
     "0: gone 10.2.0.0/16; here 10.1.0.0/16 by 10.99.0.1 path 65001; ", 1, 1, 0, 0},
    {"IPv6", {{0, "0000 002d " ORIGIN PATH
               "800e1d 0002 01 10 20010db8000000000000000000000002 00 38 20010db8000102", 4, false},
              {1, "0000 000d 800f0a 0002 01 30 20010db80001", 4, false}}, PEER,
     "0: here 2001:db8:1:200::/56 by 2001:db8::2 path 65001; 1: gone 2001:db8:1::/48; ",
     1, 1, 0, 0},
    {"both families in one, each by its own next hop",
     {{0, "0000 0034 " ORIGIN PATH HOP
          "800e1d 0002 01 10 20010db8000000000000000000000002 00 38 20010db8000102 10 0a01", 4,
       false}}, PEER,
     "0: here 10.1.0.0/16 by 10.99.0.1 path 65001; "
     "here 2001:db8:1:200::/56 by 2001:db8::2 path 65001; ", 2, 0, 0, 0},
    {"End-of-RIB of a family that the peer does not take",
     {{0, "0000 0006 800f03 0002 01", 4, false}, {3, "0000 0000", 4, false}},
     {.peer = BGP_EXTERNAL, .as4 = true, .families = {[FAMILY_IPV4] = true}},
     "3: end of ipv4; ", 0, 0, 0, 0},
    {"End-of-RIB", {{0, "0000 0000", 4, false}, {3, "0000 0006 800f03 0002 01", 4, false}}, PEER,
     "0: end of ipv4; 3: end of ipv6; ", 0, 0, 0, 0},
    {"2-octet AS numbers", {{0, "0000 001d " ORIGIN "400206 0202 fde9 5ba0 " HOP
                             "c01106 0201 fa56ea00 10 0a01", 2, false}}, PEER,
     "0: here 10.1.0.0/16 by 10.99.0.1 path 65001 4200000000; ", 1, 0, 0, 0},
    {"malformed attributes withdraw",
     {{0, "0000 0015 400102 0000 " PATH HOP "10 0a01", 4, false}}, PEER,
     "0: gone 10.1.0.0/16; ", 0, 1, 0, 0},
    {"what cannot be read is left out", {{0, ATTRIBUTES "30 0a01", 4, false}, {9, "ffff", 4, false},
      {10, ATTRIBUTES "10 0a01", 4, false}}, PEER,
     "10: here 10.1.0.0/16 by 10.99.0.1 path 65001; ", 1, 0, 2, 0},
    {"families that the peer does not take",
     {{0, "0000 000d 800f0a 0002 01 30 20010db80001", 4, false},
      {10, ATTRIBUTES "10 0a01", 4, false}}, {.peer = BGP_EXTERNAL, .as4 = true,
      .families = {[FAMILY_IPV4] = true}},
     "10: here 10.1.0.0/16 by 10.99.0.1 path 65001; ", 1, 0, 0, 1},
    {"families that nobody holds", {{0, "0000 0009 800f06 0001 80 101112", 4, false}}, PEER, "",
     0, 0, 0, 1},
    {"path identifiers", {{0, ATTRIBUTES "00000007 10 0a01", 4, true}},
     {.peer = BGP_EXTERNAL, .as4 = true, .families = BOTH, .add_path_send = BOTH},
     "0: here 10.1.0.0/16#7 by 10.99.0.1 path 65001; ", 1, 0, 0, 0},
    {"path identifiers, not taken", {{0, ATTRIBUTES "00000007 10 0a01", 4, true}}, PEER, "",
     0, 0, 0, 1},
};
// clang-format on

static void describe(const struct row *row, const struct feed_schedule *schedule,
                     struct stream_text *text)
{
    struct bgp_context theirs = stream_theirs(&row->context);
    text->text[text->size = 0] = '\0';
    size_t begin = 0;
    for (size_t i = 0; i < schedule->count; i++) {
        stream_add(text, "%lld: ", (long long)(schedule->dues[i].at_ns / NS_PER_MS));
        stream_add_messages(text, &schedule->stream, &theirs, begin, schedule->dues[i].end);
        begin = schedule->dues[i].end;
    }
    CHECK_ROW(row->name, begin == schedule->stream.size);
}

static void updates_are_said_again(void **state)
{
    (void)state;
    struct stream_text *text = calloc(1, sizeof *text);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        struct feed_replay replay = {0};
        struct feed_schedule schedule = {0};
        for (size_t u = 0; u < 5 && row->updates[u].body; u++) {
            uint8_t bytes[512];
            size_t size = check_hex(row->updates[u].body, bytes);
            struct feed_recorded update = {
                .at_ns = row->updates[u].at_ms * NS_PER_MS,
                .body = cursor_over(bytes, size),
                .as_size = row->updates[u].as_size,
                .add_path = row->updates[u].add_path,
            };
            assert_true(feed_replay_add(&replay, &update));
        }
        struct feed_how how = {.context = &row->context};
        assert_true(feed_replay_encode(&replay, &how, &schedule));
        describe(row, &schedule, text);
        if (strcmp(text->text, row->expected) != 0)
            fail_msg("row '%s':\n  %s\nnot\n  %s", row->name, text->text, row->expected);
        CHECK_ROW(row->name, schedule.announced == row->announced);
        CHECK_ROW(row->name, schedule.withdrawn == row->withdrawn);
        CHECK_ROW(row->name, schedule.bad.count == row->bad);
        CHECK_ROW(row->name, schedule.unwanted.count == row->unwanted);
        feed_schedule_done(&schedule);
        feed_replay_done(&replay);
    }
    free(text);
}

// More than one growth of everything that grows.
static void many_updates_are_kept(void **state)
{
    (void)state;
    enum { UPDATES = 50000 };
    struct feed_replay replay = {0};
    struct feed_schedule schedule = {0};
    uint8_t bytes[64];
    size_t size = check_hex(ATTRIBUTES "18 0a0000", bytes);
    for (uint32_t i = 0; i < UPDATES; i++) {
        bytes[size - 2] = (uint8_t)(i >> 8);
        bytes[size - 1] = (uint8_t)i;
        struct feed_recorded update = {i, cursor_over(bytes, size), 4, false};
        assert_true(feed_replay_add(&replay, &update));
    }
    struct bgp_context context = PEER;
    assert_true(feed_replay_encode(&replay, &(struct feed_how){.context = &context}, &schedule));
    assert_int_equal(schedule.count, UPDATES);
    assert_int_equal(schedule.announced, UPDATES);
    assert_int_equal(schedule.stream.messages, UPDATES);
    assert_int_equal(schedule.dues[UPDATES - 1].at_ns, UPDATES - 1);
    assert_memory_equal(schedule.stream.bytes + schedule.stream.size - 2, bytes + size - 2, 2);
    feed_schedule_done(&schedule);
    feed_replay_done(&replay);
}

// RFC 8654: an UPDATE may be longer than 4,096 octets. A peer that takes none such gets several.
static void extended_messages_are_kept(void **state)
{
    (void)state;
    enum { ROUTES = 3000, ROUTE_BYTES = 4 };
    static uint8_t bytes[64 + ROUTES * ROUTE_BYTES];
    struct feed_replay replay = {0};
    struct feed_schedule schedule = {0};
    size_t size = check_hex(ATTRIBUTES, bytes);
    for (uint32_t i = 0; i < ROUTES; i++) {
        const uint8_t route[ROUTE_BYTES] = {24, 10, (uint8_t)(i >> 8), (uint8_t)i};
        memcpy(bytes + size, route, sizeof route);
        size += sizeof route;
    }
    struct feed_recorded update = {0, cursor_over(bytes, size), 4, false};
    assert_true(feed_replay_add(&replay, &update));
    struct bgp_context context = PEER;
    assert_true(feed_replay_encode(&replay, &(struct feed_how){.context = &context}, &schedule));
    assert_int_equal(schedule.announced, ROUTES);
    assert_int_equal(schedule.stream.messages, 3);
    feed_schedule_done(&schedule);
    feed_replay_done(&replay);
}

static void the_first_reason_is_kept(void **state)
{
    (void)state;
    struct feed_left_out left_out = {0};
    feed_leave_out(&left_out, 0, "of none");
    feed_leave_out(&left_out, 2, "the first");
    feed_leave_out(&left_out, 1, "the second");
    assert_int_equal(left_out.count, 3);
    assert_string_equal(left_out.reason, "the first");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(updates_are_said_again),
        cmocka_unit_test(many_updates_are_kept),
        cmocka_unit_test(extended_messages_are_kept),
        cmocka_unit_test(the_first_reason_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
