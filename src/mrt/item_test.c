// SPDX-License-Identifier: ISC
#include "base/check.h"
#include "mrt/item_check.h"

// Parts of archives, as hex by field.
#define HEAD(type_subtype, size) "6553f100 " type_subtype " " size " "
#define UPDATE                                                                                     \
    "ffffffffffffffffffffffffffffffff 0030 02 0000 0015 40010100 400200 400304 c0000201 "          \
    "400504 00000064 18c63364 "
#define GOOD HEAD("0010 0004", "00000044") "0000fbf4 0000fbf5 0000 0001 c0000201 c0000202 " UPDATE
#define SAYS_GOOD "message 192.0.2.1 64500 192.0.2.2 64501 as4 type 2 size 48+29"
#define PEERS2                                                                                     \
    HEAD("000d 0001", "0000002c")                                                                  \
    "c0000201 0000 0002 02 c0000202 c0000202 0000fbf4 "                                            \
    "01 c0000203 20010db8000000000000000000000003 fbf5 "
#define ATTRS "0015 40010100 400200 400304 c0000201 400504 00000064 "
#define KEEPALIVE "ffffffffffffffffffffffffffffffff 0013 04 "

static const struct {
    const char *name, *hex, *says;
} rows[] = {
    {"nothing", "", ""},
    {"one record", GOOD, SAYS_GOOD},
    {"cut header", "6553f100 0010 00", "cut: 7 of 12"},
    {"cut body", HEAD("0010 0004", "00000044") "0000fbf4", "cut: 16 of 80"},
    {"cut behind a good one", GOOD "65", SAYS_GOOD "; cut: 1 of 12"},
    {"4 GiB", HEAD("0010 0004", "ffffffff") "7878", "too long"},
    {"longest body", HEAD("0010 0004", "04000000"), "cut: 12 of 67108876"},
    {"one more", HEAD("0010 0004", "04000001"), "too long"},
    {"unknown type", HEAD("0063 0001", "00000003") "616263" GOOD, "unknown 99/1; " SAYS_GOOD},
    {"unknown subtype", HEAD("0010 004d", "00000003") "616263" GOOD, "unknown 16/77; " SAYS_GOOD},
    {"snapshot", HEAD("0010 0003", "00000002") "0000", "unknown 16/3"},
    {"empty body", HEAD("0010 0004", "00000000"), "bad at 0"},
    {"short message", HEAD("0010 0004", "00000003") "000000" GOOD, "bad at 0; " SAYS_GOOD},
    {"message beyond its record",
     HEAD("0010 0004", "00000027") "00000001 00000002 0000 0001 00000000 00000000 "
                                   "ffffffffffffffffffffffffffffffff 0fa0 02 " GOOD,
     "bad at 39; " SAYS_GOOD},
    {"message of 18 octets",
     HEAD("0010 0001", "00000023") "0001 0002 0000 0001 00000000 00000000 "
                                   "ffffffffffffffffffffffffffffffff 0012 04 ",
     "bad at 35"},
    {"octet behind the message",
     HEAD("0010 0001", "00000024") "0001 0002 0000 0001 00000000 00000000 " KEEPALIVE "00",
     "bad at 35"},
    {"marker",
     HEAD("0010 0001", "00000023") "0001 0002 0000 0001 00000000 00000000 "
                                   "fffffffffffffffffffffffffffffffe 0013 04 ",
     "bad at 16"},
    {"family 9", HEAD("0010 0004", "00000010") "00000001 00000002 0000 0009 00000000", "bad at 10"},
    {"message", HEAD("0010 0001", "00000023") "0001 0002 0000 0001 01020304 05060708 " KEEPALIVE,
     "message 1.2.3.4 1 5.6.7.8 2 as2 type 4 size 19+0"},
    {"message as4",
     HEAD("0010 0004", "00000027") "00030001 0002 0002 0000 0001 01020304 05060708 " KEEPALIVE,
     "message 1.2.3.4 196609 5.6.7.8 131074 as4 type 4 size 19+0"},
    {"message sent",
     HEAD("0010 0006", "00000023") "0001 0002 0000 0001 01020304 05060708 " KEEPALIVE,
     "message 1.2.3.4 1 5.6.7.8 2 as2 sent type 4 size 19+0"},
    {"message sent as4",
     HEAD("0010 0007", "00000027") "00000001 00000002 0000 0001 01020304 05060708 " KEEPALIVE,
     "message 1.2.3.4 1 5.6.7.8 2 as4 sent type 4 size 19+0"},
    {"message addpath",
     HEAD("0010 0008", "00000023") "0001 0002 0000 0001 01020304 05060708 " KEEPALIVE,
     "message 1.2.3.4 1 5.6.7.8 2 as2 addpath type 4 size 19+0"},
    {"message as4 addpath",
     HEAD("0010 0009", "00000027") "00000001 00000002 0000 0001 01020304 05060708 " KEEPALIVE,
     "message 1.2.3.4 1 5.6.7.8 2 as4 addpath type 4 size 19+0"},
    {"message sent addpath",
     HEAD("0010 000a", "00000023") "0001 0002 0000 0001 01020304 05060708 " KEEPALIVE,
     "message 1.2.3.4 1 5.6.7.8 2 as2 sent addpath type 4 size 19+0"},
    {"message sent as4 addpath",
     HEAD("0010 000b", "00000027") "00000001 00000002 0000 0001 01020304 05060708 " KEEPALIVE,
     "message 1.2.3.4 1 5.6.7.8 2 as4 sent addpath type 4 size 19+0"},
    {"message over IPv6",
     HEAD(
         "0010 0001",
         "0000003b") "0001 0002 0000 0002 "
                     "20010db8000000000000000000000001 20010db8000000000000000000000002 " KEEPALIVE,
     "message 2001:db8::1 1 2001:db8::2 2 as2 type 4 size 19+0"},
    {"microseconds",
     HEAD("0011 0001", "00000027") "000f4240 0001 0002 0000 0001 01020304 05060708 " KEEPALIVE,
     "message 1.2.3.4 1 5.6.7.8 2 as2 type 4 size 19+0"},
    {"no room for microseconds", HEAD("0011 0004", "00000002") "0000" GOOD, "bad at 0; " SAYS_GOOD},
    {"no room for microseconds of what nobody knows", HEAD("0011 004d", "00000002") "0000",
     "bad at 0"},
    {"early Zebra had no 4-octet numbers", HEAD("0010 0005", "00000008") "0001 0002 0003 0004",
     "bad at 8"},
    {"state", HEAD("0010 0000", "00000014") "0001 0002 0000 0001 01020304 05060708 0001 0002",
     "state 1.2.3.4 1 5.6.7.8 2 as2 1>2"},
    {"state as4",
     HEAD("0010 0005", "00000018") "00000001 00000002 0000 0001 01020304 05060708 0006 0008",
     "state 1.2.3.4 1 5.6.7.8 2 as4 6>8"},
    {"state over IPv6",
     HEAD("0010 0000",
          "0000002c") "0001 0002 0000 0002 "
                      "20010db8000000000000000000000001 20010db8000000000000000000000002 0005 0006",
     "state 2001:db8::1 1 2001:db8::2 2 as2 5>6"},
    {"short state", HEAD("0010 0000", "00000013") "0001 0002 0000 0001 01020304 05060708 0001 00",
     "bad at 18"},
    {"octet behind the states",
     HEAD("0010 0000", "00000015") "0001 0002 0000 0001 01020304 05060708 0001 0002 00",
     "bad at 20"},
    {"early Zebra state", HEAD("0010 0000", "00000008") "0001 0002 0003 0004",
     "state 0.0.0.0 1 0.0.0.0 2 as2 3>4"},
    {"early Zebra message", HEAD("0010 0001", "00000017") "0001 0002 " KEEPALIVE,
     "message 0.0.0.0 1 0.0.0.0 2 as2 type 4 size 19+0"},
    {"MRTd update", HEAD("0005 0001", "00000010") "0001 01020304 0002 05060708 0000 0000",
     "message 1.2.3.4 1 5.6.7.8 2 as2 type 2 size 0+4"},
    {"MRTd open", HEAD("0005 0005", "0000000d") "0001 01020304 0002 05060708 04",
     "message 1.2.3.4 1 5.6.7.8 2 as2 type 1 size 0+1"},
    {"MRTd notification", HEAD("0005 0006", "0000000e") "0001 01020304 0002 05060708 0602",
     "message 1.2.3.4 1 5.6.7.8 2 as2 type 3 size 0+2"},
    {"MRTd keepalive", HEAD("0005 0007", "0000000c") "0001 01020304 0002 05060708",
     "message 1.2.3.4 1 5.6.7.8 2 as2 type 4 size 0+0"},
    {"MRTd state", HEAD("0005 0003", "0000000a") "0001 01020304 0005 0006",
     "state 1.2.3.4 1 - 0 as2 5>6"},
    {"MRTd short", HEAD("0005 0007", "0000000b") "0001 01020304 0002 050607", "bad at 8"},
    {"MRTd sync", HEAD("0005 0004", "00000000"), "unknown 5/4"},

    {"peers", PEERS2, "peers 2"},
    {"no peers", HEAD("000d 0001", "00000008") "c0000201 0000 0000", "peers 0"},
    {"view name", HEAD("000d 0001", "0000000b") "c0000201 0003 616263 0000", "peers 0"},
    {"peer count lies",
     HEAD("000d 0001", "00000015") "00000000 0000 ffff 02 00000000 00000000 00000000" GOOD,
     " bad at 8; " SAYS_GOOD},
    {"peer count is low",
     HEAD("000d 0001", "00000015") "00000000 0000 0000 02 00000000 00000000 00000000", " bad at 8"},
    {"view name lies", HEAD("000d 0001", "00000009") "00000000 ea60 616263" GOOD,
     " bad at 6; " SAYS_GOOD},
    {"peer goes past the end",
     HEAD("000d 0001", "00000013") "00000000 0000 0001 01 00000000 00000000 0000", " bad at 13"},
    {"rib before peers",
     HEAD("000d 0002", "00000027") "00000000 18c63364 0001 0000 00000001 " ATTRS GOOD,
     " bad at 10; " SAYS_GOOD},
    {"rib", PEERS2 HEAD("000d 0002", "00000027") "00000007 18c63364 0001 0000 00000001 " ATTRS,
     "peers 2; rib 7 198.51.100.0/24 (192.0.2.2 64500 1 21)"},
    {"rib of two peers",
     PEERS2 HEAD("000d 0002", "0000002f") "00000007 18c63364 0002 0000 00000001 " ATTRS
                                          "0001 00000002 0000",
     "peers 2; rib 7 198.51.100.0/24 (192.0.2.2 64500 1 21) (2001:db8::3 64501 2 0)"},
    {"host bits", PEERS2 HEAD("000d 0002", "0000000a") "00000007 17c63365 0000",
     "peers 2; rib 7 198.51.100.0/23"},
    {"default route", PEERS2 HEAD("000d 0002", "00000007") "00000007 00 0000",
     "peers 2; rib 7 0.0.0.0/0"},
    {"rib ipv6",
     PEERS2 HEAD("000d 0004", "00000013") "00000007 20 20010db8 0001 0001 00000001 0000 ",
     "peers 2; rib 7 2001:db8::/32 (2001:db8::3 64501 1 0)"},
    {"rib multicast",
     PEERS2 HEAD("000d 0003", "0000000a") "00000007 18c63364 0000" HEAD(
         "000d 0005", "0000000b") "00000007 20 20010db8 0000",
     "peers 2; rib 7 198.51.100.0/24 safi 2; rib 7 2001:db8::/32 safi 2"},
    {"rib addpath",
     PEERS2 HEAD("000d 0008", "00000016") "00000007 18c63364 0001 0000 00000001 00000009 0000 ",
     "peers 2; rib 7 198.51.100.0/24 (192.0.2.2 64500 1 id 9 0)"},
    {"rib ipv6 addpath",
     PEERS2 HEAD("000d 000a", "00000017") "00000007 20 20010db8 0001 0000 00000001 00000009 0000 ",
     "peers 2; rib 7 2001:db8::/32 (192.0.2.2 64500 1 id 9 0)"},
    {"rib multicast addpath",
     PEERS2
         HEAD("000d 0009", "00000016") "00000007 18c63364 0001 0000 00000001 00000009 0000 " HEAD(
             "000d 000b", "00000017") "00000007 20 20010db8 0001 0000 00000001 00000009 0000 ",
     "peers 2; rib 7 198.51.100.0/24 safi 2 (192.0.2.2 64500 1 id 9 0); "
     "rib 7 2001:db8::/32 safi 2 (192.0.2.2 64500 1 id 9 0)"},
    {"generic", PEERS2 HEAD("000d 0006", "0000000e") "00000007 0002 01 2020010db8 0000",
     "peers 2; rib 7 2001:db8::/32"},
    {"generic VPN",
     PEERS2 HEAD(
         "000d 0006",
         "0000001f") "00000007 0001 80 68 0001010000fdf20000000fc0a8 0001 0000 00000001 0000",
     "peers 2; rib 7 foreign 14 octets safi 128 (192.0.2.2 64500 1 0)"},
    {"generic FlowSpec", PEERS2 HEAD("000d 0006", "0000000d") "00000007 0001 85 03 010203 0000",
     "peers 2; rib 7 foreign 4 octets safi 133"},
    {"generic long FlowSpec",
     PEERS2 HEAD("000d 0006", "0000000e") "00000007 0001 86 f003 010203 0000",
     "peers 2; rib 7 foreign 5 octets safi 134"},
    {"generic EVPN", PEERS2 HEAD("000d 0006", "0000000d") "00000007 0019 46 0302 0102 0000",
     "peers 2; rib 7 foreign 4 octets safi 70"},
    {"generic VPLS", PEERS2 HEAD("000d 0006", "0000000d") "00000007 0019 41 0002 0102 0000",
     "peers 2; rib 7 foreign 4 octets safi 65"},
    {"generic addpath as in RFC 8050",
     PEERS2 HEAD("000d 000c",
                 "00000019") "00000007 0001 01 00000009 18c63364 0001 0000 00000001 0000",
     "peers 2; rib 7 198.51.100.0/24 (192.0.2.2 64500 1 id 9 0)"},
    {"generic addpath of GoBGP",
     PEERS2 HEAD("000d 000c",
                 "00000019") "00000007 0001 01 18c63364 0001 0000 00000001 00000009 0000",
     "peers 2; rib 7 198.51.100.0/24 (192.0.2.2 64500 1 id 9 0)"},
    {"generic addpath of GoBGP, where the RFC's form would fit with a rest",
     PEERS2 HEAD("000d 000c", "00000016") "00000007 0001 01 00 0001 0000 00000001 00000009 0000",
     "peers 2; rib 7 0.0.0.0/0 (192.0.2.2 64500 1 id 9 0)"},
    {"geo peers", HEAD("000d 0007", "00000002") "0000", "unknown 13/7"},
    {"subtype 13", HEAD("000d 000d", "00000002") "0000", "unknown 13/13"},
    {"peer index",
     PEERS2 HEAD("000d 0002", "00000012") "00000007 18c63364 0001 0002 00000001 0000" GOOD,
     "peers 2; rib 7 198.51.100.0/24 bad at 10; " SAYS_GOOD},
    {"entry count lies",
     PEERS2 HEAD("000d 0002", "00000027") "00000007 18c63364 1388 0000 00000001 " ATTRS GOOD,
     "peers 2; rib 7 198.51.100.0/24 (192.0.2.2 64500 1 21) bad at 39; " SAYS_GOOD},
    {"entry count is low",
     PEERS2 HEAD("000d 0002", "00000012") "00000007 18c63364 0000 0000 00000001 0000",
     "peers 2; rib 7 198.51.100.0/24 bad at 10"},
    {"prefix length 33", PEERS2 HEAD("000d 0002", "0000000c") "00000000 2100000000 000000" GOOD,
     "peers 2;  bad at 4; " SAYS_GOOD},
    {"prefix length 129",
     PEERS2 HEAD("000d 0004", "00000018") "00000000 810000000000000000000000000000000000 0000",
     "peers 2;  bad at 4"},
    {"attributes go past the end",
     PEERS2 HEAD("000d 0002", "00000012") "00000007 18c63364 0001 0000 00000001 ea60" GOOD,
     "peers 2; rib 7 198.51.100.0/24 bad at 18; " SAYS_GOOD},
    {"bad peers end the good ones",
     PEERS2 HEAD("000d 0001", "00000000")
         HEAD("000d 0002", "00000012") "00000007 18c63364 0001 0000 00000001 0000",
     "peers 2;  bad at 0;  bad at 10"},

    {"table dump",
     HEAD("000c 0001", "00000016") "0000 0001 c6336400 18 01 00000005 c0000202 fbf4 0000",
     "route 198.51.100.0/24 192.0.2.2 64500 5 as2 0"},
    {"table dump ipv6",
     HEAD("000c 0002", "0000002e") "0000 0001 20010db8000000000000000000000000 "
                                   "20 01 00000005 20010db8000000000000000000000003 fbf4 0000",
     "route 2001:db8::/32 2001:db8::3 64500 5 as2 0"},
    {"table dump as4",
     HEAD("000c 0003", "00000018") "0000 0001 c6336400 18 01 00000005 c0000202 0000fbf4 0000",
     "route 198.51.100.0/24 192.0.2.2 64500 5 as4 0"},
    {"table dump ipv6 as4",
     HEAD("000c 0004", "00000030") "0000 0001 "
                                   "20010db8000000000000000000000000 20 01 00000005 "
                                   "20010db8000000000000000000000003 0000fbf4 0000",
     "route 2001:db8::/32 2001:db8::3 64500 5 as4 0"},
    {"table dump 5", HEAD("000c 0005", "00000000"), "unknown 12/5"},
    {"table dump 0", HEAD("000c 0000", "00000000"), "unknown 12/0"},
    {"table dump /33",
     HEAD("000c 0001", "00000016") "0000 0001 c6336400 21 01 00000005 c0000202 fbf4 0000",
     "bad at 22"},
    {"table dump, cut attributes",
     HEAD("000c 0001", "00000016") "0000 0001 c6336400 18 01 00000005 c0000202 fbf4 0001",
     "bad at 22"},
    {"table dump, octet too many",
     HEAD("000c 0001", "00000017") "0000 0001 c6336400 18 01 00000005 c0000202 fbf4 0000 00",
     "bad at 22"},
    {"entry",
     HEAD("0010 0002", "00000026") "0001 0002 0000 0001 01020304 05060708 0000 0001 00000005 0001 "
                                   "01 04 0a000001 18c63364 0000",
     "route 198.51.100.0/24 1.2.3.4 1 5 as2 0"},
    {"entry of another family",
     HEAD("0010 0002", "00000023") "0001 0002 0000 0001 01020304 05060708 0000 0001 00000005 0001 "
                                   "80 00 18c63364 0000 00",
     "bad at 34"},
    {"entry of family 9", HEAD("0010 0002", "0000000c") "0001 0002 0000 0009 01020304", "bad at 6"},
    {"short entry",
     HEAD("0010 0002", "00000024") "0001 0002 0000 0001 01020304 05060708 0000 0001 00000005 0001 "
                                   "01 04 0a000001 18c63364",
     "bad at 36"},
};

