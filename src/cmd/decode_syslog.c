// SPDX-License-Identifier: ISC
// `fairlead decode syslog`: lines as devices send them, and the facts that patterns find in them.
#include "cmd/decode_datagrams.h"
#include "cmd/decode_stream.h"
#include "role/pattern_files.h"
#include "syslog/framing.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { SYSLOG_PORT = 514 };  // RFC 5426 §3.3, RFC 6587 §3.2

struct settings {
    const struct syslog_patterns *patterns;
    uint16_t port;
    bool only_5424, streams;
};

static const char help[] =
    "  fairlead decode syslog /var/log/routers.log\n"
    "  echo '<29>Oct 23 13:26:21 ca2 systemd: l2ald.service: Main process exited, code=dumped,"
    " status=6/abrt' |\n"
    "      fairlead decode syslog\n"
    "\n"
    "Prints syslog messages (RFC 5424, RFC 3164 and what devices make of it), one JSON object "
    "each,\n"
    "and the fact that a pattern finds in it. Reads lines; a capture (pcap, pcapng) has "
    "datagrams.\n"
    "\n"
    "  --hex            a message in hexadecimal a line\n"
    "  --stream         RFC 6587: octets counted or lines, as the first octet says; of a file,\n"
    "                   of each line of hexadecimal, of the TCP connections in a capture\n"
    "  --format F       rfc5424: a message that is none is not taken for one of RFC 3164\n"
    "  --patterns DIR   VENDOR.pattern files; else those that came with Fairlead\n"
    "  --port N         of captures; 514\n"
    "  --help           this page\n"
    "\n"
    "Exit status: 0 done, 2 wrong usage, 3 the world failed.\n";

static void set_text(json_t *object, const char *key, struct syslog_text text)
{
    static char escaped[4 * SYSLOG_SIZE_MAX + 1];
    if (text.size == 0)
        return;
    json_t *string = json_stringn(text.at, text.size);
    if (!string) {  // no UTF-8
        syslog_text_show(text, escaped, sizeof escaped);
        string = json_string(escaped);
    }
    json_object_set_new(object, key, string);
}

static void set_fact(json_t *object, const struct syslog_message *m,
                     const struct syslog_patterns *patterns)
{
    struct syslog_match match;
    if (!syslog_patterns_match(patterns, m, &match))
        return;
    json_object_set_new(object, "fact", json_string(syslog_fact_names[match.rule->fact]));
    json_object_set_new(object, "pattern",
                        json_sprintf("%s:%u", match.rule->vendor, match.rule->line));
    json_t *fields = json_object();
    for (int i = 0; i < SYSLOG_FIELDS; i++)
        set_text(fields, syslog_field_names[i], match.fields[i]);
    json_object_set_new(object, "fields", fields);
}

static void set_message(json_t *object, const struct syslog_message *m,
                        const struct settings *settings)
{
    if (m->fault) {
        decode_set_refusal(object, &(struct decode_refusal){"attribute-discard", m->fault,
                                                            "RFC 5424 §6", m->fault_at});
    } else {
        json_object_set_new(object, "verdict", json_string("accept"));
    }
    json_object_set_new(object, "format", json_string(syslog_format_names[m->format]));
    if (m->facility != SYSLOG_UNKNOWN) {
        json_object_set_new(object, "facility", json_integer(m->facility));
        json_object_set_new(object, "severity", json_integer(m->severity));
    }
    if (m->format == SYSLOG_5424)
        json_object_set_new(object, "version", json_integer(m->version));
    set_text(object, "time", m->time);
    set_text(object, "host", m->host);
    set_text(object, "node", m->node);
    set_text(object, "app", m->app);
    set_text(object, "pid", m->pid);
    set_text(object, "id", m->id);
    set_text(object, "structured", m->structured);
    set_text(object, "text", m->text);
    set_fact(object, m, settings->patterns);
}

static void read_one(json_t *object, struct syslog_text text, const struct settings *settings)
{
    struct syslog_message m;
    if (settings->only_5424)
        syslog_message_read_5424(text.at, text.size, &m);
    else
        syslog_message_read(text.at, text.size, &m);
    set_message(object, &m, settings);
}

static struct syslog_text all_of(struct cursor bytes)
{
    size_t size = cursor_left(&bytes);
    return (struct syslog_text){(const char *)cursor_bytes(&bytes, size), size};
}

static void datagram(json_t *object, struct cursor bytes, const struct packet *packet,
                     const void *settings)
{
    (void)packet;
    read_one(object, all_of(bytes), settings);
}

static bool is_mine(const struct packet *packet, const void *settings)
{
    return packet->destination.port == ((const struct settings *)settings)->port;
}

struct stream {
    const struct settings *settings;
    struct syslog_framing framing;
    json_int_t lines;
};

