// SPDX-License-Identifier: ISC
#include "probe/hairpin.h"

#include "base/check.h"

#include <string.h>

static const struct siphash_key key = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
static const struct hairpin_probe probe = {
    .flow = 9, .sequence = 0x01020304, .sent_at = 0x1112131415161718};

static const struct {
    const char *name, *address;
    const char *head;  // of the frame, up to the UDP checksum
    size_t ttl_at;
} frames[] = {
    {"IPv4", "192.0.2.1",
     "020000000002 020000000001 0800 45b8004c 00004000 ff11f6e5 c0000201 c0000201 ee48 0ec9 0038",
     14 + 8},
    {"IPv6", "2001:db8::1",
     "020000000002 020000000001 86dd 6b812345 003811ff 20010db8 00000000 00000000 00000001"
     "20010db8 00000000 00000000 00000001 ee48 0ec9 0038",
     14 + 7},
};

static size_t frame_of(const char *address, uint8_t *bytes)
{
    const struct hairpin_link link = {
        .our_mac = {2, 0, 0, 0, 0, 1},
        .neighbour_mac = {2, 0, 0, 0, 0, 2},
        .address = check_address(address),
        .source_port = 61000,
        .label = 0x12345,
        .dscp = 46,
    };
    struct writer w = writer_over(bytes, HAIRPIN_FRAME_MAX);
    hairpin_encode(&w, &link, &probe, key);
    return writer_ok(&w) ? w.size : 0;
}

// As a neighbour does it; the checksum of the header is its matter and of no interest to us.
static size_t turned_around(size_t i, uint8_t *bytes)
{
    size_t size = frame_of(frames[i].address, bytes);
    bytes[frames[i].ttl_at]--;
    return size;
}

static void a_frame_is_as_the_rfcs_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        uint8_t bytes[HAIRPIN_FRAME_MAX], expected[HAIRPIN_FRAME_MAX];
        size_t size = frame_of(frames[i].address, bytes);
        size_t head = check_hex(frames[i].head, expected);
        CHECK_ROW(frames[i].name, size == head + 2 + 48);
        CHECK_ROW(frames[i].name, memcmp(bytes, expected, head) == 0);
        CHECK_ROW(frames[i].name, bytes[head] != 0 || bytes[head + 1] != 0);  // a must in IPv6
    }
}

static void what_comes_back_is_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        uint8_t bytes[HAIRPIN_FRAME_MAX];
        struct hairpin_probe back = {0};
        size_t size = turned_around(i, bytes);
        CHECK_ROW(frames[i].name, hairpin_decode(bytes, size, key, &back));
        CHECK_ROW(frames[i].name, back.flow == 9 && back.sequence == 0x01020304);
        CHECK_ROW(frames[i].name, back.sent_at == probe.sent_at);
    }
}

// Our own sending is heard on the same socket, and a switch may flood it back to us unforwarded.
static void what_was_not_forwarded_is_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        struct hairpin_probe back;
        for (int ttl = 0; ttl <= 255; ttl++) {
            uint8_t bytes[HAIRPIN_FRAME_MAX];
            size_t size = frame_of(frames[i].address, bytes);
            bytes[frames[i].ttl_at] = (uint8_t)ttl;
            CHECK_ROW(frames[i].name, hairpin_decode(bytes, size, key, &back) == (ttl == 254));
        }
    }
}

// Of every octet that says whose it is, each bit counts.
static void what_was_changed_is_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        uint8_t bytes[HAIRPIN_FRAME_MAX];
        struct hairpin_probe back;
        size_t size = turned_around(i, bytes), payload = size - 48;
        for (size_t at = payload; at < payload + 24; at++)
            for (int bit = 0; bit < 8; bit++) {
                bytes[at] ^= (uint8_t)(1 << bit);
                CHECK_ROW(frames[i].name, !hairpin_decode(bytes, size, key, &back));
                bytes[at] ^= (uint8_t)(1 << bit);
            }
        bytes[payload - 9] ^= 1;  // the destination address
        CHECK_ROW(frames[i].name, !hairpin_decode(bytes, size, key, &back));
        bytes[payload - 9] ^= 1;
        bytes[payload - 5] ^= 1;  // the destination port
        CHECK_ROW(frames[i].name, !hairpin_decode(bytes, size, key, &back));
        bytes[payload - 5] ^= 1;
        struct siphash_key other = {key.low ^ 1, key.high};
        CHECK_ROW(frames[i].name, !hairpin_decode(bytes, size, other, &back));
        CHECK_ROW(frames[i].name, hairpin_decode(bytes, size, key, &back));
    }
}

static void every_cut_is_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        uint8_t bytes[HAIRPIN_FRAME_MAX];
        struct hairpin_probe back;
        size_t size = turned_around(i, bytes);
        for (size_t cut = 0; cut < size - 24; cut++)
            CHECK_ROW(frames[i].name, !hairpin_decode(bytes, cut, key, &back));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_is_as_the_rfcs_say),
        cmocka_unit_test(what_comes_back_is_known),
        cmocka_unit_test(what_was_not_forwarded_is_none),
        cmocka_unit_test(what_was_changed_is_none),
        cmocka_unit_test(every_cut_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
