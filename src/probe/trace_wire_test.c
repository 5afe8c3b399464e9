// SPDX-License-Identifier: ISC
#include "probe/trace_wire.h"

#include "base/check.h"
#include "probe/icmp.h"

#include <string.h>

#define OUTER4 "4500 0000 0000 0000 ff 01 0000 c0000201 c0000202"
#define OUTER4_OPTIONS "4700 0000 0000 0000 ff 01 0000 c0000201 c0000202 01010101 01010101"
#define ICMP4(type, code) type code " 0000 00000000 "
#define IP4(protocol) "4500 0048 1234 4000 01 " protocol " 0000 c0000202 cb007109 "
#define IP4_OPTIONS "4600 0048 1234 4000 01 11 0000 c0000202 cb007109 01010101 "
#define UDP "ee49 035e 0034 abcd"
#define STAMP " 00aa5678 11112222 33334444"
#define ECHO4 "08 00 1111 ee49 5678"
#define TCP " ee49 00b3 00aa5678"

#define SOURCE6 "20010db8000000000000000000000001 "
#define TARGET6 "20010db8000000000000000000000009 "
#define IP6(protocol) "600abcde 0034 " protocol " 01 " SOURCE6 TARGET6
#define ECHO6 "80 00 1111 ee49 5678"

struct row {
    const char *name, *from, *bytes;
    bool accepted;
    enum trace_kind kind;
    uint8_t protocol;
    uint16_t target_port, mark;
};

static const char router4[] = "192.0.2.1", target4[] = "203.0.113.9";
static const char router6[] = "2001:db8::2", target6[] = "2001:db8::9";

