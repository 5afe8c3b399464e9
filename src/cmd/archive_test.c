// SPDX-License-Identifier: ISC
#include "cmd/archive.h"

#include "base/check.h"

#include <bzlib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum { RECORDS = 40, ARCHIVE_MAX = 1 << 20 };

struct packed {
    uint8_t *bytes;
    size_t size;
};

// An archive of records whose bodies grow: the n-th has n octets of value n.
static struct packed records(void)
{
    struct packed a = {malloc(ARCHIVE_MAX), 0};
    for (uint8_t n = 0; n < RECORDS; n++) {
        const uint8_t head[MRT_HEADER_SIZE] = {0, 0, 0, n, 0, 99, 0, 1, 0, 0, 0, n};
        memcpy(a.bytes + a.size, head, sizeof head);
        memset(a.bytes + a.size + sizeof head, n, n);
        a.size += sizeof head + n;
    }
    return a;
}

static struct packed pack_plain(struct packed a)
{
    return a;
}

static struct packed pack_gzip(struct packed a)
{
    struct packed out = {malloc(ARCHIVE_MAX), 0};
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = a.bytes;
    z.avail_in = (unsigned)a.size;
    z.next_out = out.bytes;
    z.avail_out = ARCHIVE_MAX;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    out.size = z.total_out;
    deflateEnd(&z);
    return out;
}

static struct packed pack_bzip2(struct packed a)
{
    struct packed out = {malloc(ARCHIVE_MAX), 0};
    unsigned size = ARCHIVE_MAX;
    assert_int_equal(BZ2_bzBuffToBuffCompress((char *)out.bytes, &size, (char *)a.bytes,
                                              (unsigned)a.size, 1, 0, 0),
                     BZ_OK);
    out.size = size;
    return out;
}

static struct packed pack_zstd(struct packed a)
{
    struct packed out = {malloc(ARCHIVE_MAX), 0};
    out.size = ZSTD_compress(out.bytes, ARCHIVE_MAX, a.bytes, a.size, 3);
    assert_false(ZSTD_isError(out.size));
    return out;
}

static const struct {
    const char *name;
    struct packed (*pack)(struct packed a);
} forms[] = {
    {"plain", pack_plain}, {"gzip", pack_gzip}, {"bzip2", pack_bzip2}, {"zstd", pack_zstd}};

enum { FORMS = sizeof forms / sizeof forms[0] };

struct place {
    int fd;
    char path[64];
};

static int make_place(void **state)
{
    struct place *place = malloc(sizeof *place);
    *state = place;
    place->fd = memfd_create("archive", 0);
    snprintf(place->path, sizeof place->path, "/proc/self/fd/%d", place->fd);
    return place->fd < 0 ? -1 : 0;
}

static int leave_place(void **state)
{
    struct place *place = *state;
    close(place->fd);
    free(place);
    return 0;
}

struct outcome {
    size_t records;
    enum archive_step end;
    char error[256];
};

// In memory: a disk would make the tests slow.
static void write_file(const struct place *place, const uint8_t *bytes, size_t size)
{
    assert_int_equal(ftruncate(place->fd, 0), 0);
    assert_int_equal(pwrite(place->fd, bytes, size, 0), size);
}

static struct outcome read_file(const char *path)
{
    struct outcome outcome = {0};
    struct archive *a = archive_open(path);
    assert_non_null(a);
    struct mrt_record record;
    while ((outcome.end = archive_next(a, &record)) == ARCHIVE_RECORD) {
        size_t n = outcome.records % RECORDS;
        assert_int_equal(record.time_s, n);
        assert_int_equal(cursor_left(&record.body), n);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(record.body.bytes[i], n);
        outcome.records++;
    }
    snprintf(outcome.error, sizeof outcome.error, "%s", archive_error(a));
    archive_close(a);
    return outcome;
}

static void whole_archives(void **state)
{
    struct place *place = *state;
    struct packed a = records();
    for (size_t i = 0; i < FORMS; i++) {
        struct packed once = forms[i].pack(a);
        write_file(place, once.bytes, once.size);
        struct outcome outcome = read_file(place->path);
        CHECK_ROW(forms[i].name, outcome.end == ARCHIVE_END && outcome.records == RECORDS);

        uint8_t *twice = malloc(2 * once.size + 1);
        memcpy(twice, once.bytes, once.size);
        memcpy(twice + once.size, once.bytes, once.size);
        write_file(place, twice, 2 * once.size);
        outcome = read_file(place->path);
        CHECK_ROW(forms[i].name, outcome.end == ARCHIVE_END && outcome.records == 2 * RECORDS);

        twice[once.size] = 'x';  // no magic, no header
        write_file(place, twice, once.size + 1);
        outcome = read_file(place->path);
        CHECK_ROW(forms[i].name, outcome.end == ARCHIVE_DAMAGED && outcome.records == RECORDS);
        free(twice);
        if (once.bytes != a.bytes)
            free(once.bytes);
    }
    free(a.bytes);
}

