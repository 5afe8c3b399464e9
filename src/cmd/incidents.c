// SPDX-License-Identifier: ISC
#include "cmd/asking.h"
#include "cmd/columns.h"
#include "cmd/verbs.h"
#include "incident/outage.h"

#include <stdlib.h>
#include <string.h>

static const char help[] =
    "  fairlead incidents          outages that are open, each as one\n"
    "  fairlead incidents 2        one of them: every cause with its terms, and the paths beneath\n"
    "  fairlead incidents --past   and those that are over, the last first, out of the store\n"
    "  fairlead incidents 3.12     what was told of one, also of one that is over\n"
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
    "  --past             what is over, too\n"
    "  --json             one JSON object a line\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 done, 2 wrong usage, 3 the daemon does not answer, or no such outage is "
    "open.\n";

enum { PAST_MAX = 100, FLAG_PAST = ASKING_OWN };

struct shown {
    long long wanted;          // 0: all
    char past_id[ASK_OF_MAX];  // "RUN.NUMBER": what was told of it; "": not asked
    bool past;                 // those that are over, too
    uint32_t count, past_count;
    long long open[OUTAGES_MAX];  // numbers of those that are; 0: met among those of the store
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
    shown->open[shown->count++ % OUTAGES_MAX] = number_of(outage, "outage");
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
    const char *well = asking_text(outage, "healthy");
    show_causes(json_object_get(outage, "causes"));
    show_paths(json_object_get(outage, "incidents"));
    if (well && well[0])
        show_line("well:", well);
}

// ---- what is over

// The last that began is told first: of one number it is that which is open, in whatever run it
// began.
static bool is_shown_as_open(struct shown *shown, const json_t *past)
{
    const char *state = asking_text(past, "state");
    for (uint32_t i = 0; i < shown->count && i < OUTAGES_MAX; i++) {
        if (shown->open[i] != number_of(past, "number") || !state || strcmp(state, "over") == 0)
            continue;
        shown->open[i] = 0;
        return true;
    }
    return false;
}

static void show_past(void *context, json_t *line)
{
    struct shown *shown = context;
    struct columns columns;
    if (shown->past_count >= PAST_MAX || is_shown_as_open(shown, line))
        return;
    shown->past_count++;
    if (shown->json) {
        json_t *past = json_pack("{s:O}", "past", line);
        json_dumpf(past, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(past);
        return;
    }
    columns_init(&columns, 5, 0);
    columns_addf(&columns, "%lld.%lld", number_of(line, "run"), number_of(line, "number"));
    columns_add(&columns, asking_text(line, "severity"));
    columns_add(&columns, asking_text(line, "state"));
    columns_addf(&columns, "%.19sZ", asking_text(line, "onset"));
    columns_add(&columns, asking_text(line, "title"));
    columns_print(&columns, "");
    columns_done(&columns);
    show_line("cause:", asking_text(line, "cause"));
}

static void show_told(void *context, json_t *line)
{
    struct shown *shown = context;
    const char *said = asking_text(line, "said");
    struct columns columns;
    if (shown->json) {
        json_dumpf(line, stdout, JSON_COMPACT);
        putchar('\n');
        return;
    }
    if (!said || said[0] == '\0')
        return;  // numbers, for programs
    columns_init(&columns, 2, 0);
    columns_addf(&columns, "%.23sZ", asking_text(line, "time"));
    columns_add(&columns, said);
    columns_print(&columns, "");
    columns_done(&columns);
}

static int ask_store(const struct asking *asking, struct shown *shown)
{
    struct ask ask = {.kind = ASK_HISTORY,
                      .version = ASK_VERSION,
                      .history = {.what = shown->past_id[0] ? ASK_PAST_FACTS : ASK_PAST_OUTAGES,
                                  .until_s = INT64_C(1) << 32}};
    json_t *done;
    memcpy(ask.history.of, shown->past_id, sizeof ask.history.of);
    const struct asking_show how = {
        .show = shown->past_id[0] ? show_told : show_past, .context = shown, .json_too = true};
    int status = asking_run(asking, &ask, how, &done);
    json_decref(done);
    return status;
}

static int read_number(struct shown *shown, const char *text)
{
    char *end;
    if (strchr(text, '.') && strlen(text) < sizeof shown->past_id) {
        strcpy(shown->past_id, text);
        return ASKING_GOES_ON;
    }
    shown->wanted = strtoll(text, &end, 10);
    return *end || shown->wanted <= 0 ? asking_wrong("incidents", "not a number") : ASKING_GOES_ON;
}

static int read_options(struct asking *asking, struct shown *shown, int argc, char **argv)
{
    static const struct option names[] = {
        ASKING_OPTIONS, {"past", no_argument, NULL, FLAG_PAST}, {NULL, 0, NULL, 0}};
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "c:", names, NULL)) != -1;) {
        if (option == FLAG_PAST)
            shown->past = true;
        else if (!asking_option(asking, option))
            return asking_wrong("incidents", "an unknown option, or one without its value");
    }
    if (asking->help)
        return fputs(help, stdout) < 0 ? 3 : 0;
    if (optind + 1 < argc || (optind < argc && shown->past))
        return asking_wrong("incidents", "too many arguments");
    shown->json = asking->json;
    return optind < argc ? read_number(shown, argv[optind]) : ASKING_GOES_ON;
}

static int ask_engine(const struct asking *asking, struct shown *shown)
{
    json_t *done;
    const struct ask ask = {.kind = ASK_INCIDENTS, .version = ASK_VERSION};
    // Those that are not wanted are left out here.
    const struct asking_show how = {.show = show, .context = shown, .json_too = true};
    int status = asking_run(asking, &ask, how, &done);
    json_decref(done);
    if (status != 0 || shown->count > 0)
        return status;
    if (shown->wanted)
        fprintf(stderr, "fairlead: no outage %lld is open\n", shown->wanted);
    else if (!shown->json)
        puts("nothing is broken, as far as is known");
    return shown->wanted ? 3 : 0;
}

int cmd_incidents(int argc, char **argv)
{
    struct asking asking = {0};
    struct shown shown = {0};
    int status = read_options(&asking, &shown, argc, argv);
    if (status != ASKING_GOES_ON)
        return status;
    if (shown.past_id[0])
        return ask_store(&asking, &shown);
    status = ask_engine(&asking, &shown);
    if (status == 0 && shown.past)
        status = ask_store(&asking, &shown);
    return status;
}
