// SPDX-License-Identifier: ISC
#include "role/store_file.h"

#include "role/store_kept.h"
#include "role/store_rates.h"

#include <jansson.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BUSY_MS = 2000 };  // somebody reads it; our own process alone waits

// From each version to the next. None is ever changed: files of all versions are out there.
static const char *const migrations[STORE_VERSION] = {
    "CREATE TABLE runs (run INTEGER PRIMARY KEY, began_ns INTEGER NOT NULL UNIQUE);"
    "CREATE TABLE facts (id INTEGER PRIMARY KEY, run INTEGER NOT NULL, at_ns INTEGER NOT NULL,"
    " kind TEXT NOT NULL, text TEXT NOT NULL);"
    "CREATE INDEX facts_at ON facts (at_ns);",
    "CREATE TABLE outages (run INTEGER NOT NULL, number INTEGER NOT NULL,"
    " onset_ns INTEGER NOT NULL, changed_ns INTEGER NOT NULL, state TEXT NOT NULL,"
    " severity TEXT NOT NULL, title TEXT NOT NULL, cause TEXT NOT NULL, action TEXT NOT NULL,"
    " PRIMARY KEY (run, number)) WITHOUT ROWID;"
    "INSERT OR REPLACE INTO outages SELECT run, json_extract(text, '$.number'),"
    " at_ns - json_extract(text, '$.at_ns') + json_extract(text, '$.onset_ns'), at_ns,"
    " json_extract(text, '$.state'), json_extract(text, '$.severity'),"
    " json_extract(text, '$.title'), json_extract(text, '$.cause'),"
    " json_extract(text, '$.action') FROM facts WHERE kind = 'outage' ORDER BY id;",
    "ALTER TABLE facts ADD COLUMN said TEXT NOT NULL DEFAULT '';",
    store_rates_schema,
    "CREATE TABLE statuses (run INTEGER NOT NULL, number INTEGER NOT NULL, draft TEXT NOT NULL,"
    " published TEXT NOT NULL, PRIMARY KEY (run, number)) WITHOUT ROWID;",
    store_kept_schema,
};

// What SQLite quotes may be out of a broken file.
static void clean(char *why)
{
    for (; *why != '\0'; why++)
        if (*why < ' ' || *why > '~')
            *why = '?';
}

static enum store_result failed(struct store_file *file, int code, char *why)
{
    snprintf(why, STORE_WHY_MAX, "%s", file->db ? sqlite3_errmsg(file->db) : sqlite3_errstr(code));
    clean(why);
    return code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? STORE_BROKEN : STORE_FAILED;
}

enum store_result store_file_failed(struct store_file *file, int code, char *why)
{
    return failed(file, code & 0xff, why);
}

