// SPDX-License-Identifier: ISC
#include "cmd/verbs.h"

#include "role/agent.h"
#include "role/endpoint.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "  fairlead agent --listen 192.0.2.1:8471 --allow 192.0.2.5    on a router, for fib.from: "
    "agent\n"
    "  fairlead agent --listen [2001:db8::1]:8471 --allow 2001:db8::5 --md5-key-file key\n"
    "\n"
    "Shows the routes, nexthop objects, rules, neighbours and links of this host's kernel, and "
    "each\n"
    "change of them, to the Fairlead at the allowed addresses, until interrupted. Nobody can "
    "change\n"
    "anything by it. Runs without privileges, as the user it becomes.\n"
    "\n"
    "  --listen ADDRESS:PORT  where it listens\n"
    "  --allow ADDRESS        who may read; may be repeated, 16 at most\n"
    "  --md5-key-file FILE    TCP MD5 signature key (RFC 2385) of the connections: its first line\n"
    "  --user NAME            what to become when started as root (nobody)\n"
    "  --help                 this page\n"
    "\n"
    "Exit status: 0 ended by SIGINT or SIGTERM, 2 wrong usage, 3 the world failed.\n";

static int wrong(const char *what, const char *value, const char *why)
{
    fprintf(stderr, "fairlead: %s '%s': %s: try fairlead agent --help\n", what, value, why);
    return 2;
}

static int take_allow(const char *value, struct agent_options *o)
{
    if (o->allow_count == AGENT_ALLOW_MAX)
        return wrong("--allow", value, "at most 16 addresses");
    if (!address_parse(value, &o->allow[o->allow_count]))
        return wrong("--allow", value, "not an IPv4 or IPv6 address");
    o->allow_count++;
    return 0;
}

// A key on the command line would be for everybody to see.
static int take_key(const char *value, struct agent_options *o)
{
    enum { KEY_MAX = 80 };
    FILE *file = fopen(value, "r");
    bool good = file && fgets(o->md5_key, sizeof o->md5_key, file);
    if (file)
        fclose(file);
    o->md5_key[strcspn(o->md5_key, "\r\n")] = '\0';
    if (!good || !o->md5_key[0] || strlen(o->md5_key) > KEY_MAX)
        return wrong("--md5-key-file", value, "no key of 1 to 80 bytes stands in its first line");
    return 0;
}

enum flag { FLAG_LISTEN = 1, FLAG_ALLOW, FLAG_KEY, FLAG_USER, FLAG_HELP };

static int take_option(int option, struct agent_options *o)
{
    switch (option) {
    case FLAG_LISTEN:
        return address_port_parse(optarg, &o->listen, &o->port)
                   ? 0
                   : wrong("--listen", optarg, "not ADDRESS:PORT, such as 192.0.2.1:8471");
    case FLAG_ALLOW:
        return take_allow(optarg, o);
    case FLAG_KEY:
        return take_key(optarg, o);
    case FLAG_USER:
        o->user = optarg;
        return 0;
    default:
        return 2;
    }
}

static int show(const struct agent_options *options)
{
    char why[ROLE_ERROR_MAX], text[ENDPOINT_TEXT_MAX];
    struct agent *agent = agent_open(options, why);
    if (!agent) {
        fprintf(stderr, "fairlead: %s\n", why);
        return 3;
    }
    printf("showing this host's kernel on %s\n",
           endpoint_format(options->listen, options->port, text));
    fflush(stdout);
    int error = agent_run(agent);
    agent_close(agent);
    if (error)
        fprintf(stderr, "fairlead: cannot go on: %s\n", strerror(-error));
    return error ? 3 : 0;
}

int cmd_agent(int argc, char **argv)
{
    static const struct option names[] = {
        {"listen", required_argument, NULL, FLAG_LISTEN},
        {"allow", required_argument, NULL, FLAG_ALLOW},
        {"md5-key-file", required_argument, NULL, FLAG_KEY},
        {"user", required_argument, NULL, FLAG_USER},
        {"help", no_argument, NULL, FLAG_HELP},
        {NULL, 0, NULL, 0},
    };
    struct agent_options options = {.user = "nobody"};
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
    if (options.port == 0)
        return wrong("--listen", "", "it is missing");
    if (options.allow_count == 0)
        return wrong("--allow", "", "nobody may read: name at least one");
    return show(&options);
}
