// SPDX-License-Identifier: ISC
#include "probe/stamp.h"

#include "base/check.h"

#include <string.h>

// Sequence, timestamp, error estimate, SSID, 28 octets MBZ.
#define MBZ "00000000000000 00000000000000 00000000000000 00000000000000"
#define BASE "00000007 e900000080000000 8001 0102 " MBZ
// Sequence 5 of the reflector (below), T3, our error estimate, SSID, T2, then the sender's.
#define REPLY                                                                                      \
    "00000005 e900000200000000 1001 0102 e900000100000000"                                         \
    "00000007 e900000080000000 8001 0000 fd 000000"

static const struct address own[] = {
    {FAMILY_IPV4, {192, 0, 2, 1}},
    {FAMILY_IPV6, {0x20, 0x01, 0x0d, 0xb8, [15] = 1}},
};
static const struct stamp_reflection stateful = {
    .stateful = true,
    .sequence = 5,
    .received_at = 0xe900000100000000,
    .sent_at = 0xe900000200000000,
    .ttl = 253,
    .policy =
        {
            .traffic_class = 0xb9,  // EF and ECT(1)
            .dscp_allowed = UINT64_C(1) | UINT64_C(1) << 46,
            .micro_session = 7,
            .own = own,
            .own_count = 2,
        },
};

// TLVs: flags, type, length, value.
static const struct {
    const char *name, *request, *reply;  // no reply: ""
} rows[] = {
    {"the base packet", BASE, REPLY},
    {"nothing", "", ""},
    {"a byte too short for TWAMP-Light",
     "00000007 e900000080000000 8001 0102"
     "00000000000000 00000000000000 00000000000000 000000",
     ""},
    {"TWAMP-Light, no longer than asked",
     "00000007 e900000080000000 8001 0102"
     "00000000000000 00000000000000 00000000000000 00000000",
     "00000005 e900000200000000 1001 0102 e900000100000000 00000007 e900000080000000 8001 0000 fd"},
    {"padding is ours to copy", BASE "80 01 0002 abcd", REPLY "00 01 0002 abcd"},
    {"empty padding", BASE "80 01 0000", REPLY "00 01 0000"},
    {"a type nobody knows", BASE "80 c8 0004 01020304", REPLY "80 c8 0004 01020304"},
    {"U is set even if not asked for", BASE "00 c8 0000", REPLY "80 c8 0000"},
    {"M, I and reserved bits are ours", BASE "7f 01 0000", REPLY "00 01 0000"},
    // DSCP1 (6 bits), DSCP2 (6), ECN (2), RP (2): it came with EF and ECT(1).
    {"class of service", BASE "80 04 0004 00000000", REPLY "00 04 0004 02e40000"},
    {"an answer with EF asked", BASE "80 04 0004 b8000000", REPLY "00 04 0004 bae40000"},
    {"CS6 is refused", BASE "80 04 0004 c0000000", REPLY "00 04 0004 c2e50000"},
    {"what the sender may not set", BASE "80 04 0004 03ffffff", REPLY "00 04 0004 02e40000"},
    {"class of service of 2", BASE "80 04 0002 0000", REPLY "40 04 0002 0000"},
    {"location too short for its ports", BASE "80 02 0003 000000", REPLY "c0 02 0003 000000"},
    {"HMAC of 0", BASE "00 08 0000", REPLY "c0 08 0000"},
    {"HMAC of 8", BASE "00 08 0008 0000000000000000", REPLY "c0 08 0008 0000000000000000"},
    {"HMAC of 17", BASE "00 08 0011 000000000000000000 0000000000000000",
     REPLY "c0 08 0011 000000000000000000 0000000000000000"},
    {"HMAC of 16, to which we have no key", BASE "00 08 0010 de000000000000de de000000000000de",
     REPLY "80 08 0010 de000000000000de de000000000000de"},
    {"our node", BASE "80 09 0004 c0000201", REPLY "00 09 0004 c0000201"},
    {"our node, IPv6", BASE "80 09 0010 20010db8 00000000 00000000 00000001",
     REPLY "00 09 0010 20010db8 00000000 00000000 00000001"},
    {"another node", BASE "80 09 0004 c0000202", REPLY "80 09 0004 c0000202"},
    {"another node, IPv6", BASE "80 09 0010 20010db8 00000000 00000000 00000002",
     REPLY "80 09 0010 20010db8 00000000 00000000 00000002"},
    {"node address of 8", BASE "80 09 0008 c0000201 c0000201",
     REPLY "40 09 0008 c0000201 c0000201"},
    {"which link", BASE "80 0b 0004 0102 0000", REPLY "00 0b 0004 0102 0007"},
    {"which link, as it knows", BASE "80 0b 0004 0102 0007", REPLY "00 0b 0004 0102 0007"},
    {"another link", BASE "80 0b 0004 0102 0008", ""},
    {"a link of 6", BASE "80 0b 0006 0102 0008 0000", REPLY "40 0b 0006 0102 0008 0000"},
    {"one after the other", BASE "80 01 0001 ff 80 c8 0001 00 80 01 0000",
     REPLY "00 01 0001 ff 80 c8 0001 00 00 01 0000"},
    {"after one of wrong length, the rest as it came",
     BASE "80 01 0001 ff 80 05 0001 00 80 01 0000", REPLY "00 01 0001 ff c0 05 0001 00 80 01 0000"},
    {"after one of wrong length, another link", BASE "80 04 0001 00 80 0b 0004 0102 0008",
     REPLY "40 04 0001 00 80 0b 0004 0102 0008"},
    {"longer than the packet", BASE "80 01 07d0 aaaaaaaa", REPLY "40 01 07d0 aaaaaaaa"},
    {"after that, the rest as it came", BASE "80 c8 ffff 80 01 0000",
     REPLY "c0 c8 ffff 80 01 0000"},
    {"one octet longer than the packet", BASE "80 01 0001", REPLY "40 01 0001"},
    {"a rest too short for a header", BASE "80 01 0000 80 01 00", REPLY "00 01 0000 c0 01 00"},
    {"TWAMP-Light padding of zeros", BASE "00 00 0000", REPLY "80 00 0000"},
};