static const struct row rows[] = {
    {"v4: 8 octets", router4, OUTER4 ICMP4("0b", "00") IP4("11") UDP, true, TRACE_HOP, 17, 862,
     0x1234},
    {"v4: with the number", router4, OUTER4 ICMP4("0b", "00") IP4("11") UDP STAMP, true, TRACE_HOP,
     17, 862, 0x5678},
    {"v4: options outside", router4, OUTER4_OPTIONS ICMP4("0b", "00") IP4("11") UDP, true,
     TRACE_HOP, 17, 862, 0x1234},
    {"v4: options inside", router4, OUTER4 ICMP4("0b", "00") IP4_OPTIONS UDP, true, TRACE_HOP, 17,
     862, 0x1234},
    {"v4: echo", router4, OUTER4 ICMP4("0b", "00") IP4("01") ECHO4, true, TRACE_HOP, 1, 0, 0x5678},
    {"v4: SYN", router4, OUTER4 ICMP4("0b", "00") IP4("06") TCP, true, TRACE_HOP, 6, 179, 0x5678},
    {"v4: port unreachable at the target", target4, OUTER4 ICMP4("03", "03") IP4("11") UDP, true,
     TRACE_REACHED, 17, 862, 0x1234},
    {"v4: port unreachable, says a router", router4, OUTER4 ICMP4("03", "03") IP4("11") UDP, true,
     TRACE_BLOCKED, 17, 862, 0x1234},
    {"v4: protocol unreachable", target4, OUTER4 ICMP4("03", "02") IP4("11") UDP, true,
     TRACE_REACHED, 17, 862, 0x1234},
    {"v4: host unreachable", router4, OUTER4 ICMP4("03", "01") IP4("11") UDP, true, TRACE_BLOCKED,
     17, 862, 0x1234},
    {"v4: prohibited", target4, OUTER4 ICMP4("03", "0d") IP4("11") UDP, true, TRACE_BLOCKED, 17,
     862, 0x1234},
    {"v4: too big, with an MTU", router4, OUTER4 "03 04 0000 0000 0514 " IP4("11") UDP, true,
     TRACE_BLOCKED, 17, 862, 0x1234},
    // RFC 4884: 8 words of quote, then an extension.
    {"v4: extended", router4,
     OUTER4 "0b 00 0000 00 08 0000 " IP4("11") UDP "00aa5678 2000 ffff 0008 0101 12345678", true,
     TRACE_HOP, 17, 862, 0x5678},
    // The quote ends after the ports: what looks like a number is an extension.
    {"v4: extended, short", router4, OUTER4 "0b 00 0000 00 07 0000 " IP4("11") UDP STAMP, true,
     TRACE_HOP, 17, 862, 0x1234},
    {"v4: a length of more than there is", router4, OUTER4 "0b 00 0000 00 20 0000 " IP4("11") UDP,
     true, TRACE_HOP, 17, 862, 0x1234},
    {"v4: extended too early", router4, OUTER4 "0b 00 0000 00 05 0000 " IP4("11") UDP, false, 0, 0,
     0, 0},
    {"v4: reassembly took too long", router4, OUTER4 ICMP4("0b", "01") IP4("11") UDP, false, 0, 0,
     0, 0},
    {"v4: echo reply", router4, OUTER4 ICMP4("00", "00") IP4("11") UDP, false, 0, 0, 0, 0},
    {"v4: redirect", router4, OUTER4 ICMP4("05", "01") IP4("11") UDP, false, 0, 0, 0, 0},
    {"v4: a reply quoted", router4, OUTER4 ICMP4("0b", "00") IP4("01") "00 00 1111 ee49 5678",
     false, 0, 0, 0, 0},
    {"v4: another protocol", router4, OUTER4 ICMP4("0b", "00") IP4("2f") UDP, false, 0, 0, 0, 0},
    {"v4: ICMPv6 in IPv4", router4, OUTER4 ICMP4("0b", "00") IP4("3a") ECHO6, false, 0, 0, 0, 0},
    {"v4: IPv6 quoted", router4, OUTER4 ICMP4("0b", "00") IP6("11") UDP STAMP, false, 0, 0, 0, 0},
    {"v4: a later fragment", router4,
     OUTER4 ICMP4("0b", "00") "4500 0048 1234 2001 01 11 0000 c0000202 cb007109 " UDP, false, 0, 0,
     0, 0},
    {"v4: header too small", router4,
     OUTER4 ICMP4("0b", "00") "4400 0048 1234 4000 01 11 0000 c0000202 cb007109 " UDP, false, 0, 0,
     0, 0},
    {"v4: not ICMP", router4,
     "4500 0000 0000 0000 ff 11 0000 c0000201 c0000202" ICMP4("0b", "00") IP4("11") UDP, false, 0,
     0, 0, 0},
    {"v6: with the number", router6, "03 00 0000 00000000 " IP6("11") UDP STAMP, true, TRACE_HOP,
     17, 862, 0x5678},
    {"v6: 8 octets tell no mark", router6, "03 00 0000 00000000 " IP6("11") UDP, false, 0, 0, 0, 0},
    {"v6: echo", router6, "03 00 0000 00000000 " IP6("3a") ECHO6, true, TRACE_HOP, 58, 0, 0x5678},
    {"v6: SYN", router6, "03 00 0000 00000000 " IP6("06") TCP, true, TRACE_HOP, 6, 179, 0x5678},
    {"v6: port unreachable at the target", target6, "01 04 0000 00000000 " IP6("11") UDP STAMP,
     true, TRACE_REACHED, 17, 862, 0x5678},
    {"v6: port unreachable, says a router", router6, "01 04 0000 00000000 " IP6("11") UDP STAMP,
     true, TRACE_BLOCKED, 17, 862, 0x5678},
    {"v6: no route", target6, "01 00 0000 00000000 " IP6("11") UDP STAMP, true, TRACE_BLOCKED, 17,
     862, 0x5678},
    // The MTU is where other errors have their length: 1280 is 0x0500, so there is none.
    {"v6: too big", router6, "02 00 0000 00000500 " IP6("11") UDP STAMP, true, TRACE_BLOCKED, 17,
     862, 0x5678},
    {"v6: extended", router6, "03 00 0000 07000000 " IP6("11") UDP "00aa5678 00000000 2000ffff",
     true, TRACE_HOP, 17, 862, 0x5678},
    {"v6: reassembly", router6, "03 01 0000 00000000 " IP6("11") UDP STAMP, false, 0, 0, 0, 0},
    {"v6: parameter problem", router6, "04 00 0000 00000000 " IP6("11") UDP STAMP, false, 0, 0, 0,
     0},
    {"v6: echo reply", router6, "81 00 0000 ee495678 " IP6("11") UDP STAMP, false, 0, 0, 0, 0},
    {"v6: a fragment header", router6, "03 00 0000 00000000 " IP6("2c") UDP STAMP, false, 0, 0, 0,
     0},
    {"v6: IPv4 quoted", router6, "03 00 0000 00000000 " IP4("11") UDP STAMP, false, 0, 0, 0, 0},
    {"v6: ICMP in IPv6", router6, "03 00 0000 00000000 " IP6("01") ECHO4, false, 0, 0, 0, 0},
};

