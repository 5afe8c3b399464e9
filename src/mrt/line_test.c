// SPDX-License-Identifier: ISC
// The odd cases stand in tests/corpus/mrt/odd.tsv, where tests/mrt_test.py holds them beside
// bgpdump; here is what bgpdump cannot be asked.
#include "mrt/line.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

#define PEERS                                                                                      \
    "6553f100 000d 0001 0000002e c0000201 0000 0002 02 c0000202 c0000202 0000fbf4 "                \
    "03 c0000203 20010db8000000000000000000000003 0000fbf5 "
#define RIB "6553f100 000d 0002 "
#define DUMP "6553f100 000c 0001 "
#define ROUTE "0000 0001 c6336400 18 01 00000005 c0000202 fbf4 "
#define BASE "40010100 400206 0201 0000fbf4 400304 c0000201 "
#define SAYS                                                                                       \
    "TABLE_DUMP2|1700000000|B|192.0.2.2|64500|198.51.100.0/24|64500|IGP|192.0.2.1|0|0||NAG||\n"

struct taken {
    char text[1 << 19];
    size_t size, times;
};

static void take(void *user, const char *text, size_t size)
{
    struct taken *taken = user;
    assert_true(taken->size + size < sizeof taken->text);
    memcpy(taken->text + taken->size, text, size);
    taken->size += size;
    taken->text[taken->size] = '\0';
    taken->times++;
}

static bool write_archive(struct mrt_lines *lines, const uint8_t *bytes, size_t size)
{
    struct mrt_reader reader = mrt_reader_over(bytes, size, 0);
    struct mrt_record record;
    struct mrt_peers peers = {0};
    bool all = true;
    while (mrt_reader_next(&reader, &record) == MRT_RECORD) {
        struct mrt_item item;
        mrt_item_decode(&record, &peers, &item);
        all &= mrt_lines_write(lines, &record, &item);
    }
    assert_int_equal(mrt_reader_left(&reader), 0);
    mrt_peers_done(&peers);
    return all;
}

static void what_no_bgpdump_can_tell(void **state)
{
    (void)state;
    static const struct {
        const char *name, *hex, *lines;
        bool all;  // every record has a form of line
    } rows[] = {
        {"route", PEERS RIB "00000026 00000007 18c63364 0001 0000 00000001 0014 " BASE, SAYS, true},
        {"bgpdump would copy an empty segment for ever",
         DUMP "0000002f " ROUTE "0019 400206 0200 0201 0064 c01102 0200 400304 c0000201 40010100",
         "TABLE_DUMP|1700000000|B|192.0.2.2|64500|198.51.100.0/24|100|IGP|192.0.2.1|0|0||NAG||\n",
         true},
        {"an empty segment that need not be copied",
         DUMP "00000031 " ROUTE
              "001b 400206 0200 0201 0064 c01108 0200 0201 000000c8 400304 c0000201",
         "TABLE_DUMP|1700000000|B|192.0.2.2|64500|198.51.100.0/"
         "24|200|INCOMPLETE|192.0.2.1|0|0||NAG||\n",
         true},
        {"generic",
         PEERS RIB "00000026 00000007 18c63364 0001 0000 00000001 0014 " BASE
                   "6553f100 000d 0006 0000000d 00000007 0001 01 18c63364 0000",
         SAYS, false},
        {"multicast", "6553f100 000d 0003 0000000a 00000007 18c63364 0000", "", false},
        {"entry",
         "6553f100 0010 0002 00000026 0001 0002 0000 0001 01020304 05060708 0000 0001 00000005 "
         "0001 01 04 0a000001 18c63364 0000",
         "", false},
        {"a BGP message shorter than its header",
         "6553f100 0010 0001 00000032 0001 0002 0000 0001 01020304 05060708 "
         "ffffffffffffffffffffffffffffffff 0012 02 0000 0007 40010100 400200 18c63364",
         "", true},
        {"next hop twice: bgpdump aborts",
         PEERS RIB
         "00000031 00000007 18c63364 0001 0000 00000001 001f 40010100 400206 0201 0000fbf4 "
         "800e05 04 c0000201 800e05 04 c0000202 0000",
         "TABLE_DUMP2|1700000000|B|192.0.2.2|64500|198.51.100.0/"
         "24|64500|IGP|192.0.2.1|0|0||NAG||\n",
         true},
        {"unknown", "6553f100 0030 0000 00000000", "", true},
    };
    static struct taken taken;
    static uint8_t bytes[1024];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        taken.size = 0;
        taken.text[0] = '\0';
        struct mrt_lines *lines = mrt_lines_new(take, &taken);
        bool all = write_archive(lines, bytes, check_hex(rows[i].hex, bytes));
        mrt_lines_flush(lines);
        mrt_lines_free(lines);
        if (strcmp(taken.text, rows[i].lines) != 0)
            fail_msg("row '%s': '%s'", rows[i].name, taken.text);
        CHECK_ROW(rows[i].name, all == rows[i].all);
    }
}

