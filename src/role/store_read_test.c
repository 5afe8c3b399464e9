// SPDX-License-Identifier: ISC
// What is read out of the store, of a file made here: no process, no disk.
#include "role/store_read.h"

#include "base/check.h"
#include "role/store_rates.h"

#include <sqlite3.h>
#include <string.h>

enum { SAID_MAX = 4096 };

struct heard {
    char text[SAID_MAX];  // the first lines, one behind the other
    uint32_t count;
};

static void hear(void *context, json_t *line)
{
    struct heard *heard = context;
    size_t held = strlen(heard->text);
    size_t size = json_dumpb(line, heard->text + held, SAID_MAX - 1 - held, JSON_COMPACT);
    heard->text[held + (size < SAID_MAX - 1 - held ? size : 0)] = '\0';
    heard->count++;
}

static void execute(sqlite3 *db, const char *sql)
{
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static sqlite3 *make(void)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    execute(db, store_rates_schema);
    execute(db,
            "CREATE TABLE facts (id INTEGER PRIMARY KEY, run, at_ns, kind, text, said);"
            "CREATE TABLE outages (run, number, onset_ns, changed_ns, state, severity, title,"
            " cause, action);"
            "INSERT INTO outages VALUES (1, 4, 100e9, 200e9, 'over', 'major', 't1', 'c', 'a'),"
            " (2, 4, 300e9, 400e9, 'open', 'minor', 't2', '', ''),"
            " (2, 5, 350e9, 360e9, 'open', 'minor', 't3', '', '');"
            "INSERT INTO facts (run, at_ns, kind, text, said) VALUES"
            " (1, 150000000000, 'plan', '{\"effect\":\"plan\",\"at_ns\":7,\"n\":1}', 'one'),"
            " (2, 310000000000, 'plan', '{\"effect\":\"plan\",\"at_ns\":7,\"n\":2}', 'two'),"
            " (2, 355000000000, 'page', '{\"effect\":\"page\",\"at_ns\":7,\"n\":3}', 'three'),"
            " (2, 356000000000, 'page', 'no JSON', 'four'),"
            " (2, 900000000000, 'flow', '{\"effect\":\"flow\",\"path\":\"a ipv4\",\"n\":4}', ''),"
            " (2, 904000000000, 'acted', "
            "'{\"effect\":\"acted\",\"prefix\":\"192.0.2.0/24\",\"n\":6}', 'moved'),"
            " (2, 901000000000, 'flow', 'no JSON', ''),"
            " (2, 902000000000, 'flow', '{\"effect\":\"flow\",\"path\":\"a ipv6\",\"n\":5}', '')");
    execute(db, "INSERT INTO paths VALUES (1, 'a ipv4'), (2, 'a ipv6');"
                "INSERT INTO rates VALUES (10, 1, 100, 1, 1, 0, 20, 30, 40),"
                " (11, 1, 100, 2, 0, 2, 25, 28, 50), (12, 1, 0, 0, 0, 0, 0, 0, 0),"
                " (11, 2, 7, 7, 0, 0, 0, 0, 0)");
    return db;
}

static const struct {
    const char *name;
    struct ask_history ask;
    int status;
    uint32_t lines;
    const char *says[3];  // all of these are said
} rows[] = {
    {"all outages, the latest first",
     {ASK_PAST_OUTAGES, "", 0, 1000, 0},
     0,
     3,
     {"{\"run\":2,\"number\":5,", "\"onset\":\"1970-01-01T00:01:40.000000Z\"",
      "\"title\":\"t1\",\"cause\":\"c\",\"action\":\"a\"}"}},
    {"those of a time", {ASK_PAST_OUTAGES, "", 200, 300, 0}, 0, 2, {"\"title\":\"t1\"", "t2"}},
    {"facts of a time",
     {ASK_PAST_FACTS, "", 150, 310, 0},
     0,
     2,
     {"{\"effect\":\"plan\",\"n\":1,\"time\":\"1970-01-01T00:02:30.000000Z\",\"said\":\"one\"}",
      "\"n\":2"}},
    {"what is no JSON is left out", {ASK_PAST_FACTS, "", 355, 356, 0}, 0, 1, {"three"}},
    {"facts of one, of the last run", {ASK_PAST_FACTS, "4", 0, 0, 0}, 0, 2, {"two", "three"}},
    {"of the run that is named", {ASK_PAST_FACTS, "1.4", 0, 0, 0}, 0, 1, {"one"}},
    {"of a prefix", {ASK_PAST_FACTS, "192.0.2.0/24", 0, 1000, 0}, 0, 1, {"\"n\":6"}},
    {"of a prefix, of another time", {ASK_PAST_FACTS, "192.0.2.0/24", 0, 900, 0}, 0, 0, {0}},
    {"of a prefix of which nothing was told",
     {ASK_PAST_FACTS, "192.0.2.0/25", 0, 1000, 0},
     0,
     0,
     {0}},
    {"flows of a path", {ASK_PAST_FLOWS, "a ipv6", 0, 1000, 0}, 0, 1, {"\"n\":5", "00:15:02"}},
    {"flows of all", {ASK_PAST_FLOWS, "", 0, 1000, 0}, 0, 2, {"\"n\":4", "\"n\":5"}},
    {"flows of a time", {ASK_PAST_FLOWS, "", 901, 1000, 0}, 0, 1, {"\"n\":5"}},
    {"of a path that lost none", {ASK_PAST_FLOWS, "a' OR ''='", 0, 1000, 0}, 0, 0, {0}},
    {"none of that number", {ASK_PAST_FACTS, "9", 0, 0, 0}, 1, 0, {0}},
    {"no number", {ASK_PAST_FACTS, "1.4x", 0, 0, 0}, 2, 0, {0}},
    {"rates of a path, until when they ended",
     {ASK_PAST_RATES, "a ipv4", 0, 1000, 0},
     0,
     3,
     {"{\"time\":\"1970-01-01T00:01:40.000000Z\",\"path\":\"a ipv4\",\"samples\":100,\"lost\":1,"
      "\"lost_forward\":1,\"lost_reverse\":0,\"rtt_p50_ns\":20,\"rtt_p90_ns\":30,"
      "\"rtt_p99_ns\":40}",
      "00:01:50", "00:02:00"}},
    {"of a time", {ASK_PAST_RATES, "a ipv4", 101, 119, 0}, 0, 1, {"00:01:50"}},
    {"of the other family", {ASK_PAST_RATES, "a ipv6", 0, 1000, 0}, 0, 1, {"\"samples\":7"}},
    {"of all", {ASK_PAST_RATES, "", 0, 1000, 0}, 0, 4, {"a ipv4", "a ipv6"}},
    {"in longer steps, the longest round trips of each",
     {ASK_PAST_RATES, "a ipv4", 0, 1000, 60},
     0,
     1,
     {"00:02:00", "\"samples\":200,\"lost\":3,\"lost_forward\":1,\"lost_reverse\":2",
      "\"rtt_p50_ns\":25,\"rtt_p90_ns\":30,\"rtt_p99_ns\":50"}},
    {"before there were any", {ASK_PAST_RATES, "a ipv4", 0, 99, 0}, 0, 0, {0}},
    {"of a path that is not", {ASK_PAST_RATES, "a", 0, 1000, 0}, 1, 0, {0}},
    {"a time that ends before it begins", {ASK_PAST_RATES, "", 2, 1, 0}, 2, 0, {0}},
    {"no time", {ASK_PAST_FACTS, "", 0, INT64_MAX, 0}, 2, 0, {0}},
    {"no time", {ASK_PAST_FACTS, "", INT64_MIN, 0, 0}, 2, 0, {0}},
};

