// SPDX-License-Identifier: ISC
#include "bmp/message.h"

#include "base/check.h"
#include "bmp/statistics.h"
#include "bmp/tlv.h"

#include <string.h>

enum { ACCEPT = BMP_ACCEPT, IGNORE = BMP_IGNORE, DISCARD = BMP_DISCARD };
enum { DROP = BMP_DROP, CLOSE = BMP_CLOSE };

#define REST " 0000fbf4 c0000209 6553f100 000003e8 "
#define ZEROS "0000000000000000"
#define PEER "00 00" ZEROS "000000000000000000000000 c0000209" REST
#define PEER6 "00 80" ZEROS "20010db8000000000000000000000009" REST
#define LOC_RIB "03 00" ZEROS ZEROS ZEROS REST
#define ENDS "000000000000000000000000 c0000201 00b3 9c40 "
#define MARK "ffffffffffffffffffffffffffffffff "
#define OPEN MARK "001d 01 04 fbf4 005a c0000202 00 "
#define OPEN_OF_NOBODY MARK "001d 01 04 0000 0001 00000000 00 "
#define CEASE MARK "0015 03 06 02 "

// The body behind the header of 6 octets; `at` counts from the header.
static const struct row {
    const char *name;
    uint8_t type;
    const char *body;
    int remedy;
    const char *spec;
    int at;
} rows[] = {
    {"route monitoring", 0, PEER MARK "0017 02 0000 0000", ACCEPT, NULL, 0},
    {"nothing monitored", 0, PEER, ACCEPT, NULL, 0},
    {"no peer header", 0, "", DROP, "RFC 7854 §4.2", 6},
    {"peer header of 41", 0, "00 00" ZEROS ZEROS ZEROS ZEROS "00000000000000", DROP,
     "RFC 7854 §4.2", 44},
    {"peer type 4", 0, "04 00" ZEROS ZEROS ZEROS REST, IGNORE, "RFC 7854 §4.2", 6},
    {"peer type 255", 2, "ff 00" ZEROS ZEROS ZEROS REST "01", IGNORE, "RFC 7854 §4.2", 6},
    {"statistics", 1, PEER "00000001 0000 0004 00000007", ACCEPT, NULL, 0},
    {"no statistics", 1, PEER "00000000", ACCEPT, NULL, 0},
    {"more statistics than said", 1, PEER "00000000 0000 0004 00000007", ACCEPT, NULL, 0},
    {"fewer statistics than said", 1, PEER "7fffffff 0000 0004 00000007", ACCEPT, NULL, 0},
    {"statistics without count", 1, PEER "000000", DROP, "RFC 7854 §4.8", 48},
    {"counter overruns", 1, PEER "00000002 0000 0004 00000007 0007 0008 00000001", DROP,
     "RFC 7854 §4.8", 60},
    {"counter without length", 1, PEER "00000001 0000 00", DROP, "RFC 7854 §4.8", 52},
    {"down, NOTIFICATION sent", 2, PEER "01" CEASE, ACCEPT, NULL, 0},
    {"down, FSM event", 2, PEER "02 0009", ACCEPT, NULL, 0},
    {"down, NOTIFICATION received", 2, PEER "03" CEASE, ACCEPT, NULL, 0},
    {"down, connection lost", 2, PEER "04", ACCEPT, NULL, 0},
    {"down, no longer monitored", 2, PEER "05", ACCEPT, NULL, 0},
    {"Loc-RIB closed", 2, LOC_RIB "06 0003 0003 766966", ACCEPT, NULL, 0},
    {"Loc-RIB closed, name overruns", 2, LOC_RIB "06 0003 0004 766966", DISCARD, "RFC 9069 §5.3",
     49},
    {"down for reason 0", 2, PEER "00", ACCEPT, NULL, 0},
    {"down for reason 200", 2, PEER "c8", ACCEPT, NULL, 0},
    {"down without reason", 2, PEER, DROP, "RFC 7854 §4.9", 48},
    {"down, FSM event cut", 2, PEER "02 00", DISCARD, "RFC 7854 §4.9", 49},
    {"down, no NOTIFICATION", 2, PEER "01", DISCARD, "RFC 7854 §4.9", 49},
    {"down, NOTIFICATION cut", 2, PEER "03" MARK "0015 03 06", DISCARD, "RFC 7854 §4.9", 49},
    {"down, OPEN as NOTIFICATION", 2, PEER "03" OPEN, DISCARD, "RFC 7854 §4.9", 49},
    {"up", 3, PEER ENDS OPEN OPEN, ACCEPT, NULL, 0},
    {"up with names", 3, PEER ENDS OPEN OPEN "0003 0003 726564 0004 0001 78", ACCEPT, NULL, 0},
    {"up, names overrun", 3, PEER ENDS OPEN OPEN "0003 0003 726564 0004 0002 78", DISCARD,
     "RFC 7854 §4.10", 133},
    {"up, what no session would take", 3, PEER ENDS OPEN_OF_NOBODY OPEN_OF_NOBODY, ACCEPT, NULL, 0},
    {"up, no ends", 3, PEER, DROP, "RFC 7854 §4.10", 48},
    {"up, ends cut", 3, PEER "000000000000000000000000 c0000201 00b3 9c", DROP, "RFC 7854 §4.10",
     66},
    {"up without OPEN", 3, PEER ENDS, DROP, "RFC 7854 §4.10", 68},
    {"up, OPEN cut", 3, PEER ENDS MARK "001d 01 04 fbf4 005a c0", DROP, "RFC 7854 §4.10", 68},
    {"up, one OPEN", 3, PEER ENDS OPEN, DROP, "RFC 7854 §4.10", 97},
    {"up, second OPEN cut", 3, PEER ENDS OPEN MARK "001d 01 04 fbf4 005a c0", DROP,
     "RFC 7854 §4.10", 97},
    {"up, parameters overrun", 3, PEER ENDS OPEN MARK "001d 01 04 fbf4 005a c0000202 01", DROP,
     "RFC 7854 §4.10", 97},
    {"up, KEEPALIVEs as OPENs", 3, PEER ENDS MARK "0013 04" MARK "0013 04", DROP, "RFC 7854 §4.10",
     68},
    {"Loc-RIB up", 3, LOC_RIB ENDS OPEN OPEN, ACCEPT, NULL, 0},
    {"up, NOTIFICATION as OPEN", 3, PEER ENDS OPEN CEASE, DROP, "RFC 7854 §4.10", 97},
    {"initiation", 4, "0001 0001 78 0002 0002 7231", ACCEPT, NULL, 0},
    {"empty initiation", 4, "", ACCEPT, NULL, 0},
    {"unknown information", 4, "00ff 0001 78", ACCEPT, NULL, 0},
    {"information overruns", 4, "0002 0002 7231 0002 01f4 616263", DROP, "RFC 7854 §4.4", 12},
    {"information of one octet", 4, "00", DROP, "RFC 7854 §4.4", 6},
    {"termination", 5, "0001 0002 0000", CLOSE, "RFC 7854 §4.5", 6},
    {"empty termination", 5, "", CLOSE, "RFC 7854 §4.5", 6},
    {"termination, cut reason", 5, "0001 0001 00", CLOSE, "RFC 7854 §4.5", 6},
    {"termination overruns", 5, "0001 0003 0000", CLOSE, "RFC 7854 §4.5", 6},
    {"mirroring", 6, PEER "0001 0002 0000 0000 0015" CEASE, ACCEPT, NULL, 0},
    {"mirroring nothing", 6, PEER, ACCEPT, NULL, 0},
    {"mirroring overruns", 6, PEER "0000 0015" MARK "0015 03 06", DROP, "RFC 7854 §4.7", 48},
    {"type 7", 7, "", IGNORE, "RFC 7854 §4.1", 5},
    {"type 99", 99, "616263", IGNORE, "RFC 7854 §4.1", 5},
};