// More text than the buffer holds, lines of any length, and none of it torn or lost.
static void a_long_text_comes_in_pieces(void **state)
{
    (void)state;
    enum { ENTRIES = 4000 };
    static struct taken taken;
    uint8_t *bytes = malloc(1 << 20);
    size_t size = check_hex(PEERS, bytes), begun = size;
    size += check_hex(RIB "00000000 00000007 18c63364 0fa0", bytes + size);
    for (unsigned i = 0; i < ENTRIES; i++) {
        size += check_hex("0000 00000001 0018 " BASE "c00801 00", bytes + size);
        bytes[size - 1] = (uint8_t)i;  // a bad attribute, other octets each time
    }
    for (unsigned i = 0; i < 4; i++)
        bytes[begun + 8 + i] = (uint8_t)((size - begun - MRT_HEADER_SIZE) >> (24 - 8 * i));
    struct mrt_lines *lines = mrt_lines_new(take, &taken);
    assert_true(write_archive(lines, bytes, size));
    mrt_lines_flush(lines);
    size_t pieces = taken.times;
    mrt_lines_flush(lines);
    assert_int_equal(taken.times, pieces);  // there was nothing left
    assert_true(pieces > 1);
    assert_int_equal(taken.size, ENTRIES * strlen(SAYS));
    for (unsigned i = 0; i < ENTRIES; i++)
        assert_memory_equal(taken.text + i * strlen(SAYS), SAYS, strlen(SAYS));
    mrt_lines_free(lines);
    free(bytes);
}

static size_t put_be32(uint8_t *to, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (24 - 8 * i));
    return 4;
}

// The n-th field of a line with one RIB entry, whose attributes are ORIGIN and one long one.
static const char *field_of(uint8_t type, const uint8_t *value, size_t size, unsigned n)
{
    static struct taken taken;
    static uint8_t bytes[1 << 15];
    size_t at = check_hex(PEERS, bytes), begun = at;
    at += check_hex(RIB "00000000 00000007 18c63364 0001 0000 00000001 0000 40010100", bytes + at);
    const uint8_t head[] = {0x50, type, (uint8_t)(size >> 8), (uint8_t)size};
    memcpy(bytes + at, head, sizeof head);
    memcpy(bytes + at + sizeof head, value, size);
    size_t attributes = 4 + sizeof head + size;
    at += sizeof head + size;
    put_be32(bytes + begun + 8, (uint32_t)(at - begun - MRT_HEADER_SIZE));
    size_t length_at = at - attributes - 2;
    bytes[length_at] = (uint8_t)(attributes >> 8);
    bytes[length_at + 1] = (uint8_t)attributes;
    taken.size = 0;
    struct mrt_lines *lines = mrt_lines_new(take, &taken);
    write_archive(lines, bytes, at);
    mrt_lines_flush(lines);
    mrt_lines_free(lines);
    char *field = taken.text;
    for (; n > 0; n--)
        field = strchr(field, '|') + 1;
    *strchr(field, '|') = '\0';
    return field;
}

// Lengths and ends are bgpdump's: it looks whether there is room after each number.
static void long_paths_are_cut(void **state)
{
    (void)state;
    static const struct {
        uint32_t first;
        size_t length;
    } rows[] = {{10, 7914}, {100, 7904}};  // to 7900 octets of text, and to 7901
    static uint8_t path[4096];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t size = 0;
        for (unsigned n = 0; n < 800; n++) {
            if (n % 200 == 0) {
                path[size++] = 2;
                path[size++] = 200;
            }
            size += put_be32(path + size, n == 0 ? rows[i].first : 4000000000);
        }
        const char *text = field_of(2, path, size, 6);
        assert_int_equal(strlen(text), rows[i].length);
        assert_string_equal(text + strlen(text) - 14, " 4000000000...");
    }
}

static void long_communities_are_cut(void **state)
{
    (void)state;
    static const struct {
        size_t communities, length;  // before a no-export, which finds room or not, and 1:1
        const char *end;
    } rows[] = {
        {681, 8185, ":60000 no-export 1:1"},
        {682, 8187, ":60000 60000:60000 1:1"},
        {700, 8190, ":60000 60000:60000 60000:"},
    };
    static uint8_t value[4096];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t size = 0;
        for (size_t n = 0; n < rows[i].communities; n++)
            size += put_be32(value + size, 60000u << 16 | 60000);
        size += put_be32(value + size, 0xffffff01);
        size += put_be32(value + size, 0x00010001);
        const char *text = field_of(8, value, size, 11);
        assert_int_equal(strlen(text), rows[i].length);
        assert_string_equal(text + strlen(text) - strlen(rows[i].end), rows[i].end);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_no_bgpdump_can_tell),
        cmocka_unit_test(a_long_text_comes_in_pieces),
        cmocka_unit_test(long_paths_are_cut),
        cmocka_unit_test(long_communities_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
