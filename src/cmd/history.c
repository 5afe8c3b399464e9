// SPDX-License-Identifier: ISC
// What was told, and how paths were, out of the store: nobody need run.
#include "cmd/acting.h"
#include "cmd/columns.h"
#include "cmd/past.h"
#include "cmd/verbs.h"
#include "cmd/when.h"
#include "role/now.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
    "  fairlead history -c /etc/fairlead.yaml          what was broken, the last first\n"
    "  fairlead history -c /etc/fairlead.yaml 3.12     what was told of one, from its onset on\n"
    "  fairlead history --store FILE 12                the last of that number, of any run\n"
    "  fairlead history --store FILE --from 2026-03-03T09:10 --until 2026-03-03T09:40\n"
    "                                                  all that was told in that time\n"
    "  fairlead history --store FILE --path 'transit-a ipv6' --from -2h\n"
    "                                                  how that path was, every ten seconds\n"
    "\n"
    "  until                 path            lost   of      %   p50   p90  p99 ms\n"
    "  2026-03-03T09:14:30Z  transit-a ipv6   312  800  39.00  2.10  2.40   11.00\n"
    "\n"
    "usage: fairlead history (-c FILE | --store FILE) [OPTIONS] [[RUN.]NUMBER]\n"
    "\n"
    "Reads the file of the key 'store': the daemon need not run. Numbers begin anew with each "
    "start\n"
    "of the daemon, so each is behind that of its run. Of one all that was told to people from "
    "its\n"
    "onset to its last word is listed, whatever it is of.\n"
    "\n"
    "  -c, --config FILE  the configuration, for its key 'store'\n"
    "  --store FILE       the file itself\n"
    "  --from, --until TIME\n"
    "                     from when, until when: UTC as above, seconds from 1970 on, or -90m\n"
    "                     before now; the hour before the end, and now\n"
    "  --path PATH        how this path was; 'all': each of them\n"
    "  --step SECONDS     one line for so long, with the longest round trips of it\n"
    "  --json             one JSON object a line\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 done, 1 there is none of this number or path, 2 wrong usage, 3 the store "
    "cannot\n"
    "be read.\n";

enum { LISTED_MAX = 100 };
enum { OF_PATH, FROM, UNTIL, STEP };  // of past.values

struct shown {
    bool json;
    uint32_t listed_max;  // 0: all
    uint32_t count;
    void (*row)(struct columns *columns, const json_t *line);
    struct columns columns;
};

static void show_outage(struct columns *columns, const json_t *line)
{
    const char *cause = asking_text(line, "cause");
    columns_addf(columns, "%lld.%lld", (long long)json_integer_value(json_object_get(line, "run")),
                 (long long)json_integer_value(json_object_get(line, "number")));
    columns_addf(columns, "%.19sZ", asking_text(line, "onset"));
    columns_addf(columns, "%.19sZ", asking_text(line, "changed"));
    columns_add(columns, asking_text(line, "state"));
    columns_add(columns, asking_text(line, "severity"));
    columns_addf(columns, "%s%s%s", asking_text(line, "title"), cause[0] ? ": " : "", cause);
}

// As it was said in the log.
static void show_fact(struct columns *columns, const json_t *line)
{
    const char *said = asking_text(line, "said");
    if (!said || said[0] == '\0')
        return;  // numbers, for programs
    columns_addf(columns, "%.23sZ", asking_text(line, "time"));
    columns_add(columns, asking_text(line, "effect"));
    columns_add(columns, said);
}

static double number_of(const json_t *line, const char *key)
{
    return (double)json_integer_value(json_object_get(line, key));
}

static void add_ms(struct columns *columns, double ns)
{
    if (ns > 0)
        columns_addf(columns, "%.2f", ns / 1e6);
    else
        columns_add(columns, NULL);
}

