// SPDX-License-Identifier: ISC
// What a provider's people get to read, out of the store.
#include "cmd/past.h"
#include "cmd/verbs.h"
#include "role/store_past.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "  fairlead evidence -c /etc/fairlead.yaml 3.12                       of each upstream\n"
    "  fairlead evidence -c /etc/fairlead.yaml 3.12 --upstream transit-a  of one\n"
    "  fairlead evidence -c /etc/fairlead.yaml 3.12 --directory /tmp      a file of each\n"
    "\n"
    "usage: fairlead evidence (-c FILE | --store FILE) [OPTIONS] [RUN.]NUMBER\n"
    "\n"
    "Packs what a provider's people can act upon: how many probes by its network were lost, when,\n"
    "in which direction where the far end counts, the 5-tuples with what was sent and lost, and\n"
    "parts that were told apart; times in UTC. Of that upstream and nothing else, and nothing of\n"
    "causes. Reads the file of the key 'store': the daemon need not run.\n"
    "\n"
    "  --upstream NAME    of this one only\n"
    "  --directory DIR    writes evidence-RUN.NUMBER-UPSTREAM.txt and .json there\n"
    "  -c, --config FILE  the configuration, for its key 'store'\n"
    "  --store FILE       the file itself\n"
    "  --json             one JSON object a line\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 done, 1 there is none of this number, or nothing was lost by that upstream,\n"
    "2 wrong usage, 3 the store cannot be read, or a file not be written.\n";

enum { UPSTREAM, DIRECTORY };

static int write_file(const char *path, const char *bytes)
{
    FILE *file = fopen(path, "w");
    bool good = file && fputs(bytes, file) >= 0;
    good = file && fclose(file) == 0 && good;
    if (!good)
        fprintf(stderr, "fairlead: cannot write '%s': %s\n", path, strerror(errno));
    else
        puts(path);
    return good ? 0 : 3;
}

// As a text and as JSON: on standard output one of both, in a directory both.
static int put(const struct past *h, const json_t *evidence)
{
    struct said_text text = {0};
    char path[2][1024];
    const char *directory = h->values[DIRECTORY];
    char *json = json_dumps(evidence, directory ? JSON_INDENT(1) : JSON_COMPACT);
    int status = 0;
    said_evidence_text(evidence, &text);
    for (int i = 0; directory && i < 2; i++)
        snprintf(path[i], sizeof path[i], "%.800s/evidence-%.40s-%.64s.%s", directory,
                 said_get(evidence, "outage"), said_get(evidence, "upstream"),
                 i == 0 ? "txt" : "json");
    if (text.failed || !json)
        status = 3;
    else if (!directory)
        puts(h->json ? json : text.bytes);
    else if ((status = write_file(path[0], text.bytes)) == 0)
        status = write_file(path[1], json);
    free(json);
    said_text_done(&text);
    return status;
}

static int put_all(const struct past *h, const struct said_past *past)
{
    size_t i;
    json_t *name, *names = said_upstreams(past);
    int status = 0, count = 0;
    json_array_foreach(names, i, name)
    {
        const char *upstream = json_string_value(name), *wanted = h->values[UPSTREAM];
        if (status != 0 || (wanted && strcmp(wanted, upstream) != 0))
            continue;
        json_t *evidence = said_evidence(past, upstream);
        status = evidence ? put(h, evidence) : 3;
        json_decref(evidence);
        count++;
    }
    json_decref(names);
    if (status == 0 && count == 0)
        fprintf(stderr, "fairlead: nothing is kept of losses by %s in this time\n",
                h->values[UPSTREAM] ? h->values[UPSTREAM] : "any upstream");
    return status == 0 && count == 0 ? 1 : status;
}

static int show(struct past *h)
{
    struct store_past past;
    char why[STORE_WHY_MAX];
    if (!h->id)
        return past_wrong(h, "no number of an incident");
    int status = past_told(h, why, store_past_load(&past, h->db, h->id, why));
    if (status == 0)
        status = put_all(h, &past.said);
    store_past_done(&past);
    return status;
}

int cmd_evidence(int argc, char **argv)
{
    static const char *const extras[] = {"upstream", "directory", NULL};
    struct past past = {.verb = "evidence", .help = help, .extras = extras};
    return past_run(&past, argc, argv, show);
}