static size_t message_of(const struct row *row, uint8_t *bytes)
{
    size_t size = 6 + check_hex(row->body, bytes + 6);
    memcpy(bytes, (uint8_t[]){3, 0, 0, 0, (uint8_t)size, row->type}, 6);
    assert_true(size < 256);
    return size;
}

static struct bmp_verdict decode(const char *name, struct bmp_message *message)
{
    static uint8_t bytes[256];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].name, name) == 0)
            return bmp_message_decode(cursor_over(bytes, message_of(&rows[i], bytes)), message);
    fail_msg("no row '%s'", name);
    return (struct bmp_verdict){0};
}

static void judges_as_the_rfcs_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bytes[256];
        struct bmp_message message;
        size_t size = message_of(&rows[i], bytes);
        struct bmp_verdict verdict = bmp_message_decode(cursor_over(bytes, size), &message);
        CHECK_ROW(rows[i].name, (int)verdict.remedy == rows[i].remedy);
        CHECK_ROW(rows[i].name, !verdict.spec == !rows[i].spec);
        CHECK_ROW(rows[i].name, !verdict.spec || strcmp(verdict.spec, rows[i].spec) == 0);
        CHECK_ROW(rows[i].name, (int)verdict.at == rows[i].at);
        CHECK_ROW(rows[i].name, !verdict.spec == !verdict.reason[0]);
        CHECK_ROW(rows[i].name, message.size == size && message.type == rows[i].type);
    }
}