static enum store_result execute(struct store_file *file, const char *sql, char *why)
{
    int code = sqlite3_exec(file->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? STORE_DONE : failed(file, code & 0xff, why);
}

// The one number that a statement gives.
static enum store_result ask(struct store_file *file, const char *sql, int64_t *number, char *why)
{
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(file->db, sql, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    *number = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    return code == SQLITE_ROW ? STORE_DONE : failed(file, code & 0xff, why);
}

// Most damage is found here; the rest when it is met.
static enum store_result check(struct store_file *file, char *why)
{
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(file->db, "PRAGMA quick_check(1)", -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    const char *said = code == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    bool good = said && strcmp(said, "ok") == 0;
    enum store_result result = good ? STORE_DONE : failed(file, code & 0xff, why);
    if (said && !good) {
        snprintf(why, STORE_WHY_MAX, "%s", said);
        clean(why);
        result = STORE_BROKEN;
    }
    sqlite3_finalize(statement);
    return result;
}

static enum store_result migrate(struct store_file *file, char *why)
{
    int64_t version;
    enum store_result result = ask(file, "PRAGMA user_version", &version, why);
    if (result == STORE_DONE && (version < 0 || version > STORE_VERSION)) {
        snprintf(why, STORE_WHY_MAX, "its version is %lld, ours %d: a newer Fairlead wrote it",
                 (long long)version, STORE_VERSION);
        return STORE_NEWER;
    }
    for (; result == STORE_DONE && version < STORE_VERSION; version++) {
        char sql[2048];
        snprintf(sql, sizeof sql, "BEGIN IMMEDIATE; %s PRAGMA user_version = %lld; COMMIT",
                 migrations[version], (long long)version + 1);
        result = execute(file, sql, why);
    }
    return result;
}

static enum store_result prepare(struct store_file *file, struct wall began, char *why)
{
    char sql[160];
    snprintf(sql, sizeof sql, "INSERT OR IGNORE INTO runs (began_ns) VALUES (%lld)",
             (long long)began.ns);
    enum store_result result = execute(file, sql, why);
    snprintf(sql, sizeof sql, "SELECT run FROM runs WHERE began_ns = %lld", (long long)began.ns);
    if (result == STORE_DONE)
        result = ask(file, sql, &file->run, why);
    if (result != STORE_DONE)
        return result;
    int code = sqlite3_prepare_v2(
        file->db, "INSERT INTO facts (run, at_ns, kind, text, said) VALUES (?1, ?2, ?3, ?4, ?5)",
        -1, &file->add, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(file->db,
                                  "INSERT OR REPLACE INTO outages VALUES"
                                  " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                                  -1, &file->outage, NULL);
    if (code == SQLITE_OK)
        code = store_rates_prepare(file);
    return code == SQLITE_OK ? STORE_DONE : failed(file, code & 0xff, why);
}

static enum store_result open_it(struct store_file *file, const char *path, struct wall began,
                                 char *why)
{
    *file = (struct store_file){0};
    int code = sqlite3_open_v2(
        path, &file->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK)
        return failed(file, code & 0xff, why);
    sqlite3_busy_timeout(file->db, BUSY_MS);
    enum store_result result = check(file, why);
    // A power failure may cost the last commits, never the file: it is no audit log.
    if (result == STORE_DONE)
        result = execute(file,
                         "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;"
                         "PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 4194304",
                         why);
    if (result == STORE_DONE)
        result = migrate(file, why);
    return result == STORE_DONE ? prepare(file, began, why) : result;
}

void store_file_close(struct store_file *file)
{
    sqlite3_finalize(file->add);
    sqlite3_finalize(file->outage);
    store_rates_done(file);
    sqlite3_close(file->db);
    *file = (struct store_file){0};
}

// What a log or index of the old file would say of the new one is wrong.
static bool move_away(const char *path, struct wall now, char *moved)
{
    char side[STORE_WHY_MAX];
    if (snprintf(moved, STORE_WHY_MAX, "%s.broken-%lld", path, (long long)(now.ns / NS_PER_S)) >=
            STORE_WHY_MAX ||
        rename(path, moved) < 0)
        return false;
    for (int i = 0; i < 2; i++)
        if (snprintf(side, sizeof side, "%s%s", path, i == 0 ? "-wal" : "-shm") < (int)sizeof side)
            (void)unlink(side);
    return true;
}

enum store_result store_file_open(struct store_file *file, const char *path, struct wall began,
                                  char *moved, char *why)
{
    moved[0] = '\0';
    enum store_result result = open_it(file, path, began, why);
    if (result != STORE_DONE)
        store_file_close(file);
    if (result != STORE_BROKEN)
        return result;
    if (!move_away(path, began, moved)) {
        moved[0] = '\0';
        return STORE_BROKEN;
    }
    result = open_it(file, path, began, why);
    if (result != STORE_DONE)
        store_file_close(file);
    return result;
}

static const char *text_of(const json_t *fact, const char *key)
{
    const char *text = json_string_value(json_object_get(fact, key));
    return text ? text : "";
}

static void bind_text(sqlite3_stmt *statement, int at, const char *text)
{
    sqlite3_bind_text(statement, at, text, -1, SQLITE_TRANSIENT);
}

static int run_it(sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);
    sqlite3_reset(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

// The last word about an outage, in the run in which it began. Its onset is of the engine's clock,
// as the fact's own time.
static int add_outage(struct store_file *file, struct wall at, const json_t *fact)
{
    int64_t said = json_integer_value(json_object_get(fact, "at_ns"));
    int64_t onset = json_integer_value(json_object_get(fact, "onset_ns"));
    static const char *const texts[] = {"state", "severity", "title", "cause", "action"};
    int64_t number = json_integer_value(json_object_get(fact, "number"));
    sqlite3_bind_int64(file->outage, 1, store_kept_run(file, number));
    sqlite3_bind_int64(file->outage, 2, number);
    sqlite3_bind_int64(file->outage, 3, at.ns - (said - onset));
    sqlite3_bind_int64(file->outage, 4, at.ns);
    for (int i = 0; i < 5; i++)
        bind_text(file->outage, 5 + i, text_of(fact, texts[i]));
    int code = run_it(file->outage);
    return code == SQLITE_OK && strcmp(text_of(fact, "state"), "over") == 0
               ? store_kept_drop(file, number)
               : code;
}

// What is no JSON object the parent did not say.
static int add_one(struct store_file *file, const struct store_fact *fact)
{
    json_t *said = json_loads(fact->text, 0, NULL);
    const char *kind = text_of(said, "effect");
    bool is_rate = strcmp(kind, "rate") == 0, is_kept = strncmp(kind, "kept_", 5) == 0;
    int code = is_rate   ? store_rates_add(file, fact->at, said)
               : is_kept ? store_kept_add(file, said, fact->text)
                         : SQLITE_OK;
    if (kind[0] != '\0' && !is_rate && !is_kept) {
        sqlite3_bind_int64(file->add, 1, file->run);
        sqlite3_bind_int64(file->add, 2, fact->at.ns);
        bind_text(file->add, 3, kind);
        bind_text(file->add, 4, fact->text);
        bind_text(file->add, 5, fact->said);
        code = run_it(file->add);
    }
    if (code == SQLITE_OK && strcmp(kind, "outage") == 0)
        code = add_outage(file, fact->at, said);
    json_decref(said);
    return code;
}

enum store_result store_file_add(struct store_file *file, const struct store_fact *facts,
                                 uint32_t count, char *why)
{
    enum store_result result = execute(file, "BEGIN IMMEDIATE", why);
    int code = SQLITE_OK;
    for (uint32_t i = 0; result == STORE_DONE && code == SQLITE_OK && i < count; i++)
        code = add_one(file, &facts[i]);
    if (code != SQLITE_OK)
        result = failed(file, code & 0xff, why);
    if (result == STORE_DONE)
        result = execute(file, "COMMIT", why);
    if (result != STORE_DONE)
        (void)sqlite3_exec(file->db, "ROLLBACK", NULL, NULL, NULL);
    return result;
}

static enum store_result expire_facts(struct store_file *file, struct wall oldest, char *why)
{
    char sql[640];
    snprintf(sql, sizeof sql,
             "DELETE FROM facts WHERE id IN (SELECT id FROM facts WHERE at_ns < %lld"
             " ORDER BY at_ns LIMIT %d);"
             "DELETE FROM facts WHERE id IN (SELECT id FROM facts WHERE id <="
             " (SELECT max(id) FROM facts) - %d ORDER BY id LIMIT %d);"
             "DELETE FROM outages WHERE changed_ns < %lld;"
             "DELETE FROM statuses WHERE NOT EXISTS (SELECT 1 FROM outages WHERE outages.run ="
             " statuses.run AND outages.number = statuses.number)",
             (long long)oldest.ns, STORE_EXPIRE_STEP, STORE_FACTS_MAX, STORE_EXPIRE_STEP,
             (long long)oldest.ns);
    return execute(file, sql, why);
}

enum store_result store_file_expire(struct store_file *file, struct store_oldest oldest, bool *more,
                                    char *why)
{
    int before = sqlite3_total_changes(file->db);
    int64_t rates = 0;
    enum store_result result = expire_facts(file, oldest.fact, why);
    *more = sqlite3_total_changes(file->db) - before >= STORE_EXPIRE_STEP;
    if (result == STORE_DONE) {
        int code = store_rates_expire(file, oldest.rate, &rates);
        result = code == SQLITE_OK ? STORE_DONE : failed(file, code & 0xff, why);
    }
    *more |= rates >= STORE_EXPIRE_STEP / 2;
    if (result == STORE_DONE)
        result = execute(file, "PRAGMA incremental_vacuum", why);
    *more &= result == STORE_DONE;
    return result;
}
