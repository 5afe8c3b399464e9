// SPDX-License-Identifier: ISC
#include "cmd/bmp_json.h"
#include "cmd/decode.h"
#include "cmd/decode_stream.h"

#include <getopt.h>
#include <stdlib.h>
#include <sys/random.h>

static const char help[] =
    "  fairlead decode bmp edge1.pcap\n"
    "\n"
    "usage: fairlead decode bmp [--hex] [--port N] [FILE]\n"
    "\n"
    "Prints one JSON object for each BMP message of FILE or standard input (RFC 7854, 8671, "
    "9069):\n"
    "what it says, and what a station would do about it. The UPDATE of a Route Monitoring message\n"
    "stands under \"bgp\" as `fairlead decode bgp` has it, read as the OPENs in the Peer Up say.\n"
    "FILE is the raw bytes of what one router sent, or a capture (pcap, pcapng).\n"
    "\n"
    "  --hex     each line is a stream of its own, in hexadecimal, blanks allowed\n"
    "  --port N  of a capture: only connections with this TCP port [what looks like BMP]\n"
    "\n"
    "verdicts: accept, attribute-discard, ignore, treat-as-withdraw, close\n";

struct stream {
    struct bmp_monitor *monitor;
    bool seeks;  // the next octets may lie within a message
};

static void close_stream(void *context)
{
    struct stream *stream = context;
    if (stream)
        bmp_monitor_free(stream->monitor);
    free(stream);
}

static void *open_stream(const void *settings)
{
    (void)settings;
    struct siphash_key key;
    struct stream *stream = calloc(1, sizeof *stream);
    if (stream && getrandom(&key, sizeof key, 0) == sizeof key)
        stream->monitor = bmp_monitor_new(BMP_MONITOR_PEERS_MAX, key);
    if (stream && stream->monitor)
        return stream;
    close_stream(stream);
    return NULL;
}

// No port is BMP's own, but its first octets are like few others': version 3, a length that begins
// with 0, a type that exists. `size` is that of the message.
static bool looks_right(struct cursor bytes, uint32_t *size)
{
    uint8_t type;
    return cursor_left(&bytes) >= BMP_HEADER_SIZE &&
           bmp_frame_decode(bytes, size, &type).remedy == BMP_ACCEPT && type < BMP_TYPES;
}

static bool claims(struct cursor bytes)
{
    uint32_t size;
    return looks_right(bytes, &size);
}

// How many octets stand before what looks like a message with another behind it. Where that other
// is not there yet, `sure` is false.
static size_t seek(struct cursor bytes, bool *sure)
{
    size_t passed = 0;
    uint32_t size;
    for (*sure = true; cursor_left(&bytes) >= BMP_HEADER_SIZE; cursor_u8(&bytes), passed++) {
        struct cursor behind = bytes;
        if (!looks_right(bytes, &size))
            continue;
        *sure = cursor_bytes(&behind, size) && cursor_left(&behind) >= BMP_HEADER_SIZE;
        if (!*sure || looks_right(behind, &size))
            return passed;
    }
    return passed;
}

static struct decode_step pass_over(json_t *object, size_t size)
{
    struct bmp_verdict verdict =
        bmp_verdict_of(BMP_IGNORE, 0, "RFC 7854 §4.1", "%zu octets before the next message", size);
    bmp_json_verdict(object, &verdict);
    return (struct decode_step){size, false};
}

// The size of the message that begins here; 0: the rest of it is not there yet.
static size_t message_size(struct cursor bytes, bool last)
{
    size_t left = cursor_left(&bytes);
    uint32_t size;
    uint8_t type;
    if (left < BMP_HEADER_SIZE)
        return last ? left : 0;
    if (bmp_frame_decode(bytes, &size, &type).remedy != BMP_ACCEPT)
        return left;
    return size <= left ? size : last ? left : 0;
}

static struct decode_step next_message(void *context, json_t *object, struct cursor bytes,
                                       bool last)
{
    struct stream *stream = context;
    size_t left = cursor_left(&bytes);
    if (stream->seeks) {
        bool sure;
        size_t passed = seek(bytes, &sure);
        if (passed > 0)
            return pass_over(object, passed);
        if (left < BMP_HEADER_SIZE && last)
            return pass_over(object, left);
        if (left < BMP_HEADER_SIZE || (!sure && !last && left < BMP_MESSAGE_MAX))
            return (struct decode_step){0};
        stream->seeks = false;
    }
    size_t size = message_size(bytes, last);
    if (size == 0 && left > 0)
        return (struct decode_step){0};
    struct bmp_reading reading;
    struct bmp_verdict verdict =
        bmp_monitor_read(stream->monitor, cursor_part(&bytes, size), &reading);
    bmp_json_reading(object, &verdict, &reading, stream->monitor);
    return (struct decode_step){size, verdict.remedy == BMP_CLOSE};
}

static void observe(void *context, bool whole)
{
    struct stream *stream = context;
    stream->seeks = !whole;
}

static void lost(void *context)
{
    struct stream *stream = context;
    stream->seeks = true;
}

static void refuse(json_t *object, const char *reason)
{
    struct bmp_verdict verdict = bmp_verdict_of(BMP_CLOSE, 0, "RFC 7854 §4.1", "%s", reason);
    bmp_json_verdict(object, &verdict);
}

static const struct decode_protocol protocol = {
    .name = "BMP",
    .message_max = BMP_MESSAGE_MAX,
    .open = open_stream,
    .close = close_stream,
    .next = next_message,
    .refuse = refuse,
    .claim_size = BMP_HEADER_SIZE,
    .claims = claims,
    .observe = observe,
    .lost = lost,
};

int decode_bmp(int argc, char **argv)
{
    static const struct option options[] = {
        {"hex", no_argument, NULL, 'x'},
        {"port", required_argument, NULL, 'p'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    struct decode_wish wish = {.protocol = &protocol};
    bool hex = false;
    optind = 1;
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (c == 'h')
            return fputs(help, stdout) == EOF ? 3 : 0;
        if (c == 'x')
            hex = true;
        if (c == '?' || (c == 'p' && !decode_read_port(optarg, &wish.port)))
            return decode_wrong_option("bmp", argv[optind - 1]);
    }
    if (argc - optind > 1)
        return decode_too_many(argv[optind + 1]);
    return hex ? decode_stream_lines(argv[optind], &wish) : decode_streams(argv[optind], &wish);
}