// What a cut leaves does not agree with its header; put right there, it is a shorter message.
static void survives_every_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bytes[256];
        size_t size = message_of(&rows[i], bytes);
        for (size_t cut = 0; cut < size; cut++) {
            uint8_t *exact = test_malloc(cut + 1);
            memcpy(exact + 1, bytes, cut);
            struct bmp_message message;
            struct cursor c = cursor_over(exact + 1, cut);
            CHECK_ROW(rows[i].name, bmp_message_decode(c, &message).remedy == BMP_CLOSE);
            if (cut >= 6) {
                exact[5] = (uint8_t)cut;
                bool closes = bmp_message_decode(c, &message).remedy == BMP_CLOSE;
                CHECK_ROW(rows[i].name, closes == (rows[i].type == BMP_TERMINATION));
            }
            test_free(exact);
        }
    }
}

static void says_why_a_router_ends_it(void **state)
{
    (void)state;
#define TEN "61616161616161616161"
#define FORTY TEN TEN TEN TEN
    static const struct {
        const char *name, *body, *said;
    } ends[] = {
        {"a reason", "0001 0002 0002", "the router ends it: out-of-resources"},
        {"words, too", "0001 0002 0000 0000 0003 62 79 65",
         "the router ends it: administratively-closed: bye"},
        {"words alone", "0000 0003 62 79 65", "the router ends it: no reason given: bye"},
        {"no words", "0000 0000", "the router ends it: no reason given"},
        {"a terminal's", "0000 0004 1b 5b 32 4a", "the router ends it: no reason given: \\x1b[2J"},
        {"as much as fits", "0000 002f" FORTY "6161616161 c3a9",
         "the router ends it: no reason given: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaé"},
        {"cut before a character", "0000 0030" FORTY "616161616161 c3a9",
         "the router ends it: no reason given: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
    };
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        uint8_t bytes[256];
        struct bmp_message message;
        size_t size = message_of(&(struct row){.type = 5, .body = ends[i].body}, bytes);
        struct bmp_verdict verdict = bmp_message_decode(cursor_over(bytes, size), &message);
        CHECK_ROW(ends[i].name, verdict.remedy == BMP_CLOSE);
        CHECK_ROW(ends[i].name, strcmp(verdict.reason, ends[i].said) == 0);
    }
#undef FORTY
#undef TEN
}

