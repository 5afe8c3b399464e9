// SPDX-License-Identifier: ISC
#include "role/store_read.h"

#include "base/civil.h"
#include "detect/rate.h"
#include "role/teller.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOT_NS (RATE_S * (int64_t)NS_PER_S)
#define TIME_S_MAX (INT64_MAX / NS_PER_S / 2)
static_assert(STORE_LINES_MAX + 1 == 10001, "as the statements have it");

static int unreadable(struct store_reader *r)
{
    snprintf(r->why, sizeof r->why, "%s", sqlite3_errmsg(r->db));
    return 3;
}

static int wrong(struct store_reader *r, int status, const char *why)
{
    snprintf(r->why, sizeof r->why, "%s", why);
    return status;
}

// Binds so many numbers; NULL: it cannot be read.
static sqlite3_stmt *prepare(struct store_reader *r, const char *sql, const int64_t *numbers,
                             int count)
{
    sqlite3_stmt *row = NULL;
    if (sqlite3_prepare_v2(r->db, sql, -1, &row, NULL) != SQLITE_OK)
        return NULL;
    for (int i = 0; i < count; i++)
        sqlite3_bind_int64(row, i + 1, numbers[i]);
    return row;
}

static const char *text_of(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    return text ? text : "";
}

static const char *time_of(sqlite3_stmt *row, int column, char *text)
{
    return teller_time((struct wall){sqlite3_column_int64(row, column)}, text);
}

// ---- lines

static json_t *outage_line(sqlite3_stmt *row)
{
    enum { RUN, NUMBER, ONSET, CHANGED, STATE, SEVERITY, TITLE, CAUSE, ACTION };
    char onset[TELLER_TIME_MAX], changed[TELLER_TIME_MAX];
    return json_pack("{s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "run",
                     (json_int_t)sqlite3_column_int64(row, RUN), "number",
                     (json_int_t)sqlite3_column_int64(row, NUMBER), "onset",
                     time_of(row, ONSET, onset), "changed", time_of(row, CHANGED, changed), "state",
                     text_of(row, STATE), "severity", text_of(row, SEVERITY), "title",
                     text_of(row, TITLE), "cause", text_of(row, CAUSE), "action",
                     text_of(row, ACTION));
}

// As it is, but for its clock, which nobody reads, and with the sentence that said it.
static json_t *fact_line(sqlite3_stmt *row)
{
    enum { AT, TEXT, SAID };
    char at[TELLER_TIME_MAX];
    json_t *fact = json_loads(text_of(row, TEXT), 0, NULL);
    json_object_del(fact, "at_ns");
    json_object_set_new(fact, "time", json_string(time_of(row, AT, at)));
    json_object_set_new(fact, "said", json_string(text_of(row, SAID)));
    return fact;
}

static json_t *rate_line(sqlite3_stmt *row)
{
    enum { AT, PATH, SAMPLES, LOST, FORWARD, REVERSE, P50, P90, P99 };
    static const char *const names[] = {
        [SAMPLES] = "samples",      [LOST] = "lost",      [FORWARD] = "lost_forward",
        [REVERSE] = "lost_reverse", [P50] = "rtt_p50_ns", [P90] = "rtt_p90_ns",
        [P99] = "rtt_p99_ns"};
    char at[TELLER_TIME_MAX];
    json_t *rate =
        json_pack("{s:s, s:s}", "time", time_of(row, AT, at), "path", text_of(row, PATH));
    for (int i = SAMPLES; rate && i <= P99; i++)
        json_object_set_new(rate, names[i], json_integer(sqlite3_column_int64(row, i)));
    return rate;
}

// All rows but the one beyond the most; that one's first column is when to ask on.
static int say_rows(struct store_reader *r, sqlite3_stmt *row, json_t *(*line_of)(sqlite3_stmt *))
{
    int code = SQLITE_ERROR;
    char time[TELLER_TIME_MAX];
    while (row && (code = sqlite3_step(row)) == SQLITE_ROW && r->lines < STORE_LINES_MAX) {
        json_t *line = line_of(row);
        if (line)
            r->say(r->context, line);
        json_decref(line);
        r->lines++;
    }
    if (code == SQLITE_ROW)
        snprintf(r->next, sizeof r->next, "%s", time_of(row, 0, time));
    int status = code == SQLITE_ROW || code == SQLITE_DONE ? 0 : unreadable(r);
    sqlite3_finalize(row);
    return status;
}

// ---- questions

