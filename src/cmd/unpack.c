// SPDX-License-Identifier: ISC
#include "cmd/unpack.h"

#include <bzlib.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum {
    INPUT_SIZE = 1 << 18,  // octets read at once
    BLOCK_SIZE = 1 << 20,  // of a bzip2 block, to begin with: 900 kB, more where it has long runs
};

enum step { STEP_ON, STEP_END, STEP_BAD };  // END: of one packed stream

struct window {
    uint8_t *at;
    size_t left;
};

struct unpack {
    const struct format *format;
    int fd;
    bool input_ended;
    bool inside;  // a packed stream has begun and not ended
    uint8_t *input;
    struct window in;  // of `input`, not yet used
    uint8_t *block;    // of bzip2, unpacked
    size_t block_capacity;
    struct window held;  // of `block`, not yet used
    char error[96];
    union {
        z_stream zlib;
        bz_stream bzip2;
        ZSTD_DStream *zstd;
    } state;
};

struct format {
    const char *name, *magic;
    size_t magic_size;
    bool (*begin)(struct unpack *u);
    enum step (*step)(struct unpack *u, struct window *out);
    void (*end)(struct unpack *u);
};

// The libraries count in 32 bits.
static unsigned narrow(size_t size)
{
    return size < (1u << 30) ? (unsigned)size : 1u << 30;
}

static void advance(struct window *w, size_t size)
{
    w->at += size;
    w->left -= size;
}

static void copy(struct window *from, struct window *to)
{
    size_t size = from->left < to->left ? from->left : to->left;
    if (size == 0)
        return;
    memcpy(to->at, from->at, size);
    advance(from, size);
    advance(to, size);
}

static bool gzip_begin(struct unpack *u)
{
    enum { GZIP_ONLY = 16 };
    u->state.zlib = (z_stream){0};
    return inflateInit2(&u->state.zlib, MAX_WBITS + GZIP_ONLY) == Z_OK;
}

static enum step gzip_step(struct unpack *u, struct window *out)
{
    z_stream *z = &u->state.zlib;
    unsigned in_size = narrow(u->in.left), out_size = narrow(out->left);
    z->next_in = u->in.at;
    z->avail_in = in_size;
    z->next_out = out->at;
    z->avail_out = out_size;
    int result = inflate(z, Z_NO_FLUSH);
    advance(&u->in, in_size - z->avail_in);
    advance(out, out_size - z->avail_out);
    if (result == Z_STREAM_END)
        return STEP_END;
    return result == Z_OK || result == Z_BUF_ERROR ? STEP_ON : STEP_BAD;
}

static void gzip_end(struct unpack *u)
{
    inflateEnd(&u->state.zlib);
}

static bool bzip2_begin(struct unpack *u)
{
    u->state.bzip2 = (bz_stream){0};
    return BZ2_bzDecompressInit(&u->state.bzip2, 0, 0) == BZ_OK;
}

static bool grow_block(struct unpack *u)
{
    size_t capacity = u->block ? u->block_capacity * 2 : BLOCK_SIZE;
    uint8_t *block = realloc(u->block, capacity);
    if (!block)
        return false;
    u->block = block;
    u->block_capacity = capacity;
    return true;
}

// Takes input up to the end of a block and gives out nothing of it yet.
static int bzip2_take(struct unpack *u)
{
    bz_stream *bz = &u->state.bzip2;
    unsigned in_size = narrow(u->in.left);
    bz->next_in = (char *)u->in.at;
    bz->avail_in = in_size;
    bz->next_out = (char *)u->input;  // no room there: never written
    bz->avail_out = 0;
    int result = BZ2_bzDecompress(bz);
    advance(&u->in, in_size - bz->avail_in);
    return result;
}

// All of the block that was taken, if one was. Without input the library stops behind its checksum:
// there it has room left, and no error.
static int bzip2_give(struct unpack *u)
{
    bz_stream *bz = &u->state.bzip2;
    size_t size = 0;
    int result;
    do {
        if (size == u->block_capacity && !grow_block(u))
            return BZ_MEM_ERROR;
        unsigned room = narrow(u->block_capacity - size);
        bz->avail_in = 0;
        bz->next_out = (char *)u->block + size;
        bz->avail_out = room;
        result = BZ2_bzDecompress(bz);
        size += room - bz->avail_out;
    } while (result == BZ_OK && bz->avail_out == 0);
    if (result == BZ_OK)
        u->held = (struct window){u->block, size};
    return result;
}

// A damaged bit changes octets anywhere in its block, and the checksum comes behind all of them:
// nothing of a block is used before that is right.
static enum step bzip2_step(struct unpack *u, struct window *out)
{
    if (u->held.left == 0) {
        int result = bzip2_take(u);
        if (result == BZ_OK)
            result = bzip2_give(u);
        if (result != BZ_OK)
            return result == BZ_STREAM_END ? STEP_END : STEP_BAD;
    }
    copy(&u->held, out);
    return STEP_ON;
}

static void bzip2_end(struct unpack *u)
{
    BZ2_bzDecompressEnd(&u->state.bzip2);
}

