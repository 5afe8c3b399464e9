// SPDX-License-Identifier: ISC
#include "cmd/decode_stream.h"

#include "cmd/decode.h"
#include "cmd/decode_pcap.h"
#include "cmd/hex_lines.h"

#include <stdlib.h>
#include <string.h>

struct raw {
    uint8_t *bytes;
    size_t begin, end;  // of what is read and not decoded
    json_int_t offset;  // in the file, of `begin`
    bool last;          // nothing comes behind `end`
    bool over;
    int status;
};

static void refill(FILE *in, size_t capacity, struct raw *raw)
{
    memmove(raw->bytes, raw->bytes + raw->begin, raw->end - raw->begin);
    raw->end -= raw->begin;
    raw->begin = 0;
    raw->end += fread(raw->bytes + raw->end, 1, capacity - raw->end, in);
    raw->last = raw->end < capacity;
}

// False when more octets are needed, or nothing comes any more.
static bool print_next(struct raw *raw, void *stream, const struct decode_protocol *protocol)
{
    struct cursor bytes = cursor_over(raw->bytes + raw->begin, raw->end - raw->begin);
    if (cursor_left(&bytes) == 0)
        return false;
    json_t *object = json_object();
    json_object_set_new(object, "offset", json_integer(raw->offset));
    struct decode_step step = protocol->next(stream, object, bytes, raw->last);
    if (step.taken == 0) {
        json_decref(object);
        return false;
    }
    raw->begin += step.taken;
    raw->offset += (json_int_t)step.taken;
    raw->status = decode_print(object) ? 0 : 3;
    raw->over = step.ends || raw->status != 0;
    return !raw->over;
}

static int decode_raw(FILE *in, void *stream, const struct decode_protocol *protocol)
{
    size_t capacity = protocol->message_max * 2;
    struct raw raw = {.bytes = malloc(capacity)};
    raw.status = raw.bytes ? 0 : 3;
    raw.over = !raw.bytes;
    while (!raw.over && !raw.last) {
        refill(in, capacity, &raw);
        while (print_next(&raw, stream, protocol))
            ;
    }
    free(raw.bytes);
    return raw.status == 0 ? decode_finish(in) : raw.status;
}

static bool print_line(struct hex_line *line, json_int_t number, const struct decode_wish *wish)
{
    const struct decode_protocol *protocol = wish->protocol;
    void *stream = protocol->open(wish->settings);
    struct cursor bytes = cursor_over(line->bytes, line->size);
    char reason[HEX_LINE_REASON_MAX];
    bool good = stream, over = false;
    do {
        json_t *object = json_object();
        json_object_set_new(object, "line", json_integer(number));
        if (!hex_line_is_good(line, reason)) {
            protocol->refuse(object, reason);
            over = true;
        } else if (stream) {
            struct decode_step step = protocol->next(stream, object, bytes, true);
            cursor_bytes(&bytes, step.taken);
            over = step.ends;
        }
        good = good && decode_print(object);
    } while (good && !over && cursor_left(&bytes) > 0);
    protocol->close(stream);
    return good;
}

int decode_stream_lines(const char *path, const struct decode_wish *wish)
{
    struct hex_line line = {.bytes = malloc(HEX_LINE_OCTETS_MAX)};
    FILE *in = line.bytes ? decode_open(path) : NULL;
    bool good = in != NULL;
    for (json_int_t number = 1; good && hex_line_read(in, &line); number++)
        good = print_line(&line, number, wish);
    int status = good ? decode_finish(in) : 3;
    if (in && path)
        fclose(in);
    free(line.bytes);
    return status;
}

int decode_streams(const char *path, const struct decode_wish *wish)
{
    FILE *in = decode_open(path);
    if (!in)
        return 3;
    if (decode_is_capture(in))
        return decode_capture(in, wish);
    void *stream = wish->protocol->open(wish->settings);
    int status = stream ? decode_raw(in, stream, wish->protocol) : 3;
    wish->protocol->close(stream);
    if (path)
        fclose(in);
    return status;
}
