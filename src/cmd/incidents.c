// SPDX-License-Identifier: ISC
#include "cmd/asking.h"
#include "cmd/columns.h"
#include "cmd/verbs.h"

#include <stdlib.h>
#include <string.h>

static const char help[] =
    "  fairlead incidents          outages that are open, each as one\n"
    "  fairlead incidents 2        one of them: every cause with its terms, and the paths beneath\n"
    "  fairlead incidents --json   the same, one JSON object a line\n"
    "\n"
    "  2  critical  open  41 s  ca2 of ca: 100 % of packets\n"
    "     cause: change by luke on ca1, ca2, 2 s before crash of l2ald on ca1 (the cause, 99 %)\n"
    "     now:   incident 7: acting: transit-b is proven good\n"
    "\n"
    "What belongs together is one outage: incidents of paths, faults, alarms and changes. Causes\n"
    "are ranked by how much likelier each makes what is seen; the terms are natural logarithms.\n"
    "\n"
    "  -c, --config FILE  the daemon's configuration, for its control socket\n"
    "  --control PATH     the control socket itself\n"
    "  --json             one JSON object a line\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 done, 2 wrong usage, 3 the daemon does not answer, or no such outage is "
    "open.\n";

struct shown {
    long long wanted;  // 0: all
    uint32_t count;
    bool json;
};

static long long number_of(const json_t *object, const char *key)
{
    return (long long)json_integer_value(json_object_get(object, key));
}

static double nats(const json_t *cause, const char *key)
{
    return (double)number_of(cause, key) / 1e3;
}

static void show_causes(const json_t *causes)
{
    static const char *const terms[] = {"time", "place", "prior", "fit", "chain", "again", "odd"};
    struct columns columns;
    size_t i;
    json_t *cause;
    columns_init(&columns, 10, 0x1ff);
    columns_add(&columns, "%");
    columns_add(&columns, "sum");
    for (size_t t = 0; t < sizeof terms / sizeof terms[0]; t++)
        columns_add(&columns, terms[t]);
    columns_add(&columns, "cause");
    json_array_foreach(causes, i, cause)
    {
        columns_addf(&columns, "%.1f", (double)number_of(cause, "share_ppm") / 1e4);
        columns_addf(&columns, "%.1f", nats(cause, "millinats"));
        for (size_t t = 0; t < sizeof terms / sizeof terms[0]; t++) {
            char key[32];
            snprintf(key, sizeof key, "%s_millinats", terms[t]);
            columns_addf(&columns, "%.1f", nats(cause, key));
        }
        columns_add(&columns, asking_text(cause, "words"));
    }
    columns_print(&columns, "   ");
    columns_done(&columns);
}

static void show_paths(const json_t *incidents)
{
    struct columns columns;
    size_t i;
    json_t *incident;
    columns_init(&columns, 4, 0);
    json_array_foreach(incidents, i, incident)
    {
        long long number = number_of(incident, "incident");
        columns_add(&columns, asking_text(incident, "path"));
        if (number > 0)
            columns_addf(&columns, "incident %lld", number);
        else
            columns_add(&columns, NULL);
        columns_add(&columns, asking_text(incident, "state"));
        columns_add(&columns, asking_text(incident, "reason"));
    }
    columns_print(&columns, "   ");
    columns_done(&columns);
}

// Each line of its own, as columns make it harmless.
static void show_line(const char *word, const char *text)
{
    struct columns columns;
    columns_init(&columns, 2, 0);
    columns_add(&columns, word);
    columns_add(&columns, text);
    columns_print(&columns, "   ");
    columns_done(&columns);
}

static void show_head(const json_t *outage)
{
    struct columns columns;
    columns_init(&columns, 5, 1);
    columns_addf(&columns, "%lld", number_of(outage, "outage"));
    columns_add(&columns, asking_text(outage, "severity"));
    columns_add(&columns, asking_text(outage, "state"));
    columns_addf(&columns, "%.0f s", (double)number_of(outage, "age_ns") / 1e9);
    columns_add(&columns, asking_text(outage, "title"));
    columns_print(&columns, "");
    columns_done(&columns);
}

static void show(void *context, json_t *line)
{
    struct shown *shown = context;
    const json_t *outage = json_object_get(line, "outage");
    if (!outage || (shown->wanted && number_of(outage, "outage") != shown->wanted))
        return;
    shown->count++;
    if (shown->json) {
        json_dumpf(line, stdout, JSON_COMPACT);
        putchar('\n');
        return;
    }
    show_head(outage);
    show_line("cause:", asking_text(outage, "cause"));
    show_line("now:", asking_text(outage, "action"));
    if (!shown->wanted)
        return;
    show_causes(json_object_get(outage, "causes"));
    show_paths(json_object_get(outage, "incidents"));
}

static int read_options(struct asking *asking, struct shown *shown, int argc, char **argv)
{
    char *end = NULL;
    int status = asking_options(asking, "incidents", help, argc, argv);
    if (status != ASKING_GOES_ON)
        return status;
    if (optind + 1 < argc)
        return asking_wrong("incidents", "too many arguments");
    if (optind < argc)
        shown->wanted = strtoll(argv[optind], &end, 10);
    return end && (*end || shown->wanted <= 0) ? asking_wrong("incidents", "not a number")
                                               : ASKING_GOES_ON;
}

int cmd_incidents(int argc, char **argv)
{
    struct asking asking = {0};
    struct shown shown = {0};
    int status = read_options(&asking, &shown, argc, argv);
    if (status != ASKING_GOES_ON)
        return status;
    json_t *done;
    const struct ask ask = {.kind = ASK_INCIDENTS, .version = ASK_VERSION};
    shown.json = asking.json;
    // Those that are not wanted are left out here.
    const struct asking_show how = {.show = show, .context = &shown, .json_too = true};
    status = asking_run(&asking, &ask, how, &done);
    json_decref(done);
    if (status != 0 || shown.count > 0)
        return status;
    if (shown.wanted)
        fprintf(stderr, "fairlead: no outage %lld is open\n", shown.wanted);
    else if (!shown.json)
        puts("nothing is broken, as far as is known");
    return shown.wanted ? 3 : 0;
}
