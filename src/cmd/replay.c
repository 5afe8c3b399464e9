// SPDX-License-Identifier: ISC
#include "cmd/config_file.h"
#include "cmd/verbs.h"
#include "engine/engine.h"
#include "engine/message.h"
#include "engine/narrate.h"
#include "engine/recording.h"
#include "net/parse.h"
#include "net/tree.h"
#include "role/teller.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "  fairlead replay fairlead.rec           tell what was decided, and when\n"
    "  fairlead replay fairlead.rec --json    the same as JSON, one effect a line\n"
    "\n"
    "Feeds a recording (`record:` in the configuration) to the deciding core, in virtual time. "
    "The\n"
    "same recording gives the same effects, to the byte. Leases are left out.\n"
    "\n"
    "  --config FILE  decide by this configuration, not by the recorded one: what would have "
    "been.\n"
    "                 It must have all routers, upstreams and targets of the recording\n"
    "  --json         one JSON object a line\n"
    "  --help         this page\n"
    "\n"
    "A damaged recording: all before the damage, then one error that names the line. Exit status:\n"
    "0 done, 2 wrong usage or configuration, 3 the recording cannot be read or is damaged.\n";

// The header holds a configuration, which in JSON takes up to six times its size.
enum { LINE_BYTES_MAX = 6 * TREE_BYTES_MAX + 4096, SENTENCE_MAX = 1024 };

struct replay {
    const char *path;
    FILE *file;
    bool json;
    char *line;
    size_t size;
    unsigned long number;  // of the line, from 1
    struct net net;
    struct engine *engine;
    struct wall wall;  // at `start`, from the first event
    struct mono start;
};

static int damaged(const struct replay *r, const char *why)
{
    fflush(stdout);
    fprintf(stderr, "fairlead: '%s' is damaged at line %lu: %s\n", r->path, r->number, why);
    return 3;
}

// True when there is a line, without its newline; a last one without newline was cut short, and is
// judged by what it holds.
static bool next_line(struct replay *r)
{
    int c = EOF;
    r->size = 0;
    r->number++;
    while (r->size < LINE_BYTES_MAX && (c = getc(r->file)) != EOF && c != '\n')
        r->line[r->size++] = (char)c;
    return c != EOF || r->size > 0;
}

static void tell(const struct replay *r, const struct effect *effect)
{
    char text[MESSAGE_MAX], time[TELLER_TIME_MAX];
    teller_time((struct wall){r->wall.ns + mono_since_ns(effect->at, r->start)}, time);
    if (effect->kind == EFFECT_LEASE)
        return;
    if (r->json && message_from_effect(&r->net, effect, text, sizeof text) > 0)
        printf("{\"time\":\"%s\",%s\n", time, text + 1);
    else if (!r->json && narrate_effect(&r->net, effect, text, SENTENCE_MAX) > 0)
        printf("%.12s  %s\n", time + strlen("2016-06-20T"), text);
}

static int play(struct replay *r)
{
    char why[MESSAGE_WHY_MAX];
    while (next_line(r)) {
        struct event event;
        size_t count;
        if (!message_to_event(&r->net, r->line, r->size, &event, why))
            return damaged(r, why);
        if (event.kind == EVENT_START) {
            r->wall = event.start.wall;
            r->start = event.at;
        }
        const struct effect *effects = engine_step(r->engine, &event, &count);
        for (size_t i = 0; i < count; i++)
            tell(r, &effects[i]);
    }
    if (ferror(r->file))
        return damaged(r, strerror(errno));
    return 0;
}

// The recorded configuration.
static int parse_header(struct replay *r)
{
    char why[RECORDING_WHY_MAX];
    struct recording_header header = {0};
    struct config_file file = {0};
    int status = 0;
    if (!next_line(r))
        status = damaged(r, "it is empty");
    else if (!recording_header_read(&header, r->line, r->size, why))
        status = damaged(r, why);
    else if (!net_parse(header.config, header.config_size, header.file, &file.net, &file.errors)) {
        config_file_report(&file);
        status = damaged(r, "the configuration in it is not valid");
    }
    r->net = file.net;
    recording_header_done(&header);
    return status;
}

// Another configuration in the place of the recorded one.
static int load_config(struct replay *r, const char *path)
{
    struct config_file file;
    int status = config_file_load(&file, path);
    if (status == 2)
        config_file_report(&file);
    r->net = file.net;
    config_file_done(&file);
    return status;
}

static int run(struct replay *r, const char *config)
{
    r->line = malloc(LINE_BYTES_MAX);
    r->file = fopen(r->path, "rb");
    if (!r->file || !r->line) {
        fprintf(stderr, "fairlead: cannot read '%s': %s\n", r->path, strerror(errno));
        return 3;
    }
    int status = parse_header(r);
    if (status == 0 && config)
        status = load_config(r, config);
    r->engine = status == 0 ? engine_new(&r->net) : NULL;
    if (status == 0 && !r->engine) {
        fprintf(stderr, "fairlead: cannot replay '%s': memory is out\n", r->path);
        status = 3;
    }
    return status == 0 ? play(r) : status;
}

static void done(struct replay *r)
{
    engine_free(r->engine);
    if (r->file)
        fclose(r->file);
    free(r->line);
}

static int wrong_usage(const char *what)
{
    fprintf(stderr, "fairlead: replay: %s: try fairlead replay --help\n", what);
    return 2;
}

int cmd_replay(int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    struct replay r = {0};
    const char *config = NULL;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'h')
            return fputs(help, stdout) < 0 ? 3 : 0;
        if (option == '?')
            return wrong_usage("such an option is not known");
        config = option == 'c' ? optarg : config;
        r.json |= option == 'j';
    }
    if (optind + 1 != argc)
        return wrong_usage("one recording is needed");
    r.path = argv[optind];
    int status = run(&r, config);
    done(&r);
    return status;
}
