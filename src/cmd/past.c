// SPDX-License-Identifier: ISC
#include "cmd/past.h"

#include "cmd/config_file.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

enum { FLAG_STORE = 1, FLAG_JSON, FLAG_HELP };

int past_wrong(const struct past *h, const char *what)
{
    fprintf(stderr, "fairlead: %s: %s: try fairlead %s --help\n", h->verb, what, h->verb);
    return 2;
}

int past_unreadable(const struct past *h)
{
    fprintf(stderr, "fairlead: cannot read '%s': %s\n", h->path, sqlite3_errmsg(h->db));
    return 3;
}

const char *past_text(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    return text ? text : "";
}

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

int past_find(const struct past *h, struct past_outage *found)
{
    int64_t run, number;
    sqlite3_stmt *row;
    if (!read_id(h->id, &run, &number))
        return past_wrong(h, "that is no number of an incident");
    if (sqlite3_prepare_v2(h->db,
                           "SELECT run, onset_ns, changed_ns FROM outages WHERE number = ?1"
                           " AND (?2 < 0 OR run = ?2) ORDER BY run DESC LIMIT 1",
                           -1, &row, NULL) != SQLITE_OK)
        return past_unreadable(h);
    sqlite3_bind_int64(row, 1, number);
    sqlite3_bind_int64(row, 2, run);
    int code = sqlite3_step(row);
    *found = (struct past_outage){sqlite3_column_int64(row, 0), number,
                                  sqlite3_column_int64(row, 1), sqlite3_column_int64(row, 2)};
    sqlite3_finalize(row);
    if (code == SQLITE_ROW)
        return PAST_GOES_ON;
    if (code != SQLITE_DONE)
        return past_unreadable(h);
    fprintf(stderr, "fairlead: there is no incident '%s' in '%s'\n", h->id, h->path);
    return 1;
}

sqlite3_stmt *past_facts(const struct past *h, const struct past_outage *of)
{
    sqlite3_stmt *row;
    if (sqlite3_prepare_v2(h->db,
                           "SELECT at_ns, kind, said, text FROM facts WHERE run = ?1"
                           " AND at_ns >= ?2 AND at_ns <= ?3 ORDER BY id",
                           -1, &row, NULL) != SQLITE_OK) {
        past_unreadable(h);
        return NULL;
    }
    sqlite3_bind_int64(row, 1, of->run);
    sqlite3_bind_int64(row, 2, of->onset_ns);
    sqlite3_bind_int64(row, 3, of->changed_ns);
    return row;
}

static int open_and_show(struct past *h, int (*show)(struct past *h))
{
    int code = sqlite3_open_v2(h->path, &h->db, SQLITE_OPEN_READONLY, NULL);
    int status = code == SQLITE_OK ? show(h) : past_unreadable(h);
    sqlite3_close(h->db);
    return status;
}

static int find_store(struct past *h, int (*show)(struct past *h))
{
    struct config_file *file = malloc(sizeof *file);  // too large for a stack
    if (!file)
        return 3;
    int status = config_file_load(file, h->config);
    if (status != 0)
        config_file_report(file);
    else if (file->net.store.path[0] == '\0')
        status = past_wrong(h, "the configuration has no 'store.file'");
    if (status == 0) {
        h->path = file->net.store.path;
        status = open_and_show(h, show);
    }
    config_file_done(file);
    free(file);
    return status;
}

int past_run(struct past *h, int argc, char **argv, int (*show)(struct past *h))
{
    static const struct option names[] = {
        {"config", required_argument, NULL, 'c'},
        {"store", required_argument, NULL, FLAG_STORE},
        {"json", no_argument, NULL, FLAG_JSON},
        {"help", no_argument, NULL, FLAG_HELP},
        {NULL, 0, NULL, 0},
    };
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "c:", names, NULL)) != -1;) {
        if (option == FLAG_HELP)
            return fputs(h->help, stdout) < 0 ? 3 : 0;
        if (option == '?')
            return past_wrong(h, "an unknown option, or one without its value");
        h->json |= option == FLAG_JSON;
        h->config = option == 'c' ? optarg : h->config;
        h->path = option == FLAG_STORE ? optarg : h->path;
    }
    if (optind + 1 < argc)
        return past_wrong(h, "too many arguments");
    h->id = optind < argc ? argv[optind] : NULL;
    if (h->path)
        return open_and_show(h, show);
    return h->config ? find_store(h, show)
                     : past_wrong(h, "no store: write -c FILE or --store FILE");
}