static void every_record_says_what_it_holds(void **state)
{
    (void)state;
    static struct mrt_text out;
    static uint8_t bytes[4096];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t size = check_hex(rows[i].hex, bytes);
        const char *says = mrt_say_archive(&out, bytes, size);
        if (strcmp(says, rows[i].says) != 0)
            fail_msg("row '%s': '%s', not '%s'", rows[i].name, says, rows[i].says);
    }
}

static void times_and_offsets(void **state)
{
    (void)state;
    uint8_t bytes[64];
    size_t size = check_hex(
        HEAD("0011 0000", "00000006") "000f423f 0102" HEAD("0000 0000", "00000000"), bytes);
    struct mrt_reader reader = mrt_reader_over(bytes, size, 1000);
    struct mrt_record record = {0};
    assert_int_equal(mrt_reader_next(&reader, &record), MRT_RECORD);
    assert_int_equal(record.time_s, 0x6553f100);
    assert_int_equal(record.time_us, 999999);
    assert_int_equal(record.offset, 1000);
    assert_int_equal(cursor_left(&record.body), 2);
    assert_int_equal(mrt_reader_next(&reader, &record), MRT_RECORD);
    assert_int_equal(record.time_us, 0);
    assert_int_equal(record.offset, 1018);
    assert_int_equal(mrt_reader_next(&reader, &record), MRT_PARTIAL);
    assert_int_equal(mrt_reader_left(&reader), 0);
}

