// SPDX-License-Identifier: ISC
// What was told, out of the store: nobody need run.
#include "cmd/columns.h"
#include "cmd/past.h"
#include "cmd/verbs.h"
#include "role/teller.h"

#include <stdio.h>
#include <stdlib.h>

static const char help[] =
    "  fairlead history -c /etc/fairlead.yaml          what was broken, the last first\n"
    "  fairlead history -c /etc/fairlead.yaml 3.12     what was told of one, from its onset on\n"
    "  fairlead history --store FILE 12                the last of that number, of any run\n"
    "\n"
    "usage: fairlead history (-c FILE | --store FILE) [--json] [[RUN.]NUMBER]\n"
    "\n"
    "Reads the file of the key 'store': the daemon need not run. Numbers begin anew with each "
    "start\n"
    "of the daemon, so each is behind that of its run. Of one all that was told to people from "
    "its\n"
    "onset to its last word is listed, whatever it is of.\n"
    "\n"
    "  -c, --config FILE  the configuration, for its key 'store'\n"
    "  --store FILE       the file itself\n"
    "  --json             one JSON object a line\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 done, 1 there is none of this number, 2 wrong usage, 3 the store cannot be "
    "read.\n";

enum { LISTED_MAX = 100 };

static void print_json(json_t *line)
{
    char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
    puts(text ? text : "{}");
    free(text);
    json_decref(line);
}

static const char *time_at(sqlite3_stmt *row, int column, char *text)
{
    return teller_time((struct wall){sqlite3_column_int64(row, column)}, text);
}

static void show_outage(struct columns *columns, sqlite3_stmt *row, bool json)
{
    enum { RUN, NUMBER, ONSET, CHANGED, STATE, SEVERITY, TITLE, CAUSE, ACTION };
    char onset[TELLER_TIME_MAX], changed[TELLER_TIME_MAX];
    time_at(row, ONSET, onset);
    time_at(row, CHANGED, changed);
    if (json) {
        print_json(json_pack("{s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "run",
                             (json_int_t)sqlite3_column_int64(row, RUN), "number",
                             (json_int_t)sqlite3_column_int64(row, NUMBER), "onset", onset,
                             "changed", changed, "state", past_text(row, STATE), "severity",
                             past_text(row, SEVERITY), "title", past_text(row, TITLE), "cause",
                             past_text(row, CAUSE), "action", past_text(row, ACTION)));
        return;
    }
    columns_addf(columns, "%lld.%lld", (long long)sqlite3_column_int64(row, RUN),
                 (long long)sqlite3_column_int64(row, NUMBER));
    columns_addf(columns, "%.19sZ", onset);
    columns_addf(columns, "%.19sZ", changed);
    columns_add(columns, past_text(row, STATE));
    columns_add(columns, past_text(row, SEVERITY));
    columns_addf(columns, "%s%s%s", past_text(row, TITLE), past_text(row, CAUSE)[0] ? ": " : "",
                 past_text(row, CAUSE));
}

// As it was said in the log; with --json as it is, but for its clock, which nobody reads.
static void show_fact(struct columns *columns, sqlite3_stmt *row, bool json)
{
    enum { AT, KIND, SAID, TEXT };
    char at[TELLER_TIME_MAX];
    time_at(row, AT, at);
    if (json) {
        json_t *fact = json_loads(past_text(row, TEXT), 0, NULL);
        json_object_del(fact, "at_ns");
        json_object_set_new(fact, "time", json_string(at));
        print_json(fact);
        return;
    }
    columns_addf(columns, "%.23sZ", at);
    columns_add(columns, past_text(row, KIND));
    columns_add(columns, past_text(row, SAID));
}

static int list(const struct past *h, sqlite3_stmt *row, uint32_t count,
                void (*show)(struct columns *columns, sqlite3_stmt *row, bool json))
{
    struct columns columns;
    int code;
    columns_init(&columns, count, 0);
    while ((code = sqlite3_step(row)) == SQLITE_ROW)
        show(&columns, row, h->json);
    if (!h->json && columns_rows(&columns) == 0 && code == SQLITE_DONE)
        puts("nothing was told");
    columns_print(&columns, "");
    columns_done(&columns);
    sqlite3_finalize(row);
    return code == SQLITE_DONE ? 0 : past_unreadable(h);
}

static int show(struct past *h)
{
    enum { OUTAGE_COLUMNS = 6, FACT_COLUMNS = 3 };
    struct past_outage one;
    sqlite3_stmt *row;
    if (h->id) {
        int status = past_find(h, &one);
        row = status == PAST_GOES_ON ? past_facts(h, &one) : NULL;
        if (!row)
            return status == PAST_GOES_ON ? 3 : status;
        return list(h, row, FACT_COLUMNS, show_fact);
    }
    if (sqlite3_prepare_v2(
            h->db,
            "SELECT run, number, onset_ns, changed_ns, state, severity, title, cause,"
            " action FROM outages ORDER BY onset_ns DESC, number DESC LIMIT ?1",
            -1, &row, NULL) != SQLITE_OK)
        return past_unreadable(h);
    sqlite3_bind_int64(row, 1, LISTED_MAX);
    return list(h, row, OUTAGE_COLUMNS, show_outage);
}

int cmd_history(int argc, char **argv)
{
    struct past past = {.verb = "history", .help = help};
    return past_run(&past, argc, argv, show);
}