static void reflects_as_the_rfcs_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t request[128], expected[128], reply[128];
        size_t size = check_hex(rows[i].request, request);
        size_t expected_size = check_hex(rows[i].reply, expected);
        size_t reply_size = stamp_reflect(request, size, &stateful, reply).size;
        CHECK_ROW(rows[i].name, reply_size == expected_size);
        CHECK_ROW(rows[i].name, memcmp(reply, expected, reply_size) == 0);
    }
}

// A cut request gets an answer no longer than itself or none; what comes back is always readable.
static void every_cut_is_harmless(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t request[128], reply[128];
        size_t size = check_hex(rows[i].request, request);
        for (size_t cut = 0; cut <= size; cut++) {
            struct stamp_reply decoded;
            size_t reply_size = stamp_reflect(request, cut, &stateful, reply).size;
            bool is_mine = cut >= STAMP_TWAMP_SIZE && (cut < size || rows[i].reply[0]);
            CHECK_ROW(rows[i].name, reply_size == (is_mine ? cut : 0));
            CHECK_ROW(rows[i].name,
                      stamp_reply_decode(reply, reply_size, &decoded) == (reply_size > 0));
        }
    }
}

static void a_stateless_reflector_copies_the_number(void **state)
{
    (void)state;
    uint8_t request[STAMP_SIZE], reply[STAMP_SIZE];
    check_hex(BASE, request);
    struct stamp_reflection how = stateful;
    how.stateful = false;
    struct stamp_reply decoded;
    size_t size = stamp_reflect(request, sizeof request, &how, reply).size;
    assert_true(stamp_reply_decode(reply, size, &decoded));
    assert_int_equal(decoded.sequence, 7);
    assert_int_equal(decoded.sender_sequence, 7);
}