static void answers(void **state)
{
    (void)state;
    sqlite3 *db = make();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct heard heard = {0};
        struct store_reader reader = {.db = db, .say = hear, .context = &heard};
        CHECK_ROW(rows[i].name, store_read(&reader, &rows[i].ask) == rows[i].status);
        CHECK_ROW(rows[i].name, (reader.why[0] != '\0') == (rows[i].status != 0));
        CHECK_ROW(rows[i].name, heard.count == rows[i].lines && reader.next[0] == '\0');
        for (size_t s = 0; s < 3 && rows[i].says[s]; s++)
            CHECK_ROW(rows[i].says[s], strstr(heard.text, rows[i].says[s]));
    }
    sqlite3_close(db);
}

// A month of one path, and a day of a hundred: each answer is a part, and says where to go on.
static void is_bounded(void **state)
{
    (void)state;
    sqlite3 *db = make();
    execute(db, "DELETE FROM rates; DELETE FROM paths;"
                "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 25000)"
                "INSERT INTO rates SELECT 8 * n, 1, 1, 0, 0, 0, 0, 0, 0 FROM n;"
                "INSERT INTO paths VALUES (1, 'a'), (2, 'b');"
                "WITH RECURSIVE n (n) AS (SELECT 3 UNION ALL SELECT n + 1 FROM n WHERE n < 20002)"
                "INSERT INTO paths SELECT n, 'p' || n FROM n;"
                "INSERT INTO rates SELECT 5, path, 1, 0, 0, 0, 0, 0, 0 FROM paths WHERE path > 1");
    static const struct {
        struct ask_history ask;
        uint32_t lines;
        const char *next;
    } bounds[] = {
        {{ASK_PAST_RATES, "a", 0, INT32_MAX, 0}, STORE_LINES_MAX, "1970-01-10T06:14:40.000000Z"},
        {{ASK_PAST_RATES, "a", 800010, INT32_MAX, 0},
         STORE_LINES_MAX,
         "1970-01-19T12:28:00.000000Z"},
        {{ASK_PAST_RATES, "a", 0, INT32_MAX, 3600}, 277, "1970-01-12T13:00:10.000000Z"},
        {{ASK_PAST_RATES, "", 50, INT32_MAX, 0}, STORE_LINES_MAX, "1970-01-01T00:00:50.000000Z"},
    };
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        struct heard heard = {0};
        struct store_reader reader = {.db = db, .say = hear, .context = &heard};
        assert_int_equal(store_read(&reader, &bounds[i].ask), 0);
        assert_int_equal(heard.count, bounds[i].lines);
        assert_string_equal(reader.next, bounds[i].next);
    }
    sqlite3_close(db);
}

static void says_what_cannot_be_read(void **state)
{
    (void)state;
    sqlite3 *db;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    for (enum ask_past what = 0; what < ASK_PAST_POSTMORTEM; what++) {
        struct heard heard = {0};
        struct store_reader reader = {.db = db, .say = hear, .context = &heard};
        const struct ask_history ask = {.what = what, .of = "1", .until_s = 5};
        assert_int_equal(store_read(&reader, &ask), 3);
        assert_non_null(strstr(reader.why, "no such table"));
    }
    sqlite3_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),
        cmocka_unit_test(is_bounded),
        cmocka_unit_test(says_what_cannot_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
