// SPDX-License-Identifier: ISC
#include "bgp/notification.h"

#include "base/check.h"
#include "bgp/header.h"

#include <string.h>

// Bodies: code, subcode, then data; of a shutdown a length and a text.
static const struct {
    const char *name, *body, *error, *text;  // text NULL: none
    bool hard_reset;
} rows[] = {
    {"shutdown", "06 02", "Cease/Administrative Shutdown", NULL, false},
    {"with a text", "06 02 05 68656c6c6f", "Cease/Administrative Shutdown", "hello", false},
    {"reset with a text", "06 04 02 6f6b", "Cease/Administrative Reset", "ok", false},
    {"empty text", "06 02 00", "Cease/Administrative Shutdown", "", false},
    {"length overruns", "06 02 c8 616263", "Cease/Administrative Shutdown", "abc", false},
    {"octets behind", "06 02 01 6162", "Cease/Administrative Shutdown", "a", false},
    {"controls", "06 02 09 1b5b33316d000a3c78", "Cease/Administrative Shutdown",
     "\\x1b[31m\\x00\\x0a<x", false},
    {"quote and backslash", "06 02 03 225c7f", "Cease/Administrative Shutdown", "\\x22\\x5c\\x7f",
     false},
    {"UTF-8", "06 02 05 c3a9e282ac", "Cease/Administrative Shutdown", "\xc3\xa9\xe2\x82\xac",
     false},
    {"broken UTF-8", "06 02 04 c328e282", "Cease/Administrative Shutdown", "\\xc3(\\xe2\\x82",
     false},
    {"overlong UTF-8", "06 02 03 c0afed", "Cease/Administrative Shutdown", "\\xc0\\xaf\\xed",
     false},
    {"surrogate", "06 02 03 eda080", "Cease/Administrative Shutdown", "\\xed\\xa0\\x80", false},
    {"C1 control", "06 02 02 c29b", "Cease/Administrative Shutdown", "\\xc2\\x9b", false},
    {"turned text", "06 02 03 e280ae", "Cease/Administrative Shutdown", "\\xe2\\x80\\xae", false},
    {"hidden text", "06 02 03 e281a6", "Cease/Administrative Shutdown", "\\xe2\\x81\\xa6", false},
    {"no text in others", "06 05 02 6f6b", "Cease/Connection Rejected", NULL, false},
    {"hard reset", "06 09 06 02 02 6f6b", "Cease/Administrative Shutdown", "ok", true},
    {"hard reset of nothing", "06 09", "Cease/Hard Reset", NULL, true},
    {"hard reset of half", "06 09 06", "Cease/Hard Reset", NULL, true},
    {"hold timer", "04 00", "Hold Timer Expired", NULL, false},
    {"subcode unknown", "06 63", "Cease/99", NULL, false},
    {"code unknown", "63 01", "99/1", NULL, false},
    {"code 0", "00 00", "0/0", NULL, false},
};

static void reads_what_can_be_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t body[64];
        char error[80], text[BGP_TEXT_MAX];
        struct bgp_notification n;
        struct bgp_verdict verdict =
            bgp_notification_decode(cursor_over(body, check_hex(rows[i].body, body)), &n);
        CHECK_ROW(rows[i].name, verdict.remedy == BGP_CLOSE && n.hard_reset == rows[i].hard_reset);
        bgp_error_name(n.code, n.subcode, error, sizeof error);
        CHECK_ROW(rows[i].name, strcmp(error, rows[i].error) == 0);
        CHECK_ROW(rows[i].name, !n.text == !rows[i].text);
        CHECK_ROW(rows[i].name,
                  !n.text || strcmp(bgp_notification_text(&n, text), rows[i].text) == 0);
    }
}

// Every octet alone, 255 times: the longest text there is, each octet told as one of four.
static void the_longest_text_fits(void **state)
{
    (void)state;
    for (unsigned octet = 0; octet < 256; octet++) {
        uint8_t body[3 + 255] = {6, 2, 255};
        char text[BGP_TEXT_MAX];
        memset(body + 3, (int)octet, 255);
        struct bgp_notification n;
        bgp_notification_decode(cursor_over(body, sizeof body), &n);
        bgp_notification_text(&n, text);
        size_t length = strlen(text);
        assert_true(length == 255 || length == 4 * 255);
        for (size_t i = 0; i < length; i++)
            assert_true(text[i] >= 0x20 && text[i] < 0x7f);
    }
}

static void what_is_encoded_is_decoded(void **state)
{
    (void)state;
    uint8_t bytes[256];
    struct writer w = writer_over(bytes, sizeof bytes);
    struct bgp_verdict sent = bgp_reset(2, 1, 19, "RFC 4271 §6.2", "version 3");
    sent.data[1] = 4;
    sent.data_size = 2;
    bgp_notification_encode(&w, &sent);
    struct bgp_notification n;
    bgp_notification_decode(cursor_over(bytes + 19, w.size - 19), &n);
    assert_true(w.size == 23 && n.code == 2 && n.subcode == 1 && n.data_size == 2);
    assert_memory_equal(n.data, "\x00\x04", 2);
}

// Texts are cut to 128 octets at a character, and only go with shutdown and reset.
static void texts_are_cut_at_a_character(void **state)
{
    (void)state;
    static const struct {
        const char *name, *unit;
        uint8_t subcode;
        size_t units, size;  // of the text that arrives
    } cases[] = {
        {"short", "a", 2, 5, 5},
        {"128", "a", 2, 128, 128},
        {"129", "a", 2, 129, 128},
        {"2 octets", "\xc3\xa9", 2, 64, 128},
        {"3 octets", "\xe2\x82\xac", 4, 60, 126},
        {"4 octets", "\xf0\x9f\x98\x80", 2, 60, 128},
        {"rejected", "a", 5, 5, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[512] = "";
        for (size_t j = 0; j < cases[i].units; j++)
            strcat(text, cases[i].unit);
        uint8_t bytes[256];
        struct writer w = writer_over(bytes, sizeof bytes);
        bgp_cease_encode(&w, cases[i].subcode, text);
        struct bgp_notification n;
        bgp_notification_decode(cursor_over(bytes + 19, w.size - 19), &n);
        CHECK_ROW(cases[i].name, n.text_size == cases[i].size);
        CHECK_ROW(cases[i].name,
                  n.subcode == cases[i].subcode && n.data_size == (n.text ? cases[i].size + 1 : 0));
        CHECK_ROW(cases[i].name, !n.text || memcmp(n.text, text, n.text_size) == 0);
    }
    uint8_t bytes[64];
    struct writer w = writer_over(bytes, sizeof bytes);
    bgp_cease_encode(&w, 2, NULL);
    assert_true(writer_ok(&w) && w.size == 21);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_can_be_read),
        cmocka_unit_test(the_longest_text_fits),
        cmocka_unit_test(what_is_encoded_is_decoded),
        cmocka_unit_test(texts_are_cut_at_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
