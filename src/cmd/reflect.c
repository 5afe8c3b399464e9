// SPDX-License-Identifier: ISC
#include "cmd/verbs.h"

#include "role/reflect.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "  fairlead reflect                        answer STAMP probes on every address, port 862\n"
    "  fairlead reflect --listen 192.0.2.1 --listen 2001:db8::1 --port 8620\n"
    "\n"
    "Answers the test packets of STAMP (RFC 8762) and TWAMP-Light until interrupted, and counts\n"
    "them for each sender and session, so that the sender can tell loss on the way here from loss\n"
    "on the way back. An answer is never longer than its probe, leaves by the address that was "
    "asked\n"
    "and in the class of its probe. Of the TLVs of RFC 8972, 9503 and 9534 it answers Extra "
    "Padding,\n"
    "Class of Service, Destination Node Address and Micro-session ID; others it gives back marked "
    "as\n"
    "not understood. Needs root or CAP_NET_BIND_SERVICE for ports below 1024.\n"
    "\n"
    "  --listen ADDRESS  an address to answer on, IPv4 or IPv6; may be repeated, 16 at most\n"
    "  --port PORT       862\n"
    "  --stateless       copy the sender's sequence number instead of counting\n"
    "  --dscp LIST       classes that a sender may ask answers in (RFC 8972 4.4), as 0,46; others\n"
    "                    are answered in the class they came in, and told so (all)\n"
    "  --micro-session N link of a bundle that probes come by (RFC 9534): those for another are\n"
    "                    not answered\n"
    "  --rate-max PPS    answers in a second over all senders; more are not answered (100000)\n"
    "  --help            this page\n"
    "\n"
    "When it ends it says what it did in one line. Exit status: 0 ended by SIGINT or SIGTERM,\n"
    "2 wrong usage, 3 the world failed.\n";

static int wrong(const char *what, const char *value, const char *why)
{
    fprintf(stderr, "fairlead: %s '%s': %s: try fairlead reflect --help\n", what, value, why);
    return 2;
}

static bool parse_number(const char *text, unsigned long max, uint32_t *number)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || value < 1 || value > max)
        return false;
    *number = (uint32_t)value;
    return true;
}

static int add_address(struct reflect_options *options, const char *text)
{
    if (options->listen_count == REFLECT_LISTEN_MAX)
        return wrong("--listen", text, "at most 16 addresses");
    if (!address_parse(text, &options->listen[options->listen_count]))
        return wrong("--listen", text, "not an IPv4 or IPv6 address");
    options->listen_count++;
    return 0;
}

enum flag {
    FLAG_LISTEN = 1,
    FLAG_PORT,
    FLAG_STATELESS,
    FLAG_RATE,
    FLAG_DSCP,
    FLAG_LINK,
    FLAG_HELP
};

static bool parse_classes(const char *text, uint64_t *classes)
{
    *classes = 0;
    for (char *end;; text = end + 1) {
        unsigned long class = strtoul(text, &end, 10);
        if (text[0] < '0' || text[0] > '9' || class > 63)
            return false;
        *classes |= UINT64_C(1) << class;
        if (*end != ',')
            return *end == '\0';
    }
}

static int take_option(int option, struct reflect_options *options)
{
    uint32_t port, link;
    switch (option) {
    case FLAG_LISTEN:
        return add_address(options, optarg);
    case FLAG_PORT:
        if (!parse_number(optarg, UINT16_MAX, &port))
            return wrong("--port", optarg, "not a number from 1 to 65535");
        options->port = (uint16_t)port;
        return 0;
    case FLAG_STATELESS:
        options->stateless = true;
        return 0;
    case FLAG_RATE:
        return parse_number(optarg, 100 * 1000 * 1000, &options->rate_max_pps)
                   ? 0
                   : wrong("--rate-max", optarg, "not a number from 1 to 100000000");
    case FLAG_DSCP:
        return parse_classes(optarg, &options->dscp_allowed)
                   ? 0
                   : wrong("--dscp", optarg, "not numbers from 0 to 63 with commas between");
    case FLAG_LINK:
        if (!parse_number(optarg, UINT16_MAX, &link))
            return wrong("--micro-session", optarg, "not a number from 1 to 65535");
        options->micro_session = (uint16_t)link;
        return 0;
    default:
        return 2;
    }
}

static int reflect(const struct reflect_options *options)
{
    char why[ROLE_ERROR_MAX], where[1024];
    struct reflect_counts c = {0};
    struct reflect *r = reflect_open(options, why);
    if (!r) {
        fprintf(stderr, "fairlead: %s\n", why);
        return 3;
    }
    reflect_describe(r, where, sizeof where);
    printf("reflecting STAMP on %s\n", where);
    fflush(stdout);
    int error = reflect_run(r, &c);
    reflect_close(r);
    printf("answered %" PRIu64 " probes (%" PRIu64 " without a count), left out %" PRIu64
           ": malformed %" PRIu64 ", over the rate %" PRIu64 ", for another link %" PRIu64
           ", not sent %" PRIu64 "\n",
           c.answered, c.uncounted, c.malformed + c.over_rate + c.elsewhere + c.unsent, c.malformed,
           c.over_rate, c.elsewhere, c.unsent);
    if (error)
        fprintf(stderr, "fairlead: cannot go on reflecting: %s\n", strerror(-error));
    return error ? 3 : 0;
}

int cmd_reflect(int argc, char **argv)
{
    static const struct option names[] = {
        {"listen", required_argument, NULL, FLAG_LISTEN},
        {"port", required_argument, NULL, FLAG_PORT},
        {"stateless", no_argument, NULL, FLAG_STATELESS},
        {"rate-max", required_argument, NULL, FLAG_RATE},
        {"dscp", required_argument, NULL, FLAG_DSCP},
        {"micro-session", required_argument, NULL, FLAG_LINK},
        {"help", no_argument, NULL, FLAG_HELP},
        {NULL, 0, NULL, 0},
    };
    struct reflect_options options = {
        .port = 862, .rate_max_pps = 100 * 1000, .dscp_allowed = UINT64_MAX};
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        if (option == FLAG_HELP)
            return fputs(help, stdout) < 0 ? 3 : 0;
        if (option == '?')
            return wrong("option", argv[optind - 1], "unknown, or its value is missing");
        int status = take_option(option, &options);
        if (status)
            return status;
    }
    if (optind < argc)
        return wrong("argument", argv[optind], "none is expected");
    return reflect(&options);
}