// With its checksum put in, as a raw socket of IPv4 gives whatever comes.
static size_t bytes_of(const struct row *row, uint8_t *bytes)
{
    size_t size = check_hex(row->bytes, bytes);
    size_t at = bytes[0] >> 4 == 4 && strchr(row->from, '.') ? 4u * (bytes[0] & 15) : 0;
    if (at > 0) {
        uint16_t sum = icmp_checksum(bytes + at, size - at);
        bytes[at + 2] = (uint8_t)(sum >> 8);
        bytes[at + 3] = (uint8_t)sum;
    }
    return size;
}

static void reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        uint8_t bytes[256];
        size_t size = bytes_of(row, bytes);
        struct trace_quote quote = {.kind = TRACE_KINDS};
        bool accepted = trace_quote_decode(check_address(row->from), bytes, size, &quote);
        CHECK_ROW(row->name, accepted == row->accepted);
        CHECK_ROW(row->name, accepted || quote.kind == TRACE_KINDS);
        if (!accepted)
            continue;
        bool is_v4 = strchr(row->from, '.');
        CHECK_ROW(row->name, quote.kind == row->kind);
        CHECK_ROW(row->name, quote.protocol == row->protocol);
        CHECK_ROW(row->name, quote.port == 0xee49);
        CHECK_ROW(row->name, quote.target_port == row->target_port);
        CHECK_ROW(row->name, quote.mark == row->mark);
        CHECK_ROW(row->name,
                  address_equal(quote.source, check_address(is_v4 ? "192.0.2.2" : "2001:db8::1")));
        CHECK_ROW(row->name,
                  address_equal(quote.destination, check_address(is_v4 ? target4 : target6)));
    }
}

// The least that a good one needs; and a cut one is read as less or not at all, never wrongly.
static void cuts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bytes[256];
        size_t whole = bytes_of(&rows[i], bytes);
        for (size_t size = 0; size < whole; size++) {
            struct trace_quote quote;
            bool accepted = trace_quote_decode(check_address(rows[i].from), bytes, size, &quote);
            CHECK_ROW(rows[i].name, !accepted || size >= 56);
            CHECK_ROW(rows[i].name, !accepted || rows[i].accepted);
            CHECK_ROW(rows[i].name, !accepted || quote.port == 0xee49);
        }
    }
}

static void refuses_a_broken_checksum(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bytes[256];
        size_t size = bytes_of(&rows[i], bytes);
        struct trace_quote quote;
        if (!strchr(rows[i].from, '.'))
            continue;
        bytes[size - 1] ^= 1;
        CHECK_ROW(rows[i].name,
                  !trace_quote_decode(check_address(rows[i].from), bytes, size, &quote));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads),
        cmocka_unit_test(cuts),
        cmocka_unit_test(refuses_a_broken_checksum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