static void *stream_open(const void *settings)
{
    struct stream *stream = calloc(1, sizeof *stream);
    if (!stream)
        return NULL;
    stream->settings = settings;
    if (!stream->settings->streams)
        stream->framing.kind = SYSLOG_FRAMING_LINES;
    return stream;
}

static void refuse(json_t *object, const char *reason)
{
    json_object_set_new(object, "verdict", json_string("ignore"));
    json_object_set_new(object, "reason", json_string(reason));
}

static void read_frame(struct stream *stream, json_t *object, const struct syslog_frame *frame)
{
    if (!stream->settings->streams)
        json_object_set_new(object, "line", json_integer(stream->lines));
    read_one(object, frame->message, stream->settings);
    if (frame->verdict == SYSLOG_FRAME_CUT)
        json_object_set_new(object, "cut", json_true());
}

// Empty lines are no messages. What belongs to none is taken with the next that is one.
static struct decode_step stream_next(void *context, json_t *object, struct cursor bytes, bool last)
{
    struct stream *stream = context;
    struct syslog_text left = all_of(bytes);
    struct decode_step step = {0};
    for (;;) {
        struct syslog_frame frame = syslog_frame_next(&stream->framing, left, last);
        step.taken += frame.taken;
        left = (struct syslog_text){left.at + frame.taken, left.size - frame.taken};
        stream->lines += frame.verdict == SYSLOG_FRAME_MESSAGE || frame.verdict == SYSLOG_FRAME_CUT;
        if (frame.verdict == SYSLOG_FRAME_LOST) {
            refuse(object, "no count of octets where one must be: the rest cannot be read");
            json_object_set_new(object, "spec", json_string("RFC 6587 §3.4.1"));
            return (struct decode_step){.taken = step.taken + left.size, .ends = true};
        }
        if (frame.message.size > 0) {
            read_frame(stream, object, &frame);
            return step;
        }
        if (frame.taken == 0 || left.size == 0)
            break;
    }
    if (step.taken > 0 || left.size == 0)
        refuse(object, "empty, or the rest of a message that was cut");
    return step;
}

static bool claims(struct cursor bytes)
{
    (void)bytes;
    return false;  // nothing tells syslog from other text: the port must
}

static int decode_stream_of(const char *path, bool hex, const struct settings *settings)
{
    const struct decode_protocol protocol = {
        .name = "syslog",
        .message_max = SYSLOG_SIZE_MAX + SYSLOG_COUNT_DIGITS_MAX + 1,
        .port = settings->port,
        .open = stream_open,
        .close = free,
        .next = stream_next,
        .refuse = refuse,
        .claims = claims,
    };
    const struct decode_wish wish = {&protocol, settings, settings->port};
    return hex ? decode_stream_lines(path, &wish) : decode_streams(path, &wish);
}

static bool is_capture(const char *path)
{
    FILE *in = path ? fopen(path, "rb") : stdin;
    bool is = in && decode_is_capture(in);
    if (in && path)
        fclose(in);
    return is;
}

static int decode(const char *path, bool hex, const struct settings *settings)
{
    const struct decode_datagrams datagrams = {"syslog", PACKET_UDP, is_mine, datagram, settings};
    if (!settings->streams && (hex || is_capture(path)))
        return decode_datagrams(path, hex, &datagrams);
    return decode_stream_of(path, hex, settings);
}

static int decode_with(const char *path, bool hex, const char *directory, struct settings *settings)
{
    char why[PATTERN_FILES_WHY_MAX];
    struct syslog_patterns *patterns = pattern_files_load(directory, why);
    if (!patterns) {
        fprintf(stderr, "fairlead: %s\n", why);
        return 2;
    }
    settings->patterns = patterns;
    int status = decode(path, hex, settings);
    syslog_patterns_free(patterns);
    return status;
}

int decode_syslog(int argc, char **argv)
{
    static const struct option options[] = {
        {"hex", no_argument, NULL, 'x'},
        {"stream", no_argument, NULL, 's'},
        {"format", required_argument, NULL, 'f'},
        {"patterns", required_argument, NULL, 'd'},
        {"port", required_argument, NULL, 'p'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    struct settings settings = {.port = SYSLOG_PORT};
    const char *directory = pattern_files_usual();
    bool hex = false;
    optind = 1;
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (c == 'h')
            return fputs(help, stdout) == EOF ? 3 : 0;
        hex |= c == 'x';
        settings.streams |= c == 's';
        settings.only_5424 |= c == 'f';
        if (c == 'd')
            directory = optarg;
        if (c == '?' || (c == 'p' && !decode_read_port(optarg, &settings.port)) ||
            (c == 'f' && strcmp(optarg, syslog_format_names[SYSLOG_5424]) != 0))
            return decode_wrong_option("syslog", argv[optind - 1]);
    }
    if (argc - optind > 1)
        return decode_too_many(argv[optind + 1]);
    return decode_with(argv[optind], hex, directory, &settings);
}
