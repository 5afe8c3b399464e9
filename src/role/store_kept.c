// SPDX-License-Identifier: ISC
#include "role/store_kept.h"

#include "engine/message.h"

#include <sqlite3.h>
#include <string.h>

// Place 0: the outage itself.
const char store_kept_schema[] =
    "CREATE TABLE kept (number INTEGER NOT NULL, place INTEGER NOT NULL, run INTEGER NOT NULL,"
    " text TEXT NOT NULL, PRIMARY KEY (number, place)) WITHOUT ROWID;";

static int64_t number_of(const json_t *effect, const char *key)
{
    return json_integer_value(json_object_get(effect, key));
}

// Carries out what changes rows: ?1 is `number`.
static int change(sqlite3_stmt *statement, int64_t number)
{
    sqlite3_bind_int64(statement, 1, number);
    int code = sqlite3_step(statement);
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

int store_kept_add(struct store_file *file, const json_t *effect, const char *text)
{
    sqlite3_stmt *add;
    int64_t number = number_of(effect, "number"), run = store_kept_run(file, number);
    int code = sqlite3_prepare_v2(file->db, "INSERT OR REPLACE INTO kept VALUES (?1, ?2, ?3, ?4)",
                                  -1, &add, NULL);
    if (code != SQLITE_OK)
        return code;
    sqlite3_bind_int64(add, 2, number_of(effect, "place"));
    sqlite3_bind_int64(add, 3, run);
    sqlite3_bind_text(add, 4, text, -1, SQLITE_TRANSIENT);
    return change(add, number);
}

int store_kept_drop(struct store_file *file, int64_t number)
{
    sqlite3_stmt *drop;
    int code = sqlite3_prepare_v2(file->db, "DELETE FROM kept WHERE number = ?1", -1, &drop, NULL);
    return code == SQLITE_OK ? change(drop, number) : code;
}

int64_t store_kept_run(struct store_file *file, int64_t number)
{
    sqlite3_stmt *row = NULL;
    int64_t run = file->run;
    if (sqlite3_prepare_v2(file->db, "SELECT run FROM kept WHERE number = ?1 LIMIT 1", -1, &row,
                           NULL) == SQLITE_OK) {
        sqlite3_bind_int64(row, 1, number);
        if (sqlite3_step(row) == SQLITE_ROW)
            run = sqlite3_column_int64(row, 0);
    }
    sqlite3_finalize(row);
    return run;
}

static bool read_row(const struct net *net, const char *text, struct event *event)
{
    struct effect effect;
    char why[MESSAGE_WHY_MAX];
    if (!text || !message_to_effect(net, text, strlen(text), &effect, why))
        return false;
    *event = (struct event){.kind = EVENT_NONE};
    if (effect.kind == EFFECT_KEPT_FACT) {
        event->kind = EVENT_KEPT_FACT;
        event->kept_fact = effect.kept_fact;
    } else if (effect.kind == EFFECT_KEPT_OUTAGE) {
        event->kind = EVENT_KEPT_OUTAGE;
        event->kept_outage = effect.kept_outage;
    }
    return event->kind != EVENT_NONE;
}

int store_kept_each(struct store_file *file, const struct net *net,
                    void (*tell)(void *context, const struct event *event), void *context)
{
    sqlite3_stmt *row;
    struct event event;
    int code = sqlite3_prepare_v2(
        file->db, "SELECT text FROM kept ORDER BY number, place = 0, place", -1, &row, NULL);
    if (code != SQLITE_OK)
        return code;
    while ((code = sqlite3_step(row)) == SQLITE_ROW)
        if (read_row(net, (const char *)sqlite3_column_text(row, 0), &event))
            tell(context, &event);
    sqlite3_finalize(row);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}
