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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_no_bgpdump_can_tell),
        cmocka_unit_test(a_long_text_comes_in_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