// A cut archive gives the records before the cut, and the same ones again once the rest is there.
static void every_cut_waits_for_the_rest(void **state)
{
    (void)state;
    static uint8_t bytes[512];
    size_t first = check_hex(PEERS2, bytes);
    size_t second = first + check_hex(GOOD, bytes + first);
    for (size_t cut = 0; cut <= second; cut++) {
        struct mrt_reader reader = mrt_reader_over(bytes, cut, 0);
        struct mrt_record record = {0};
        size_t records = 0;
        while (mrt_reader_next(&reader, &record) == MRT_RECORD)
            records++;
        assert_int_equal(records, (cut >= first) + (cut == second));
        size_t begun = reader.pos;
        assert_int_equal(begun, cut == second ? second : cut >= first ? first : 0);
        reader = mrt_reader_over(bytes + begun, second - begun, begun);
        if (cut < second) {
            assert_int_equal(mrt_reader_next(&reader, &record), MRT_RECORD);
            assert_int_equal(record.offset, begun);
        }
    }
}

static void types_have_names(void **state)
{
    (void)state;
    assert_string_equal(mrt_type_name(13), "TABLE_DUMP_V2");
    assert_string_equal(mrt_type_name(49), "OSPFv3_ET");
    assert_null(mrt_type_name(50));
    assert_null(mrt_type_name(31));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_says_what_it_holds),
        cmocka_unit_test(times_and_offsets),
        cmocka_unit_test(every_cut_waits_for_the_rest),
        cmocka_unit_test(types_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
