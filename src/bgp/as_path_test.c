// SPDX-License-Identifier: ISC
#include "bgp/as_path.h"

#include "base/check.h"

#include <string.h>

// RFC 6793 §4.2.3: how a path of 2-octet numbers and its AS4_PATH become one.
static const struct {
    const char *name;
    uint8_t as_size;
    const char *as_path, *as4_path, *whole;
    uint32_t length, neighbour, origin;
} rows[] = {
    {"empty", 4, "", "", "", 0, 0, 0},
    {"as it is", 4, "0202 0000fde9 fa56ea00", "", "0202 0000fde9 fa56ea00", 2, 65001, 4200000000},
    {"4-octet speaker's AS4_PATH is not for us", 4, "0201 0000fde9", "0201 fa56ea00",
     "0201 0000fde9", 1, 65001, 65001},
    {"widened", 2, "0202 fde9 fde8", "", "0202 0000fde9 0000fde8", 2, 65001, 65000},
    {"merged", 2, "0203 fde9 5ba0 fe4c", "0202 fa56ea00 0000fe4c",
     "0201 0000fde9 0202 fa56ea00 0000fe4c", 3, 65001, 65100},
    {"all of it replaced", 2, "0202 5ba0 fe4c", "0202 fa56ea00 0000fe4c", "0202 fa56ea00 0000fe4c",
     2, 4200000000, 65100},
    {"AS4_PATH too long", 2, "0201 5ba0", "0202 fa56ea00 0000fe4c", "0201 00005ba0", 1, 23456,
     23456},
    {"set is one", 2, "0202 fde9 5ba0 0102 0001 0002", "0101 fa56ea00",
     "0202 0000fde9 00005ba0 0101 fa56ea00", 3, 65001, 0},
    {"set is not cut", 2, "0102 0001 0002 0201 5ba0", "0202 fa56ea00 fa56ea00",
     "0202 fa56ea00 fa56ea00", 2, 4200000000, 4200000000},
    {"confederation before", 2, "0301 0007 0202 fde9 5ba0", "0201 fa56ea00",
     "0301 00000007 0201 0000fde9 0201 fa56ea00", 2, 65001, 4200000000},
    {"begins with a set", 4, "0102 00000001 00000002 0201 0000fde9", "",
     "0102 00000001 00000002 0201 0000fde9", 2, 0, 65001},
};

static void says_what_the_rfcs_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t as_path[64], as4_path[64], expected[64], out[64];
        struct bgp_attributes attributes = {.as_size = rows[i].as_size};
        attributes.as_path = (struct bgp_bytes){as_path, check_hex(rows[i].as_path, as_path)};
        attributes.as4_path = (struct bgp_bytes){as4_path, check_hex(rows[i].as4_path, as4_path)};
        size_t size = check_hex(rows[i].whole, expected);

        struct writer w = writer_over(out, sizeof out);
        bgp_as_path_write(&w, &attributes);
        CHECK_ROW(rows[i].name, writer_ok(&w) && w.size == size);
        CHECK_ROW(rows[i].name, memcmp(out, expected, size) == 0);
        struct bgp_bytes whole = {out, w.size};
        CHECK_ROW(rows[i].name, bgp_as_path_length(whole) == rows[i].length);
        CHECK_ROW(rows[i].name, bgp_as_path_neighbour(whole) == rows[i].neighbour);
        CHECK_ROW(rows[i].name, bgp_as_path_origin(whole) == rows[i].origin);
    }
}

static void is_written_as_bgpdump_does(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        uint8_t as_size;
        const char *text;
    } texts[] = {
        {"", 4, ""},
        {"0202 0000fde9 fa56ea00", 4, "65001 4200000000"},
        {"0201 fde9", 2, "65001"},
        {"0201 0001 0102 0002 0003 0201 0004", 2, "1 {2,3} 4"},
        {"0302 0001 0002 0402 0003 0004 0201 0005", 2, "(1 2) [3,4] 5"},
        {"0201 0001 0201 0002", 2, "1 2"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        uint8_t path[64];
        char text[64];
        struct bgp_bytes bytes = {path, check_hex(texts[i].path, path)};
        bgp_as_path_text(bytes, texts[i].as_size, text, sizeof text);
        CHECK_ROW(texts[i].text, strcmp(text, texts[i].text) == 0);
        for (size_t size = 1; size < strlen(texts[i].text); size++) {  // cut, never over the end
            memset(text, 'x', sizeof text);
            bgp_as_path_text(bytes, texts[i].as_size, text, size);
            CHECK_ROW(texts[i].text, strlen(text) == size - 1 && text[size] == 'x');
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_the_rfcs_say),
        cmocka_unit_test(is_written_as_bgpdump_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