static bool read_id(const char *id, int64_t *run, int64_t *number)
{
    char *end;
    *run = -1;
    *number = strtoll(id, &end, 10);
    if (end != id && *end == '.') {
        const char *second = end + 1;
        *run = *number;
        *number = strtoll(second, &end, 10);
        return end != second && *end == '\0' && *run >= 0 && *number >= 0;
    }
    return end != id && *end == '\0' && *number >= 0;
}

int store_read_outage(struct store_reader *r, const char *id, struct store_outage *found)
{
    int64_t wanted[2];
    char why[STORE_WHY_MAX];
    if (!read_id(id, &wanted[1], &wanted[0]))
        return wrong(r, 2, "that is no number of an incident");
    sqlite3_stmt *row = prepare(r,
                                "SELECT run, number, onset_ns, changed_ns FROM outages WHERE"
                                " number = ?1 AND (?2 < 0 OR run = ?2) ORDER BY run DESC LIMIT 1",
                                wanted, 2);
    int code = row ? sqlite3_step(row) : SQLITE_ERROR;
    if (code == SQLITE_ROW)
        *found = (struct store_outage){sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1),
                                       sqlite3_column_int64(row, 2), sqlite3_column_int64(row, 3)};
    snprintf(why, sizeof why, "there is no incident '%.20s'", id);
    int status = code == SQLITE_ROW ? 0 : code == SQLITE_DONE ? wrong(r, 1, why) : unreadable(r);
    sqlite3_finalize(row);
    return status;
}

static int read_outages(struct store_reader *r, const struct ask_history *ask)
{
    const int64_t times[] = {ask->from_s * NS_PER_S, ask->until_s * NS_PER_S};
    // The latest first: a list that is cut ends with what is long ago.
    int status = say_rows(r,
                          prepare(r,
                                  "SELECT run, number, onset_ns, changed_ns, state, severity,"
                                  " title, cause, action FROM outages WHERE onset_ns <= ?2 AND"
                                  " changed_ns >= ?1 ORDER BY onset_ns DESC, number DESC"
                                  " LIMIT 10001",
                                  times, 2),
                          outage_line);
    r->next[0] = '\0';
    return status;
}

// What was told in that time of what `ask->of` names: `sql` has the times as ?1 and ?2, that as ?3.
static int read_of(struct store_reader *r, const struct ask_history *ask, const char *sql)
{
    const int64_t times[] = {ask->from_s * NS_PER_S, ask->until_s * NS_PER_S};
    sqlite3_stmt *row = prepare(r, sql, times, 2);
    if (row)
        sqlite3_bind_text(row, 3, ask->of, -1, SQLITE_TRANSIENT);
    return say_rows(r, row, fact_line);
}

#define FACTS_OF_A_TIME "SELECT at_ns, text, said FROM facts WHERE at_ns >= ?1 AND at_ns <= ?2"
#define IS_OF(member) "CASE WHEN json_valid(text) THEN json_extract(text, '$." member "') END = ?3"
#define IN_ORDER " ORDER BY at_ns, id LIMIT 10001"

static int read_facts(struct store_reader *r, const struct ask_history *ask)
{
    struct store_outage of;
    if (ask->of[0] == '\0')
        return read_of(r, ask, FACTS_OF_A_TIME " AND ?3 = ''" IN_ORDER);
    if (strchr(ask->of, '/'))
        return read_of(r, ask, FACTS_OF_A_TIME " AND " IS_OF("prefix") IN_ORDER);
    int status = store_read_outage(r, ask->of, &of);
    const int64_t its[] = {of.run, of.onset_ns, of.changed_ns};
    return status != 0 ? status
                       : say_rows(r,
                                  prepare(r,
                                          "SELECT at_ns, text, said FROM facts WHERE run >= ?1 AND"
                                          " at_ns >= ?2 AND at_ns <= ?3 ORDER BY id LIMIT 10001",
                                          its, 3),
                                  fact_line);
}

static int read_flows(struct store_reader *r, const struct ask_history *ask)
{
    return read_of(
        r, ask, FACTS_OF_A_TIME " AND kind = 'flow' AND (?3 = '' OR " IS_OF("path") ")" IN_ORDER);
}

// The time that is asked for, as far as there is any; false: there is none.
static bool clip(struct store_reader *r, int64_t *from, int64_t *until)
{
    sqlite3_stmt *row = prepare(r, "SELECT min(slot), max(slot) FROM rates", NULL, 0);
    bool any =
        row && sqlite3_step(row) == SQLITE_ROW && sqlite3_column_type(row, 0) == SQLITE_INTEGER;
    int64_t first = any ? sqlite3_column_int64(row, 0) : 0;
    int64_t last = any ? sqlite3_column_int64(row, 1) : -1;
    sqlite3_finalize(row);
    *from = *from > first ? *from : first;
    *until = *until < last ? *until : last;
    return *from <= *until;
}