static void show_rate(struct columns *columns, const json_t *line)
{
    double samples = number_of(line, "samples"), lost = number_of(line, "lost");
    if (columns->cells == 0) {
        static const char *const heads[] = {"until", "path", "lost", "of",
                                            "%",     "p50",  "p90",  "p99 ms"};
        for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
            columns_add(columns, heads[i]);
    }
    columns_addf(columns, "%.19sZ", asking_text(line, "time"));
    columns_add(columns, asking_text(line, "path"));
    columns_addf(columns, "%.0f", lost);
    columns_addf(columns, "%.0f", samples);
    if (samples > 0)
        columns_addf(columns, "%.2f", 100 * lost / samples);
    else
        columns_add(columns, NULL);
    add_ms(columns, number_of(line, "rtt_p50_ns"));
    add_ms(columns, number_of(line, "rtt_p90_ns"));
    add_ms(columns, number_of(line, "rtt_p99_ns"));
}

static void take_line(void *context, json_t *line)
{
    struct shown *shown = context;
    if (shown->listed_max > 0 && shown->count >= shown->listed_max)
        return;
    shown->count++;
    if (!shown->json) {
        shown->row(&shown->columns, line);
        return;
    }
    json_dumpf(line, stdout, JSON_COMPACT);
    putchar('\n');
}

static int list(const struct past *h, const struct ask_history *ask)
{
    enum { OUTAGE_COLUMNS = 6, FACT_COLUMNS = 3, RATE_COLUMNS = 8, NUMBERS = 0xfc };
    static const struct {
        uint32_t columns, numbers, listed_max;
        void (*row)(struct columns *columns, const json_t *line);
    } kinds[ASK_PAST_POSTMORTEM] = {
        [ASK_PAST_OUTAGES] = {OUTAGE_COLUMNS, 0, LISTED_MAX, show_outage},
        [ASK_PAST_FACTS] = {FACT_COLUMNS, 0, 0, show_fact},
        [ASK_PAST_RATES] = {RATE_COLUMNS, NUMBERS, 0, show_rate},
    };
    struct shown shown = {
        .json = h->json, .row = kinds[ask->what].row, .listed_max = kinds[ask->what].listed_max};
    struct store_reader reader = {.db = h->db, .say = take_line, .context = &shown};
    columns_init(&shown.columns, kinds[ask->what].columns, kinds[ask->what].numbers);
    int status = store_read(&reader, ask);
    if (status == 0 && !h->json && shown.count == 0)
        puts("nothing was told");
    columns_print(&shown.columns, "");
    columns_done(&shown.columns);
    if (status == 0 && reader.next[0] != '\0')
        fprintf(stderr, "fairlead: there is more: --from %.19sZ\n", reader.next);
    return past_told(h, reader.why, status);
}

static int read_times(const struct past *h, struct ask_history *ask)
{
    int64_t now_s = now_wall().ns / NS_PER_S;
    ask->until_s = now_s;
    if (h->values[UNTIL] && !when_parse(h->values[UNTIL], now_s, &ask->until_s))
        return past_wrong(h, "--until is no time");
    ask->from_s = ask->until_s - 3600;
    if (h->values[FROM] && !when_parse(h->values[FROM], now_s, &ask->from_s))
        return past_wrong(h, "--from is no time");
    return PAST_GOES_ON;
}

static int show(struct past *h)
{
    bool timed = h->values[FROM] || h->values[UNTIL] || h->values[OF_PATH];
    struct ask_history ask = {.what = h->values[OF_PATH] ? ASK_PAST_RATES
                                      : timed || h->id   ? ASK_PAST_FACTS
                                                         : ASK_PAST_OUTAGES,
                              .until_s = INT64_C(1) << 32};
    if (h->id && timed)
        return past_wrong(h, "a number, or a time, but not both");
    if (h->values[STEP] && (!h->values[OF_PATH] || !acting_number(h->values[STEP], &ask.step_s)))
        return past_wrong(h, "--step is of --path, and a number of seconds");
    int status = timed ? read_times(h, &ask) : PAST_GOES_ON;
    if (status != PAST_GOES_ON)
        return status;
    const char *of = h->values[OF_PATH] ? h->values[OF_PATH] : h->id ? h->id : "";
    if (h->values[OF_PATH] && strcmp(of, "all") == 0)
        of = "";
    snprintf(ask.of, sizeof ask.of, "%s", of);
    return list(h, &ask);
}

int cmd_history(int argc, char **argv)
{
    static const char *const extras[] = {"path", "from", "until", "step", NULL};
    struct past past = {.verb = "history", .help = help, .extras = extras};
    return past_run(&past, argc, argv, show);
}
