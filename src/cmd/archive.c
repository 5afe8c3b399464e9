// SPDX-License-Identifier: ISC
#include "cmd/archive.h"

#include "cmd/unpack.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW_SIZE = 1 << 18 };  // octets to begin with: they stay in the processor's cache

struct archive {
    struct unpack *unpack;
    uint8_t *bytes;
    size_t capacity;
    struct mrt_reader reader;  // over `bytes`
    char error[256];
};

struct archive *archive_open(const char *path)
{
    struct archive *a = calloc(1, sizeof *a);
    if (!a)
        return NULL;
    a->bytes = malloc(WINDOW_SIZE);
    a->capacity = WINDOW_SIZE;
    a->reader = mrt_reader_over(NULL, 0, 0);
    a->unpack = a->bytes ? unpack_open(path) : NULL;
    if (!a->unpack) {
        int why = errno;
        archive_close(a);
        errno = why;
        return NULL;
    }
    return a;
}

void archive_close(struct archive *a)
{
    if (!a)
        return;
    unpack_close(a->unpack);
    free(a->bytes);
    free(a);
}

const char *archive_error(const struct archive *a)
{
    return a->error;
}

// Where a record fills the whole window, and more of it is still to come, the window doubles.
static bool grow(struct archive *a)
{
    uint8_t *bytes = realloc(a->bytes, a->capacity * 2);
    if (!bytes)
        return false;
    a->bytes = bytes;
    a->capacity *= 2;
    return true;
}

// Reads on behind what is left. False when nothing came.
static bool refill(struct archive *a)
{
    size_t left = mrt_reader_left(&a->reader);
    if (left == a->capacity && !grow(a))
        return false;
    if (left > 0 && a->reader.pos > 0)
        memmove(a->bytes, a->bytes + a->reader.pos, left);
    size_t got = unpack_read(a->unpack, a->bytes + left, a->capacity - left);
    uint64_t offset = a->reader.offset + a->reader.pos;
    a->reader = mrt_reader_over(a->bytes, left + got, offset);
    return got > 0;
}

static enum archive_step damaged(struct archive *a, enum mrt_step step)
{
    const struct mrt_reader *reader = &a->reader;
    size_t left = mrt_reader_left(reader), wanted = mrt_reader_wanted(reader);
    const char *why = unpack_error(a->unpack);
    if (left == 0 && !why)
        return ARCHIVE_END;
    int size = snprintf(a->error, sizeof a->error, "damaged at octet %" PRIu64 ": ",
                        reader->offset + reader->pos);
    char *rest = a->error + size;
    size_t room = sizeof a->error - (size_t)size;
    if (step == MRT_TOO_LONG)
        snprintf(rest, room, "a record of %zu octets would begin there, more than any has", wanted);
    else if (left > 0 && left < MRT_HEADER_SIZE)
        snprintf(rest, room, "a record's header of %d octets begins there, %zu are left%s%s",
                 MRT_HEADER_SIZE, left, why ? ": " : "", why ? why : "");
    else if (left > 0)
        snprintf(rest, room, "a record of %zu octets begins there, %zu are left%s%s", wanted, left,
                 why ? ": " : "", why ? why : "");
    else
        snprintf(rest, room, "%s", why);
    return ARCHIVE_DAMAGED;
}

enum archive_step archive_next(struct archive *a, struct mrt_record *record)
{
    enum mrt_step step;
    while ((step = mrt_reader_next(&a->reader, record)) != MRT_RECORD)
        if (step == MRT_TOO_LONG || !refill(a))
            return damaged(a, step);
    return ARCHIVE_RECORD;
}
