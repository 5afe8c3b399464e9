// SPDX-License-Identifier: ISC
#include "role/store_rates.h"

#include "base/civil.h"
#include "detect/rate.h"

#include <sqlite3.h>
#include <stdio.h>

// By time first: they come in that order, and go in it. Who reads one path looks up each time.
const char store_rates_schema[] =
    "CREATE TABLE paths (path INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
    "CREATE TABLE rates (slot INTEGER NOT NULL, path INTEGER NOT NULL, samples INTEGER NOT NULL,"
    " lost INTEGER NOT NULL, lost_forward INTEGER NOT NULL, lost_reverse INTEGER NOT NULL,"
    " rtt_p50_ns INTEGER NOT NULL, rtt_p90_ns INTEGER NOT NULL, rtt_p99_ns INTEGER NOT NULL,"
    " PRIMARY KEY (slot, path)) WITHOUT ROWID;";

int store_rates_prepare(struct store_file *file)
{
    int code =
        sqlite3_prepare_v2(file->db, "INSERT INTO paths (name) VALUES (?1) ON CONFLICT DO NOTHING",
                           -1, &file->path, NULL);
    // When the clock was set back two are of one time; no sample is lost of that.
    return code != SQLITE_OK
               ? code
               : sqlite3_prepare_v2(
                     file->db,
                     "INSERT INTO rates SELECT ?2, path, ?3 + ?4, ?4, ?5, ?6, ?7, ?8, ?9"
                     " FROM paths WHERE name = ?1 ON CONFLICT DO UPDATE SET"
                     " samples = samples + excluded.samples, lost = lost + excluded.lost,"
                     " lost_forward = lost_forward + excluded.lost_forward,"
                     " lost_reverse = lost_reverse + excluded.lost_reverse,"
                     " rtt_p50_ns = excluded.rtt_p50_ns, rtt_p90_ns = excluded.rtt_p90_ns,"
                     " rtt_p99_ns = excluded.rtt_p99_ns",
                     -1, &file->rate, NULL);
}

void store_rates_done(struct store_file *file)
{
    sqlite3_finalize(file->path);
    sqlite3_finalize(file->rate);
}

static int run(sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);
    sqlite3_reset(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

int store_rates_add(struct store_file *file, struct wall at, const json_t *rate)
{
    static const char *const numbers[] = {
        "ok", "lost", "lost_forward", "lost_reverse", "rtt_p50_ns", "rtt_p90_ns", "rtt_p99_ns"};
    const char *path = json_string_value(json_object_get(rate, "path"));
    int64_t slot_ns = RATE_S * (int64_t)NS_PER_S;
    if (!path)
        return SQLITE_OK;  // the parent did not say it
    sqlite3_bind_text(file->path, 1, path, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(file->rate, 1, path, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(file->rate, 2, civil_floor(at.ns + slot_ns / 2, slot_ns));
    for (int i = 0; i < 7; i++)
        sqlite3_bind_int64(file->rate, 3 + i,
                           json_integer_value(json_object_get(rate, numbers[i])));
    int code = run(file->rate);
    if (code != SQLITE_OK || sqlite3_changes(file->db) > 0)
        return code;
    code = run(file->path);  // its first
    return code == SQLITE_OK ? run(file->rate) : code;
}

// How many there may be is a matter of how many paths there are: it is told by the last minute.
int store_rates_expire(struct store_file *file, struct wall oldest, int64_t *gone)
{
    char sql[512];
    int64_t slot_ns = RATE_S * (int64_t)NS_PER_S;
    snprintf(sql, sizeof sql,
             "WITH last (slot, rows) AS (SELECT max(slot), 1 + (SELECT count(*) / 6 FROM rates"
             " WHERE slot > (SELECT max(slot) FROM rates) - 6) FROM rates)"
             "DELETE FROM rates WHERE slot < max(%lld, (SELECT slot - %d / rows FROM last))"
             " AND slot <= (SELECT min(slot) FROM rates) + (SELECT %d / rows FROM last)",
             (long long)civil_floor(oldest.ns, slot_ns), STORE_RATES_MAX, STORE_EXPIRE_STEP);
    int code = sqlite3_exec(file->db, sql, NULL, NULL, NULL);
    *gone += code == SQLITE_OK ? sqlite3_changes(file->db) : 0;
    return code;
}