static bool zstd_begin(struct unpack *u)
{
    u->state.zstd = ZSTD_createDStream();
    return u->state.zstd && !ZSTD_isError(ZSTD_initDStream(u->state.zstd));
}

static enum step zstd_step(struct unpack *u, struct window *out)
{
    ZSTD_inBuffer in = {u->in.at, u->in.left, 0};
    ZSTD_outBuffer made = {out->at, out->left, 0};
    size_t result = ZSTD_decompressStream(u->state.zstd, &made, &in);
    advance(&u->in, in.pos);
    advance(out, made.pos);
    if (ZSTD_isError(result))
        return STEP_BAD;
    return result == 0 ? STEP_END : STEP_ON;
}

static void zstd_end(struct unpack *u)
{
    ZSTD_freeDStream(u->state.zstd);
}

static enum step plain_step(struct unpack *u, struct window *out)
{
    copy(&u->in, out);
    return STEP_ON;
}

static const struct format packed[] = {
    {"gzip", "\x1f\x8b", 2, gzip_begin, gzip_step, gzip_end},
    {"bzip2", "BZh", 3, bzip2_begin, bzip2_step, bzip2_end},
    {"zstd", "\x28\xb5\x2f\xfd", 4, zstd_begin, zstd_step, zstd_end},
};
static const struct format plain = {"plain", "", 0, NULL, plain_step, NULL};

static bool has_magic(const struct unpack *u, const struct format *format)
{
    return u->in.left >= format->magic_size &&
           memcmp(u->in.at, format->magic, format->magic_size) == 0;
}

// Appends to what is left of the input. False at its end and on failure, which is said.
static bool fill(struct unpack *u)
{
    if (u->input_ended)
        return false;
    if (u->in.left > 0)
        memmove(u->input, u->in.at, u->in.left);
    u->in.at = u->input;
    ssize_t size;
    do
        size = read(u->fd, u->input + u->in.left, INPUT_SIZE - u->in.left);
    while (size < 0 && errno == EINTR);
    u->input_ended = size <= 0;
    if (size < 0)
        snprintf(u->error, sizeof u->error, "cannot read: %s", strerror(errno));
    else
        u->in.left += (size_t)size;
    return size > 0;
}

static const struct format *recognise(struct unpack *u)
{
    enum { MAGIC_MAX = 4 };
    while (u->in.left < MAGIC_MAX && fill(u))
        ;
    for (size_t i = 0; i < sizeof packed / sizeof packed[0]; i++)
        if (has_magic(u, &packed[i]))
            return &packed[i];
    return &plain;
}

struct unpack *unpack_open(const char *path)
{
    bool standard = strcmp(path, "-") == 0;
    struct unpack *u = calloc(1, sizeof *u);
    if (!u)
        return NULL;
    u->fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    u->input = malloc(INPUT_SIZE);
    if (u->fd < 0 || !u->input) {
        int why = errno;
        unpack_close(u);
        errno = why;
        return NULL;
    }
    return u;
}

void unpack_close(struct unpack *u)
{
    if (!u)
        return;
    if (u->inside && u->format->end)
        u->format->end(u);
    if (u->fd > STDIN_FILENO)
        close(u->fd);
    free(u->input);
    free(u->block);
    free(u);
}

const char *unpack_error(const struct unpack *u)
{
    return u->error[0] ? u->error : NULL;
}

static void complain(struct unpack *u, const char *what)
{
    if (!u->error[0])
        snprintf(u->error, sizeof u->error, "the %s stream %s", u->format->name, what);
}

// Makes ready for the first packed stream, or for one behind another. False at the end.
static bool begin(struct unpack *u)
{
    if (!u->format)
        u->format = recognise(u);
    else
        while (u->in.left < u->format->magic_size && fill(u))
            ;
    if (u->in.left == 0 || u->error[0])
        return false;
    if (!has_magic(u, u->format)) {
        complain(u, "is followed by something else");
        return false;
    }
    if (u->format->begin && !u->format->begin(u)) {
        complain(u, "cannot be unpacked: no memory");
        return false;
    }
    return u->inside = true;
}

// A plain file needs no detour by our own buffer once the octets read for recognition are used.
static size_t read_plain(struct unpack *u, void *bytes, size_t size)
{
    ssize_t got;
    do
        got = read(u->fd, bytes, size);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        snprintf(u->error, sizeof u->error, "cannot read: %s", strerror(errno));
    return got > 0 ? (size_t)got : 0;
}

size_t unpack_read(struct unpack *u, void *bytes, size_t size)
{
    struct window out = {bytes, size};
    while (out.left == size && !u->error[0]) {
        if (!u->inside && !begin(u))
            return 0;
        if (u->format == &plain && u->in.left == 0)
            return read_plain(u, bytes, size);
        size_t before = u->in.left;
        enum step step = u->format->step(u, &out);
        if (step == STEP_END) {
            u->format->end(u);
            u->inside = false;
        } else if (step == STEP_BAD) {
            complain(u, "is damaged");
        } else if (u->in.left == before && out.left == size && !fill(u)) {
            complain(u, "ends early");
        }
    }
    return size - out.left;
}
