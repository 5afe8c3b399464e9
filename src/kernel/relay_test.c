// SPDX-License-Identifier: ISC
#include "kernel/relay.h"

#include "base/check.h"

#include <string.h>

#define HELLO "464c4b52 0001 00 00 0102030405060708 "
#define DATAGRAM "01 00 0000 00000000 00000010 00000000000000000000000000000000 "

static void greets_both_ways(void **state)
{
    (void)state;
    uint8_t bytes[64], wanted[64];
    struct relay_hello hello = {RELAY_VERSION, NETLINK_LITTLE, 0x0102030405060708}, read;
    struct writer w = writer_over(bytes, sizeof bytes);
    relay_hello_encode(&w, &hello);
    assert_int_equal(w.size, check_hex(HELLO, wanted));
    assert_memory_equal(bytes, wanted, w.size);
    struct cursor stream = cursor_over(bytes, w.size);
    assert_int_equal(relay_hello_decode(&stream, &read), RELAY_GOOD);
    assert_true(read.order == NETLINK_LITTLE && read.instance == hello.instance);
}

static const struct {
    const char *name, *hello;
    enum relay_verdict verdict;
} hellos[] = {
    {"of a big-endian kernel", "464c4b52 0001 01 00 0000000000000000", RELAY_GOOD},
    {"cut", "464c4b52 0001 00 00 00000000000000", RELAY_NEEDS_MORE},
    {"of something else", "47455420 2f20 48 54 54502f312e310d0a", RELAY_MALFORMED},
    {"of a later version", "464c4b52 0002 00 00 0000000000000000", RELAY_MALFORMED},
    {"of no order", "464c4b52 0001 02 00 0000000000000000", RELAY_MALFORMED},
    {"with something for zero", "464c4b52 0001 00 01 0000000000000000", RELAY_MALFORMED},
};

static void judges_hellos(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof hellos / sizeof hellos[0]; i++) {
        uint8_t bytes[64];
        struct relay_hello hello;
        struct cursor stream = cursor_over(bytes, check_hex(hellos[i].hello, bytes));
        CHECK_ROW(hellos[i].name, relay_hello_decode(&stream, &hello) == hellos[i].verdict);
    }
}

static const struct {
    const char *name, *frame;
    enum relay_verdict verdict;
    enum relay_kind kind;
    size_t size;
} frames[] = {
    {"a datagram", DATAGRAM, RELAY_GOOD, RELAY_DATAGRAM, 16},
    {"a dump begins", "02 06 0000 00000001 00000000", RELAY_GOOD, RELAY_DUMP_BEGINS, 0},
    {"a dump ends", "03 06 0000 00000001 00000001 01", RELAY_GOOD, RELAY_DUMP_ENDS, 1},
    {"lost", "04 00 0000 00000001 00000000", RELAY_GOOD, RELAY_LOST, 0},
    {"alive", "05 00 0000 00000001 00000000", RELAY_GOOD, RELAY_ALIVE, 0},
    {"goodbye", "06 00 0000 00000001 00000003 62 79 65", RELAY_GOOD, RELAY_GOODBYE, 3},
    {"header cut", "05 00 0000 00000001 000000", RELAY_NEEDS_MORE, 0, 0},
    {"payload cut", "06 00 0000 00000001 00000003 62 79", RELAY_NEEDS_MORE, 0, 0},
    {"a datagram that is none", "01 00 0000 00000000 0000000f", RELAY_MALFORMED, 0, 0},
    {"a datagram too large", "01 00 0000 00000000 00010001", RELAY_MALFORMED, 0, 0},
    {"the largest datagram, to come", "01 00 0000 00000000 00010000", RELAY_NEEDS_MORE, 0, 0},
    {"greatest size", "01 00 0000 00000000 ffffffff", RELAY_MALFORMED, 0, 0},
    {"kind 0", "00 00 0000 00000000 00000000", RELAY_MALFORMED, 0, 0},
    {"kind 7", "07 00 0000 00000000 00000000", RELAY_MALFORMED, 0, 0},
    {"part 7", "02 07 0000 00000001 00000000", RELAY_MALFORMED, 0, 0},
    {"a part where there is none", "05 01 0000 00000001 00000000", RELAY_MALFORMED, 0, 0},
    {"something for zero", "05 00 0001 00000001 00000000", RELAY_MALFORMED, 0, 0},
    {"an end without its octet", "03 06 0000 00000001 00000000", RELAY_MALFORMED, 0, 0},
    {"a long goodbye", "06 00 0000 00000001 00000080", RELAY_MALFORMED, 0, 0},
};

static void judges_frames(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        uint8_t bytes[64];
        struct relay_frame frame;
        size_t size = check_hex(frames[i].frame, bytes);
        struct cursor stream = cursor_over(bytes, size);
        enum relay_verdict verdict = relay_frame_decode(&stream, &frame);
        CHECK_ROW(frames[i].name, verdict == frames[i].verdict);
        CHECK_ROW(frames[i].name, stream.pos == (verdict == RELAY_GOOD ? size : 0));
        if (verdict != RELAY_GOOD)
            continue;
        CHECK_ROW(frames[i].name, frame.kind == frames[i].kind && frame.size == frames[i].size);
        CHECK_ROW(frames[i].name, frame.is_whole == (frame.kind == RELAY_DUMP_ENDS));
    }
}

static void takes_requests_for_dumps_only(void **state)
{
    (void)state;
    static const struct {
        const char *name, *request;
        enum relay_verdict verdict;
    } rows[] = {
        {"a dump", "01 03 0000", RELAY_GOOD},
        {"cut", "01 03 00", RELAY_NEEDS_MORE},
        {"another kind", "02 03 0000", RELAY_MALFORMED},
        {"part 7", "01 07 0000", RELAY_MALFORMED},
        {"something for zero", "01 03 0001", RELAY_MALFORMED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bytes[16];
        enum kernel_part part;
        struct cursor stream = cursor_over(bytes, check_hex(rows[i].request, bytes));
        CHECK_ROW(rows[i].name, relay_request_decode(&stream, &part) == rows[i].verdict);
        CHECK_ROW(rows[i].name, rows[i].verdict != RELAY_GOOD || part == KERNEL_ROUTES_IPV4);
    }
    uint8_t bytes[RELAY_REQUEST_SIZE];
    struct writer w = writer_over(bytes, sizeof bytes);
    relay_request_encode(&w, KERNEL_ROUTES_IPV4);
    assert_memory_equal(bytes, "\1\3\0\0", sizeof bytes);
}

static void writes_what_it_reads(void **state)
{
    (void)state;
    uint8_t bytes[64];
    struct relay_frame said = {.kind = RELAY_DUMP_ENDS, .part = KERNEL_RULES_IPV6, .sequence = 9};
    struct relay_frame heard;
    struct writer w = writer_over(bytes, sizeof bytes);
    said.size = 1;
    relay_frame_encode(&w, &said);
    writer_u8(&w, 0);
    struct cursor stream = cursor_over(bytes, w.size);
    assert_int_equal(relay_frame_decode(&stream, &heard), RELAY_GOOD);
    assert_true(heard.kind == said.kind && heard.part == said.part && heard.sequence == 9);
    assert_false(heard.is_whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(greets_both_ways),     cmocka_unit_test(judges_hellos),
        cmocka_unit_test(judges_frames),        cmocka_unit_test(takes_requests_for_dumps_only),
        cmocka_unit_test(writes_what_it_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