// What SQL has in common: a row for each `step` slots, which ends with the last of them; of a round
// trip the longest of these, so that no peak is smoothed away.
#define RATE_COLUMNS                                                                               \
    "SELECT ((slot + ?4 - 1) / ?4) * ?4 * 10000000000, name, sum(samples), sum(lost),"             \
    " sum(lost_forward), sum(lost_reverse), max(rtt_p50_ns), max(rtt_p90_ns), max(rtt_p99_ns) "
static_assert(SLOT_NS == 10000000000, "as in RATE_COLUMNS");

static int find_path(struct store_reader *r, const char *name, int64_t *path)
{
    char why[STORE_WHY_MAX];
    sqlite3_stmt *row = prepare(r, "SELECT path FROM paths WHERE name = ?1", NULL, 0);
    if (row)
        sqlite3_bind_text(row, 1, name, -1, SQLITE_TRANSIENT);
    int code = row ? sqlite3_step(row) : SQLITE_ERROR;
    *path = code == SQLITE_ROW ? sqlite3_column_int64(row, 0) : 0;
    snprintf(why, sizeof why, "nothing is kept of a path '%.60s'", name);
    int status = code == SQLITE_ROW ? 0 : code == SQLITE_DONE ? wrong(r, 1, why) : unreadable(r);
    sqlite3_finalize(row);
    return status;
}

static int64_t path_count(struct store_reader *r)
{
    sqlite3_stmt *row = prepare(r, "SELECT count(*) FROM paths", NULL, 0);
    int64_t count = row && sqlite3_step(row) == SQLITE_ROW ? sqlite3_column_int64(row, 0) : 0;
    sqlite3_finalize(row);
    return count;
}

static int read_rates(struct store_reader *r, const struct ask_history *ask)
{
    int64_t step = ask->step_s > RATE_S ? ask->step_s / RATE_S : 1, path = 0, beyond;
    int64_t from = civil_floor(ask->from_s + RATE_S - 1, RATE_S);
    int64_t until = civil_floor(ask->until_s, RATE_S);
    bool all = ask->of[0] == '\0';
    char time[TELLER_TIME_MAX];
    int status = all ? 0 : find_path(r, ask->of, &path);
    if (status != 0 || !clip(r, &from, &until))
        return status;
    beyond = until;
    int64_t most = all ? STORE_SLOTS_MAX / (1 + path_count(r)) : STORE_SLOTS_MAX;
    if (until - from > most)  // at the end of a step, so that no step is told in two halves
        until = step < most ? civil_floor(from + most, step) * step : from + most;
    const int64_t numbers[] = {from, until, path, step};
    status = say_rows(
        r,
        prepare(r,
                all ? RATE_COLUMNS "FROM rates NATURAL JOIN paths WHERE slot BETWEEN ?1 AND ?2 AND"
                                   " ?3 = 0 GROUP BY 1, path ORDER BY 1, path LIMIT 10001"
                    : "WITH RECURSIVE times (slot) AS (SELECT ?1 UNION ALL SELECT slot + 1 FROM"
                      " times WHERE slot < ?2) " RATE_COLUMNS
                      "FROM times CROSS JOIN rates USING (slot) NATURAL JOIN paths"
                      " WHERE rates.path = ?3 GROUP BY 1 ORDER BY 1 LIMIT 10001",
                numbers, 4),
        rate_line);
    if (r->next[0] == '\0' && until < beyond)
        snprintf(r->next, sizeof r->next, "%s",
                 teller_time((struct wall){(until + 1) * SLOT_NS}, time));
    return status;
}

int store_read(struct store_reader *r, const struct ask_history *ask)
{
    static int (*const kinds[ASK_PAST_POSTMORTEM])(struct store_reader *,
                                                   const struct ask_history *) = {
        [ASK_PAST_OUTAGES] = read_outages,
        [ASK_PAST_FACTS] = read_facts,
        [ASK_PAST_RATES] = read_rates,
        [ASK_PAST_FLOWS] = read_flows,
    };
    r->lines = 0;
    r->next[0] = r->why[0] = '\0';
    if (ask->from_s < -TIME_S_MAX || ask->until_s > TIME_S_MAX || ask->from_s > ask->until_s)
        return wrong(r, 2, "the time ends before it begins, or is no time");
    assert(ask->what < ASK_PAST_POSTMORTEM);
    return kinds[ask->what](r, ask);
}