static void closes_when_the_framing_is_bad(void **state)
{
    (void)state;
    static const struct {
        const char *name, *header;
        int remedy, at;
        uint32_t size;
    } frames[] = {
        {"shortest", "03 00000006 04", ACCEPT, 0, 6},
        {"longest", "03 00020000 00", ACCEPT, 0, BMP_MESSAGE_MAX},
        {"above the longest", "03 00020001 00", CLOSE, 1, BMP_MESSAGE_MAX + 1},
        {"4 GiB", "03 ffffffff 00", CLOSE, 1, UINT32_MAX},
        {"length 5", "03 00000005 04", CLOSE, 1, 5},
        {"length 0", "03 00000000 04", CLOSE, 1, 0},
        {"version 0", "00 00000006 04", CLOSE, 0, 6},
        {"version 2", "02 00000006 04", CLOSE, 0, 6},
        {"version 4", "04 00000006 04", CLOSE, 0, 6},
        {"unknown type", "03 00000006 63", ACCEPT, 0, 6},
    };
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        uint8_t bytes[6], type;
        uint32_t size;
        check_hex(frames[i].header, bytes);
        struct bmp_verdict verdict = bmp_frame_decode(cursor_over(bytes, 6), &size, &type);
        CHECK_ROW(frames[i].name, (int)verdict.remedy == frames[i].remedy);
        CHECK_ROW(frames[i].name, size == frames[i].size && type == bytes[5]);
        CHECK_ROW(frames[i].name, (int)verdict.at == frames[i].at);
    }
}

static void tells_peers_and_tables_apart(void **state)
{
    (void)state;
    static const struct {
        const char *name, *type_and_flags, *table, *address;
        bool two_octet_as, filtered;
    } peers[] = {
        {"pre-policy", "00 00", "in-pre", "192.0.2.9", false, false},
        {"post-policy", "00 40", "in-post", "192.0.2.9", false, false},
        {"out, pre-policy", "00 10", "out-pre", "192.0.2.9", false, false},
        {"out, post-policy", "01 50", "out-post", "192.0.2.9", false, false},
        {"2-octet AS numbers", "02 20", "in-pre", "192.0.2.9", true, false},
        {"IPv6", "00 80", "in-pre", "2001:db8::c000:209", false, false},
        {"unknown flags", "00 0f", "in-pre", "192.0.2.9", false, false},
        {"Loc-RIB", "03 00", "loc", "-", false, false},
        {"Loc-RIB, filtered", "03 80", "loc", "-", false, true},
        {"Loc-RIB, other flags", "03 70", "loc", "-", false, false},
    };
    for (size_t i = 0; i < sizeof peers / sizeof peers[0]; i++) {
        uint8_t bytes[BMP_PEER_HEADER_SIZE];
        char text[ADDRESS_TEXT_MAX];
        check_hex(peers[i].type_and_flags, bytes);
        bool ipv6 = bytes[0] != 3 && bytes[1] & 0x80;
        check_hex(ZEROS, bytes + 2);
        check_hex(ipv6 ? "20010db80000000000000000" : "000000000000000000000000", bytes + 10);
        check_hex("c0000209" REST, bytes + 22);
        struct cursor c = cursor_over(bytes, sizeof bytes);
        struct bmp_peer peer;
        bmp_peer_read(&c, &peer);
        CHECK_ROW(peers[i].name, cursor_ok(&c) && cursor_left(&c) == 0);
        CHECK_ROW(peers[i].name, strcmp(bmp_table_name(peer.table), peers[i].table) == 0);
        CHECK_ROW(peers[i].name, strcmp(address_format(peer.address, text), peers[i].address) == 0);
        CHECK_ROW(peers[i].name, peer.two_octet_as == peers[i].two_octet_as);
        CHECK_ROW(peers[i].name, peer.filtered == peers[i].filtered);
        CHECK_ROW(peers[i].name, peer.asn == 64500 && peer.id == 0xc0000209);
        CHECK_ROW(peers[i].name, peer.at_s == 0x6553f100 && peer.at_us == 1000);
    }
}

