// SPDX-License-Identifier: ISC
#include "probe/icmp.h"

#include "base/check.h"
#include "base/random.h"

#include <string.h>

// For IPv4: version and size, TOS, length, id, flags and offset, TTL, protocol, checksum, source,
// destination. Then type, code, checksum, id, sequence, tag, and what our probes pad with.
#define IPV4 "45 00 0024 0000 0000 40 01 0000 c0000201 c0000202 "
#define ECHO "1234 0007 1122334455667788 "

static const struct {
    const char *name;
    enum family family;
    const char *packet;
    bool is_reply;
} rows[] = {
    {"IPv4 reply", FAMILY_IPV4, IPV4 "00 00 dc6f" ECHO "0000", true},
    {"IPv4 reply behind options", FAMILY_IPV4,
     "46 00 0028 0000 0000 40 01 0000 c0000201 c0000202"
     "01010101 00 00 dc6f" ECHO "0000",
     true},
    {"IPv4 request", FAMILY_IPV4, IPV4 "08 00 d46f" ECHO "0000", false},
    {"IPv4 reply with a code", FAMILY_IPV4, IPV4 "00 01 dc6e" ECHO "0000", false},
    {"IPv4 bad checksum", FAMILY_IPV4, IPV4 "00 00 dc70" ECHO "0000", false},
    {"IPv4 of another protocol", FAMILY_IPV4,
     "45 00 0024 0000 0000 40 11 0000 c0000201 c0000202"
     "00 00 dc6f" ECHO "0000",
     false},
    {"IPv4 fragment", FAMILY_IPV4,
     "45 00 0024 0000 2000 40 01 0000 c0000201 c0000202"
     "00 00 dc6f" ECHO "0000",
     false},
    {"IPv4 later fragment", FAMILY_IPV4,
     "45 00 0024 0000 0001 40 01 0000 c0000201 c0000202"
     "00 00 dc6f" ECHO "0000",
     false},
    {"IPv4 header of 16", FAMILY_IPV4,
     "44 00 0024 0000 0000 40 01 0000 c0000201 c0000202"
     "00 00 dc6f" ECHO "0000",
     false},
    {"version 6 on an IPv4 socket", FAMILY_IPV4,
     "65 00 0024 0000 0000 40 01 0000 c0000201 c0000202"
     "00 00 dc6f" ECHO "0000",
     false},
    {"IPv6 reply, the kernel checked it", FAMILY_IPV6, "81 00 0000" ECHO, true},
    {"IPv6 request", FAMILY_IPV6, "80 00 0000" ECHO, false},
    {"IPv6 reply with a code", FAMILY_IPV6, "81 01 0000" ECHO, false},
    {"IPv6 unreachable", FAMILY_IPV6, "01 00 0000" ECHO, false},
};

static void knows_a_reply_from_all_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t packet[64];
        size_t size = check_hex(rows[i].packet, packet);
        struct icmp_echo echo;
        bool is_reply = icmp_reply_decode(rows[i].family, packet, size, &echo);
        CHECK_ROW(rows[i].name, is_reply == rows[i].is_reply);
        if (is_reply) {
            CHECK_ROW(rows[i].name, echo.id == 0x1234 && echo.sequence == 7);
            CHECK_ROW(rows[i].name, echo.tag == 0x1122334455667788);
        }
    }
}

// Where a good reply is cut, its tag is missing or its checksum wrong.
static void refuses_every_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t packet[64];
        size_t size = check_hex(rows[i].packet, packet);
        size_t whole = rows[i].family == FAMILY_IPV4 ? size - 2 : size;  // the padding adds nothing
        for (size_t cut = 0; rows[i].is_reply && cut < whole; cut++) {
            struct icmp_echo echo;
            CHECK_ROW(rows[i].name, !icmp_reply_decode(rows[i].family, packet, cut, &echo));
        }
    }
}

// The words that a hash may look at: type, code, checksum, id.
static void the_checksum_is_the_same_for_a_whole_flow(void **state)
{
    (void)state;
    struct random random = {3};
    uint8_t first[ICMP_ECHO_SIZE], probe[ICMP_ECHO_SIZE];
    for (uint32_t sequence = 0; sequence < 70 * 1000; sequence++) {
        struct icmp_echo echo = {
            .id = 61007, .sequence = (uint16_t)sequence, .tag = random_u64(&random)};
        struct writer w = writer_over(probe, sizeof probe);
        icmp_echo_encode(&w, FAMILY_IPV4, &echo);
        assert_true(writer_ok(&w) && w.size == ICMP_ECHO_SIZE);
        if (sequence == 0)
            memcpy(first, probe, sizeof first);
        assert_memory_equal(first, probe, 6);
        assert_int_equal(icmp_checksum(probe, sizeof probe), 0);
    }
}

// For IPv6 the kernel adds a sum over what never changes, so the rest must add up to the same.
static void the_ipv6_sum_is_the_same_for_a_whole_flow(void **state)
{
    (void)state;
    struct random random = {4};
    uint16_t first = 0;
    for (uint32_t sequence = 0; sequence < 1000; sequence++) {
        uint8_t probe[ICMP_ECHO_SIZE];
        struct icmp_echo echo = {
            .id = 61007, .sequence = (uint16_t)sequence, .tag = random_u64(&random)};
        struct writer w = writer_over(probe, sizeof probe);
        icmp_echo_encode(&w, FAMILY_IPV6, &echo);
        assert_true(probe[0] == 128 && probe[2] == 0 && probe[3] == 0);
        first = sequence == 0 ? icmp_checksum(probe, sizeof probe) : first;
        assert_int_equal(icmp_checksum(probe, sizeof probe), first);
    }
}

static void a_reflected_probe_is_recognised(void **state)
{
    (void)state;
    uint8_t packet[20 + ICMP_ECHO_SIZE];
    check_hex(IPV4, packet);
    const struct icmp_echo sent = {.id = 61001, .sequence = 65535, .tag = 0x8000000000000001};
    struct writer w = writer_over(packet + 20, ICMP_ECHO_SIZE);
    icmp_echo_encode(&w, FAMILY_IPV4, &sent);
    struct icmp_echo got;
    assert_false(icmp_reply_decode(FAMILY_IPV4, packet, sizeof packet, &got));
    packet[20] = 0;  // as the target does it: another type, and the checksum after it
    packet[22] = packet[23] = 0;
    uint16_t checksum = icmp_checksum(packet + 20, ICMP_ECHO_SIZE);
    packet[22] = (uint8_t)(checksum >> 8);
    packet[23] = (uint8_t)checksum;
    assert_true(icmp_reply_decode(FAMILY_IPV4, packet, sizeof packet, &got));
    assert_true(got.id == sent.id && got.sequence == sent.sequence && got.tag == sent.tag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_a_reply_from_all_else),
        cmocka_unit_test(refuses_every_cut),
        cmocka_unit_test(the_checksum_is_the_same_for_a_whole_flow),
        cmocka_unit_test(the_ipv6_sum_is_the_same_for_a_whole_flow),
        cmocka_unit_test(a_reflected_probe_is_recognised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