// Of an archive cut anywhere: no record that was not there, in the order they were, and a word.
static void cut_archives(void **state)
{
    struct place *place = *state;
    struct packed a = records();
    for (size_t i = 0; i < FORMS; i++) {
        struct packed once = forms[i].pack(a);
        size_t ends = 0, least = 0;
        for (size_t cut = 0; cut < once.size; cut++) {
            write_file(place, once.bytes, cut);
            struct outcome outcome = read_file(place->path);
            CHECK_ROW(forms[i].name, outcome.records >= least && outcome.records <= RECORDS);
            CHECK_ROW(forms[i].name, (outcome.end == ARCHIVE_END) == (outcome.error[0] == '\0'));
            least = outcome.records;
            ends += outcome.end == ARCHIVE_END;
        }
        // An empty file is an empty archive; a plain one may also end behind each record.
        CHECK_ROW(forms[i].name, ends == (i == 0 ? RECORDS : 1));
        if (once.bytes != a.bytes)
            free(once.bytes);
    }
    free(a.bytes);
}

// Every octet in turn set to 00 and ff: an end always comes, and never more records than there
// were.
static void damaged_archives(void **state)
{
    struct place *place = *state;
    struct packed a = records();
    for (size_t i = 1; i < FORMS; i++) {
        struct packed once = forms[i].pack(a);
        for (size_t at = 0; at < 2 * once.size; at++) {
            uint8_t octet = once.bytes[at / 2];
            once.bytes[at / 2] = at % 2 ? 0xff : 0x00;
            write_file(place, once.bytes, once.size);
            struct archive *damaged = archive_open(place->path);
            struct mrt_record record;
            size_t seen = 0;
            while (archive_next(damaged, &record) == ARCHIVE_RECORD)
                seen++;
            CHECK_ROW(forms[i].name, seen <= 900000 / MRT_HEADER_SIZE);
            archive_close(damaged);
            once.bytes[at / 2] = octet;
        }
        free(once.bytes);
    }
    free(a.bytes);
}

// Records of octets that do not pack, in three blocks of bzip2.
static struct packed blocks_of_records(void)
{
    enum { BODY = 500, COUNT = 580 };
    struct packed a = {malloc(ARCHIVE_MAX), 0};
    uint32_t random = 1;
    for (uint32_t n = 0; n < COUNT; n++) {
        const uint8_t head[MRT_HEADER_SIZE] = {1, 2, 3, n & 255, 0,         99,
                                               0, 1, 0, 0,       BODY >> 8, BODY & 255};
        memcpy(a.bytes + a.size, head, sizeof head);
        for (size_t i = 0; i < BODY; i++) {
            random = random * 1664525 + 1013904223;
            a.bytes[a.size + sizeof head + i] = (uint8_t)(random >> 24);
        }
        a.size += sizeof head + BODY;
    }
    return a;
}

// One bit anywhere: all records that end before its block, none that is touched by it, and where
// that was.
static void nothing_of_a_damaged_block(void **state)
{
    struct place *place = *state;
    enum { PLACES = 61, BLOCK = 100000 - 19, RECORD = MRT_HEADER_SIZE + 500 };
    struct packed a = blocks_of_records(), packed = pack_bzip2(a);
    size_t ends[4] = {0};  // how often the damage was said to be in which block
    for (size_t i = 0; i < PLACES; i++) {
        size_t at = 20 + i * (packed.size - 40) / (PLACES - 1);
        packed.bytes[at] ^= (uint8_t)(1 << i % 8);
        write_file(place, packed.bytes, packed.size);
        struct archive *archive = archive_open(place->path);
        struct mrt_record record;
        size_t used = 0;
        enum archive_step step;
        while ((step = archive_next(archive, &record)) == ARCHIVE_RECORD) {
            assert_memory_equal(record.body.bytes, a.bytes + used + MRT_HEADER_SIZE, 500);
            used += RECORD;
        }
        unsigned long long said = 0;
        assert_int_equal(step, ARCHIVE_DAMAGED);
        assert_int_equal(sscanf(archive_error(archive), "damaged at octet %llu:", &said), 1);
        assert_non_null(strstr(archive_error(archive), "the bzip2 stream is damaged"));
        assert_int_equal(said, used);
        size_t block = at * 3 / packed.size;
        if (i % 20 > 2 && i % 20 < 18)  // not so near the end of one
            assert_int_equal(used, block * BLOCK / RECORD * RECORD);
        ends[(used + RECORD) / BLOCK]++;
        archive_close(archive);
        packed.bytes[at] ^= (uint8_t)(1 << i % 8);
    }
    for (size_t block = 0; block < 3; block++)
        assert_true(ends[block] >= 15);
    free(packed.bytes);
    free(a.bytes);
}

