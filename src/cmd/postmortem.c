// SPDX-License-Identifier: ISC
// What a post-mortem begins with, out of the store: times, causes, decisions, all in order.
#include "cmd/past.h"
#include "cmd/verbs.h"
#include "role/teller.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "  fairlead postmortem -c /etc/fairlead.yaml 3.12 > incident.md\n"
    "\n"
    "usage: fairlead postmortem (-c FILE | --store FILE) [RUN.]NUMBER\n"
    "\n"
    "Writes what a post-mortem of an incident begins with, as Markdown, times in UTC: what it "
    "was,\n"
    "how long it took to be told, acted upon and over, what was decided and by what evidence, and\n"
    "all that was told from its onset on. Reads the file of the key 'store': the daemon need not\n"
    "run; fairlead history lists the numbers.\n"
    "\n"
    "  -c, --config FILE  the configuration, for its key 'store'\n"
    "  --store FILE       the file itself\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 done, 1 there is none of this number, 2 wrong usage, 3 the store cannot be "
    "read.\n";

enum { AT, KIND, SAID };  // columns of past_facts()

// What was told may not look like Markdown of ours, nor end its line.
static void put_text(const char *text)
{
    for (; *text != '\0'; text++) {
        if (strchr("\\`*_[]<>#|&", *text))
            putchar('\\');
        putchar((unsigned char)*text < ' ' ? ' ' : *text);
    }
}

static void put_line(int64_t at_ns, const char *text)
{
    char time[TELLER_TIME_MAX];
    printf("- %.23sZ ", teller_time((struct wall){at_ns}, time));
    put_text(text);
    putchar('\n');
}

static bool is_among(const char *kind, const char *const *kinds)
{
    while (*kinds && strcmp(*kinds, kind) != 0)
        kinds++;
    return *kinds != NULL;
}

// The facts of these kinds (NULL: all); false: they cannot be read.
static bool put_facts(const struct past *h, const struct store_outage *of, const char *title,
                      const char *const *kinds)
{
    sqlite3_stmt *row = past_facts(h, of);
    bool any = false;
    int code = SQLITE_ERROR;
    printf("\n## %s\n\n", title);
    while (row && (code = sqlite3_step(row)) == SQLITE_ROW) {
        if (past_text(row, SAID)[0] == '\0' || (kinds && !is_among(past_text(row, KIND), kinds)))
            continue;
        put_line(sqlite3_column_int64(row, AT), past_text(row, SAID));
        any = true;
    }
    if (!any)
        puts("Nothing was told.");
    sqlite3_finalize(row);
    return code == SQLITE_DONE;
}

// When the first fact was told that such a condition of SQL holds for; INT64_MIN: none was.
static int64_t first_of(const struct past *h, const struct store_outage *of, const char *condition)
{
    char sql[320];
    sqlite3_stmt *row = NULL;
    int64_t at_ns = INT64_MIN;
    snprintf(sql, sizeof sql,
             "SELECT min(at_ns) FROM facts WHERE run = %" PRId64 " AND at_ns BETWEEN %" PRId64
             " AND %" PRId64 " AND %s",
             of->run, of->onset_ns, of->changed_ns, condition);
    if (sqlite3_prepare_v2(h->db, sql, -1, &row, NULL) == SQLITE_OK &&
        sqlite3_step(row) == SQLITE_ROW && sqlite3_column_type(row, 0) == SQLITE_INTEGER)
        at_ns = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return at_ns;
}

static void put_time(const char *what, const struct store_outage *of, int64_t at_ns)
{
    char time[TELLER_TIME_MAX];
    if (at_ns == INT64_MIN)
        printf("| %s | - | - |\n", what);
    else
        printf("| %s | %.23sZ | %.1f |\n", what, teller_time((struct wall){at_ns}, time),
               (double)(at_ns - of->onset_ns) / NS_PER_S);
}

static void put_times(const struct past *h, const struct store_outage *of, bool is_over)
{
    char told[96];
    snprintf(told, sizeof told, "kind = 'outage' AND json_extract(text, '$.number') = %" PRId64,
             of->number);
    puts("\n## Times\n\n| | UTC | seconds from onset |\n|---|---|---:|");
    put_time("onset", of, of->onset_ns);
    put_time("told", of, first_of(h, of, told));
    put_time("first act", of,
             first_of(h, of, "kind = 'acted' AND json_extract(text, '$.state') = 'announced'"));
    put_time("over", of, is_over ? of->changed_ns : INT64_MIN);
}

static void put_field(const char *name, const char *text)
{
    printf("- %s: ", name);
    put_text(text[0] != '\0' ? text : "-");
    putchar('\n');
}

static int put_head(const struct past *h, const struct store_outage *of, bool *is_over)
{
    sqlite3_stmt *row;
    if (sqlite3_prepare_v2(h->db,
                           "SELECT title, severity, state, cause, action FROM outages"
                           " WHERE run = ?1 AND number = ?2",
                           -1, &row, NULL) != SQLITE_OK)
        return past_unreadable(h);
    sqlite3_bind_int64(row, 1, of->run);
    sqlite3_bind_int64(row, 2, of->number);
    if (sqlite3_step(row) == SQLITE_ROW) {
        printf("# Incident %" PRId64 ".%" PRId64 ": ", of->run, of->number);
        put_text(past_text(row, 0));
        puts("\n\nA draft, out of what was told; times in UTC.\n");
        put_field("severity", past_text(row, 1));
        put_field("state", past_text(row, 2));
        put_field("cause", past_text(row, 3));
        put_field("what Fairlead did", past_text(row, 4));
        *is_over = strcmp(past_text(row, 2), "over") == 0;
    }
    sqlite3_finalize(row);
    return 0;
}

static int show(struct past *h)
{
    static const char *const evidence[] = {"signal", "fault", "notice", "change", "odd", NULL};
    static const char *const decisions[] = {"plan",  "acted",    "repair", "hooked",
                                            "drain", "answered", NULL};
    struct store_outage one;
    bool is_over = false;
    if (!h->id)
        return past_wrong(h, "no number of an incident");
    int status = past_find(h, &one);
    if (status != PAST_GOES_ON)
        return status;
    if ((status = put_head(h, &one, &is_over)) != 0)
        return status;
    put_times(h, &one, is_over);
    bool good = put_facts(h, &one, "Evidence", evidence) &&
                put_facts(h, &one, "Decisions and acts", decisions) &&
                put_facts(h, &one, "Timeline", NULL);
    return good ? 0 : past_unreadable(h);
}

int cmd_postmortem(int argc, char **argv)
{
    struct past past = {.verb = "postmortem", .help = help};
    return past_run(&past, argc, argv, show);
}