static void what_the_sender_writes_both_sides_read(void **state)
{
    (void)state;
    const struct stamp_request sent = {.sequence = 0xfffffffe,
                                       .timestamp = 0x0123456789abcdef,
                                       .error_estimate = 0x1001,
                                       .ssid = 9};
    uint8_t bytes[STAMP_SIZE], answer[STAMP_SIZE];
    struct writer w = writer_over(bytes, sizeof bytes);
    stamp_request_encode(&w, &sent);
    assert_true(writer_ok(&w) && w.size == STAMP_SIZE);

    struct stamp_request request;
    assert_true(stamp_request_decode(bytes, w.size, &request));
    assert_true(request.sequence == sent.sequence && request.timestamp == sent.timestamp);
    assert_true(request.error_estimate == 0x1001 && request.ssid == 9);
    assert_int_equal(cursor_left(&request.tlvs), 0);

    struct stamp_reply reply;
    assert_int_equal(stamp_reflect(bytes, w.size, &stateful, answer).size, STAMP_SIZE);
    assert_true(stamp_reply_decode(answer, sizeof answer, &reply));
    assert_true(reply.sender_sequence == sent.sequence && reply.sender_timestamp == sent.timestamp);
    assert_true(reply.sender_error_estimate == 0x1001 && reply.ssid == 9);
    assert_true(reply.sequence == 5 && reply.sender_ttl == 253);
    assert_true(reply.received_at == stateful.received_at && reply.timestamp == stateful.sent_at);
    assert_int_equal(cursor_left(&reply.tlvs), 0);
}

static const struct {
    const char *name;
    int64_t wall_ns;
    uint64_t ntp;
} times[] = {
    {"1970", 0, 0x83aa7e8000000000},
    {"half a second later", NS_PER_S / 2, 0x83aa7e8080000000},
    {"half a second earlier", -NS_PER_S / 2, 0x83aa7e7f80000000},
    {"the era ends in 2036", 2085978496 * (int64_t)NS_PER_S, 0},
};

static void timestamps_are_those_of_ntp(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        CHECK_ROW(times[i].name, stamp_ntp((struct wall){times[i].wall_ns}) == times[i].ntp);
    assert_true(stamp_tagged_ntp((struct wall){NS_PER_S / 3}, 0xbeef) == 0x83aa7e805555beef);
}

// T3 - T2 as the reflector's own format says.
static const struct {
    const char *name;
    uint16_t error_estimate;
    uint64_t received_at, sent_at;
    int64_t kept_ns;
} stays[] = {
    {"NTP", 0x1001, 0x0000000100000000, 0x0000000140000000, NS_PER_S / 4},
    {"NTP, long", 0x1001, 0x0000000140000000, 0x0000000480000000, 13 * (int64_t)NS_PER_S / 4},
    {"NTP over the end of the era", 1, 0xffffffffc0000000, 0x0000000000000000, NS_PER_S / 4},
    {"NTP backwards", 1, 0x0000000140000000, 0x0000000100000000, 0},
    {"PTP", 0x5001, 0x0000000100000000, 0x0000000100000040, 64},
    {"PTP over a second", 0x4001, 0x000000013b9ac900, 0x0000000200000000, 256},
    {"PTP over the end of its seconds", 0x4001, 0xffffffff3b9ac900, 0x0000000000000000, 256},
    {"PTP backwards", 0x4001, 0x0000000100000040, 0x0000000100000000, 0},
};

static void tells_how_long_the_reflector_kept_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof stays / sizeof stays[0]; i++) {
        struct stamp_reply reply = {.error_estimate = stays[i].error_estimate,
                                    .received_at = stays[i].received_at,
                                    .timestamp = stays[i].sent_at};
        CHECK_ROW(stays[i].name, stamp_turnaround_ns(&reply) == stays[i].kept_ns);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reflects_as_the_rfcs_say),
        cmocka_unit_test(every_cut_is_harmless),
        cmocka_unit_test(a_stateless_reflector_copies_the_number),
        cmocka_unit_test(what_the_sender_writes_both_sides_read),
        cmocka_unit_test(timestamps_are_those_of_ntp),
        cmocka_unit_test(tells_how_long_the_reflector_kept_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