static void names_distinguishers(void **state)
{
    (void)state;
    static const struct {
        uint8_t type;
        uint64_t distinguisher;
        const char *text;
    } cases[] = {
        {1, 0x0000fbf40000000a, "64500:10"},
        {1, 0x0001c0000201000a, "192.0.2.1:10"},
        {1, 0x0002fa56ea00000a, "4200000000:10"},
        {1, 0x0003000000000001, "844424930131969"},
        {2, 0x0000fbf40000000a, "277025390592010"},
        {2, 7, "7"},
        {1, UINT64_MAX, "18446744073709551615"},
        {3, 0x0000fbf40000000b, "64500:11"},
        {1, 0x0000ffffffffffff, "65535:4294967295"},
        {1, 0x0001ffffffffffff, "255.255.255.255:65535"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[BMP_DISTINGUISHER_TEXT_MAX];
        assert_string_equal(bmp_distinguisher_text(cases[i].type, cases[i].distinguisher, text),
                            cases[i].text);
    }
}

static void reads_the_counters(void **state)
{
    (void)state;
    static const struct {
        const char *name, *counter, *says;
        bool readable;
        uint64_t value;
        uint16_t afi;
        uint8_t safi;
    } cases[] = {
        {"32 bits", "0000 0004 80000001", "rejected_prefixes", true, 0x80000001, 0, 0},
        {"64 bits", "0007 0008 0000000100000002", "adj_rib_in_routes", true, 0x100000002, 0, 0},
        {"of a family", "0009 000b 0002 01 0000000000000007", "adj_rib_in_family_routes", true, 7,
         2, 1},
        {"treated as withdrawn", "000b 0004 00000003", "updates_treated_as_withdraw", true, 3, 0,
         0},
        {"RFC 8671", "000f 0008 0000000000000005", "adj_rib_out_post_routes", true, 5, 0, 0},
        {"RFC 8671, of a family", "0011 000b 0001 80 0000000000000005",
         "adj_rib_out_post_family_routes", true, 5, 1, 128},
        {"32 where 64 belong", "0007 0004 00000001", "adj_rib_in_routes", false, 0, 0, 0},
        {"empty", "0000 0000", "rejected_prefixes", false, 0, 0, 0},
        {"unknown, 32", "0012 0004 00000009", NULL, true, 9, 0, 0},
        {"unknown, 64", "ffff 0008 0000000000000009", NULL, true, 9, 0, 0},
        {"unknown, 3", "ffff 0003 000009", NULL, false, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t bytes[32];
        struct cursor c = cursor_over(bytes, check_hex(cases[i].counter, bytes));
        struct bmp_statistic s;
        CHECK_ROW(cases[i].name, bmp_statistic_next(&c, &s));
        CHECK_ROW(cases[i].name, !s.name == !cases[i].says);
        CHECK_ROW(cases[i].name, !s.name || strcmp(s.name, cases[i].says) == 0);
        CHECK_ROW(cases[i].name, s.readable == cases[i].readable && s.value == cases[i].value);
        CHECK_ROW(cases[i].name, s.afi == cases[i].afi && s.safi == cases[i].safi);
        CHECK_ROW(cases[i].name, !bmp_statistic_next(&c, &s) && cursor_ok(&c));
    }
    for (uint16_t type = 0; type < BMP_STATISTICS; type++)
        assert_non_null(bmp_statistic_name(type));
    assert_null(bmp_statistic_name(BMP_STATISTICS));
}

static void reads_what_peers_said(void **state)
{
    (void)state;
    struct bmp_message message;
    char text[128];
    assert_int_equal(decode("up with names", &message).remedy, BMP_ACCEPT);
    assert_string_equal(address_format(message.up.local_address, text), "192.0.2.1");
    assert_true(message.up.local_port == 179 && message.up.remote_port == 40000);
    assert_true(message.up.sent.asn == 64500 && message.up.received.id == 0xc0000202);
    assert_int_equal(cursor_left(&message.up.sent_bytes), 29);
    struct cursor value;
    assert_true(bmp_tlv_find(message.up.information, BMP_TABLE_NAME, &value));
    assert_memory_equal(cursor_bytes(&value, 3), "red", 3);
    assert_false(bmp_tlv_find(message.up.information, BMP_SYSTEM_NAME, &value));
    assert_int_equal(decode("Loc-RIB up", &message).remedy, BMP_ACCEPT);
    assert_int_equal(message.up.local_address.family, FAMILY_NONE);
    // The last of several counts, and what was read before a bad one stays.
    decode("up, names overrun", &message);
    assert_int_equal(cursor_left(&message.up.information), 7);

    static const struct {
        const char *row, *name, *text;
    } downs[] = {
        {"down, NOTIFICATION sent", "local-notification",
         "the router said Cease/Administrative Shutdown"},
        {"down, NOTIFICATION received", "remote-notification",
         "the peer said Cease/Administrative Shutdown"},
        {"down, no NOTIFICATION", "local-notification", "the router said something unreadable"},
        {"down, FSM event", "local", "the router ended it, FSM event 9"},
        {"down, FSM event cut", "local", "the router ended it, FSM event 0"},
        {"down, connection lost", "remote", "the connection to the peer was lost"},
        {"down, no longer monitored", "unmonitored", "the router tells of it no longer"},
        {"Loc-RIB closed", "loc-rib-closed", "the router closed the instance"},
        {"down for reason 0", "unknown", "unknown reason 0"},
        {"down for reason 200", "unknown", "unknown reason 200"},
    };
    for (size_t i = 0; i < sizeof downs / sizeof downs[0]; i++) {
        decode(downs[i].row, &message);
        CHECK_ROW(downs[i].row,
                  strcmp(bmp_down_reason_name(message.down.reason), downs[i].name) == 0);
        bmp_down_text(&message.down, text, sizeof text);
        CHECK_ROW(downs[i].row, strcmp(text, downs[i].text) == 0);
    }
}

// A text of strangers, longer than there is room for, ends within it and at a character.
static void down_texts_are_safe_and_fit(void **state)
{
    (void)state;
    uint8_t notification[21 + 1 + 254];
    char text[64];
    check_hex(MARK "0114 03 06 02 fe", notification);
    for (size_t i = 22; i < sizeof notification; i += 2)
        memcpy(notification + i, i % 4 ? "\xc3\xa9" : "<\n", 2);
    struct bmp_peer_down down = {.reason = BMP_DOWN_REMOTE_NOTIFICATION, .notified = true};
    bgp_notification_decode(cursor_over(notification + 19, sizeof notification - 19),
                            &down.notification);
    for (size_t size = 1; size <= sizeof text; size++) {
        memset(text, 'X', sizeof text);
        bmp_down_text(&down, text, size);
        assert_true(strlen(text) < size);
        assert_null(strchr(text, '\n'));
        size_t length = strlen(text);
        assert_true(length == 0 || (uint8_t)text[length - 1] != 0xc3);
    }
    assert_non_null(strstr(text, "Shutdown: \xc3\xa9<\\x0a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_as_the_rfcs_say),
        cmocka_unit_test(survives_every_cut),
        cmocka_unit_test(says_why_a_router_ends_it),
        cmocka_unit_test(closes_when_the_framing_is_bad),
        cmocka_unit_test(tells_peers_and_tables_apart),
        cmocka_unit_test(names_distinguishers),
        cmocka_unit_test(reads_the_counters),
        cmocka_unit_test(reads_what_peers_said),
        cmocka_unit_test(down_texts_are_safe_and_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