// A block of 100 kB that unpacks to megabytes, as equal octets do: a short record and a long one.
static void long_runs_in_a_block(void **state)
{
    struct place *place = *state;
    enum { LONG = 4000000, SIZE = LONG + 2 * MRT_HEADER_SIZE, CHECKSUM_AT = 10 };
    uint8_t *bytes = calloc(1, SIZE), *size = bytes + MRT_HEADER_SIZE + 8;
    size[1] = LONG >> 16, size[2] = LONG >> 8 & 255, size[3] = LONG & 255;
    struct packed packed = pack_bzip2((struct packed){bytes, SIZE});
    write_file(place, packed.bytes, packed.size);
    struct archive *archive = archive_open(place->path);
    struct mrt_record record;
    assert_int_equal(archive_next(archive, &record), ARCHIVE_RECORD);
    assert_int_equal(archive_next(archive, &record), ARCHIVE_RECORD);
    assert_int_equal(cursor_left(&record.body), LONG);
    assert_memory_equal(record.body.bytes, bytes + 2 * MRT_HEADER_SIZE, LONG);
    assert_int_equal(archive_next(archive, &record), ARCHIVE_END);
    archive_close(archive);
    packed.bytes[CHECKSUM_AT] ^= 1;
    write_file(place, packed.bytes, packed.size);
    assert_string_equal(read_file(place->path).error,
                        "damaged at octet 0: the bzip2 stream is damaged");
    free(packed.bytes);
    free(bytes);
}

static void errors_name_the_octet(void **state)
{
    struct place *place = *state;
    struct packed a = records(), packed = pack_gzip(a);
    write_file(place, a.bytes, 12 + 13 + 5);
    assert_string_equal(
        read_file(place->path).error,
        "damaged at octet 25: a record's header of 12 octets begins there, 5 are left");
    write_file(place, a.bytes, 12 + 13 + 13);
    assert_string_equal(read_file(place->path).error,
                        "damaged at octet 25: a record of 14 octets begins there, 13 are left");
    write_file(place, packed.bytes, packed.size - 9);
    assert_non_null(strstr(read_file(place->path).error, ": the gzip stream ends early"));
    write_file(place, packed.bytes, packed.size - 1);  // of its trailer
    assert_string_equal(read_file(place->path).error,
                        "damaged at octet 1260: the gzip stream ends early");
    packed.bytes[packed.size - 5] ^= 1;  // of its checksum
    write_file(place, packed.bytes, packed.size);
    assert_string_equal(read_file(place->path).error,
                        "damaged at octet 1260: the gzip stream is damaged");
    packed.bytes[packed.size - 5] ^= 1;
    packed.bytes[packed.size] = 'x';
    write_file(place, packed.bytes, packed.size + 1);
    assert_string_equal(read_file(place->path).error,
                        "damaged at octet 1260: the gzip stream is followed by something else");
    memset(a.bytes + 8, 0xff, 4);
    write_file(place, a.bytes, a.size);
    assert_string_equal(read_file(place->path).error,
                        "damaged at octet 0: a record of 4294967307 octets would begin there, more "
                        "than any has");
    assert_string_equal(read_file("/").error, "damaged at octet 0: cannot read: Is a directory");
    assert_null(archive_open("/nonexistent"));
    free(packed.bytes);
    free(a.bytes);
}

// A record longer than the window, between two short ones.
static void long_records(void **state)
{
    struct place *place = *state;
    enum { LONG = 3000000 };
    uint8_t *bytes = calloc(1, LONG + 3 * MRT_HEADER_SIZE);
    bytes[MRT_HEADER_SIZE + 8] = 0, bytes[MRT_HEADER_SIZE + 9] = LONG >> 16;
    bytes[MRT_HEADER_SIZE + 10] = LONG >> 8 & 255, bytes[MRT_HEADER_SIZE + 11] = LONG & 255;
    write_file(place, bytes, LONG + 3 * MRT_HEADER_SIZE);
    struct archive *a = archive_open(place->path);
    struct mrt_record record;
    const size_t sizes[] = {0, LONG, 0};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(archive_next(a, &record), ARCHIVE_RECORD);
        assert_int_equal(cursor_left(&record.body), sizes[i]);
    }
    assert_int_equal(record.offset, LONG + 2 * MRT_HEADER_SIZE);
    assert_int_equal(archive_next(a, &record), ARCHIVE_END);
    archive_close(a);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(whole_archives, make_place, leave_place),
        cmocka_unit_test_setup_teardown(cut_archives, make_place, leave_place),
        cmocka_unit_test_setup_teardown(damaged_archives, make_place, leave_place),
        cmocka_unit_test_setup_teardown(nothing_of_a_damaged_block, make_place, leave_place),
        cmocka_unit_test_setup_teardown(long_runs_in_a_block, make_place, leave_place),
        cmocka_unit_test_setup_teardown(errors_name_the_octet, make_place, leave_place),
        cmocka_unit_test_setup_teardown(long_records, make_place, leave_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
