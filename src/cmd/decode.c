// SPDX-License-Identifier: ISC
// `fairlead decode`: a dissector for what the protocols of the house say.
#include "cmd/decode.h"

#include "cmd/hex_lines.h"
#include "cmd/verbs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct protocol {
    const char *name, *does;
    int (*run)(int argc, char **argv);  // argv[0] is the protocol
} protocols[] = {
    {"bgp", "BGP messages, judged by RFC 7606", decode_bgp},
    {"bmp", "what routers tell of their BGP: RFC 7854", decode_bmp},
    {"icmp", "echo and errors of both families: RFC 792, RFC 4443", decode_icmp},
    {"stamp", "probes and their answers: RFC 8762, RFC 8972", decode_stamp},
    {"syslog", "lines of devices, and the facts in them: RFC 5424, RFC 3164", decode_syslog},
};

enum { PROTOCOLS = sizeof protocols / sizeof protocols[0] };

static int usage(FILE *out)
{
    fputs("  echo ffffffffffffffffffffffffffffffff001304 | fairlead decode bgp --hex\n\n"
          "usage: fairlead decode PROTOCOL [OPTIONS] [FILE]\n\n"
          "Reads messages and prints one JSON object for each.\n\n",
          out);
    for (size_t i = 0; i < PROTOCOLS; i++)
        fprintf(out, "  %-10s %s\n", protocols[i].name, protocols[i].does);
    fputs("\n`fairlead decode PROTOCOL --help` tells more.\n", out);
    return out == stdout ? 0 : 2;
}

int cmd_decode(int argc, char **argv)
{
    if (argc < 2)
        return usage(stderr);
    if (strcmp(argv[1], "--help") == 0)
        return usage(stdout);
    for (size_t i = 0; i < PROTOCOLS; i++)
        if (strcmp(argv[1], protocols[i].name) == 0)
            return protocols[i].run(argc - 1, argv + 1);
    fprintf(stderr, "fairlead: cannot decode '%s': try fairlead decode --help\n", argv[1]);
    return 2;
}

FILE *decode_open(const char *path)
{
    FILE *in = path ? fopen(path, "rb") : stdin;
    if (!in)
        fprintf(stderr, "fairlead: cannot open '%s': %s\n", path, strerror(errno));
    return in;
}

bool decode_print(json_t *object)
{
    bool written = json_dumpf(object, stdout, JSON_COMPACT) == 0 && putchar('\n') != EOF;
    json_decref(object);
    if (!written)
        fprintf(stderr, "fairlead: cannot write: %s\n", strerror(errno));
    return written;
}

bool decode_read_port(const char *text, uint16_t *port)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    *port = (uint16_t)value;
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && value > 0 &&
           value <= UINT16_MAX;
}

int decode_wrong_option(const char *protocol, const char *option)
{
    fprintf(stderr, "fairlead: wrong option '%s': try fairlead decode %s --help\n", option,
            protocol);
    return 2;
}

int decode_too_many(const char *file)
{
    fprintf(stderr, "fairlead: more than one file: '%s'\n", file);
    return 2;
}

int decode_finish(FILE *in)
{
    if (ferror(in))
        fprintf(stderr, "fairlead: cannot read: %s\n", strerror(errno));
    else if (fflush(stdout) != 0)
        fprintf(stderr, "fairlead: cannot write: %s\n", strerror(errno));
    else
        return 0;
    return 3;
}

static void decode_line(json_t *object, const struct hex_line *line, const struct decode_form *form)
{
    char reason[HEX_LINE_REASON_MAX];
    if (hex_line_is_good(line, reason))
        form->message(object, cursor_over(line->bytes, line->size), form->settings);
    else
        form->refuse(object, reason);
}

int decode_hex_lines(const char *path, const struct decode_form *form)
{
    struct hex_line line = {.bytes = malloc(HEX_LINE_OCTETS_MAX)};
    FILE *in = line.bytes ? decode_open(path) : NULL;
    bool good = in != NULL;
    for (json_int_t number = 1; good && hex_line_read(in, &line); number++) {
        json_t *object = json_object();
        json_object_set_new(object, "line", json_integer(number));
        decode_line(object, &line, form);
        good = decode_print(object);
    }
    int status = good ? decode_finish(in) : 3;
    if (in && path)
        fclose(in);
    free(line.bytes);
    return status;
}
