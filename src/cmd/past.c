// SPDX-License-Identifier: ISC
#include "cmd/past.h"

#include "cmd/config_file.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

enum { FLAG_STORE = 1, FLAG_JSON, FLAG_HELP, FLAG_PATH, FLAG_FROM, FLAG_UNTIL, FLAG_STEP };

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

int past_told(const struct past *h, const struct store_reader *reader, int status)
{
    if (status == 2)
        return past_wrong(h, reader->why);
    if (status == 3)
        fprintf(stderr, "fairlead: cannot read '%s': %s\n", h->path, reader->why);
    if (status == 1)
        fprintf(stderr, "fairlead: %s in '%s'\n", reader->why, h->path);
    return status;
}

int past_find(const struct past *h, struct store_outage *found)
{
    struct store_reader reader = {.db = h->db};
    int status = store_read_outage(&reader, h->id, found);
    return status == 0 ? PAST_GOES_ON : past_told(h, &reader, status);
}

sqlite3_stmt *past_facts(const struct past *h, const struct store_outage *of)
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

static bool take_option(struct past *h, int option)
{
    char *end = NULL;
    bool is_time = option >= FLAG_PATH && option <= FLAG_STEP;
    if (option == FLAG_JSON)
        h->json = true;
    const char **texts[] = {
        [FLAG_STORE] = &h->path,  [FLAG_PATH] = &h->of_path, [FLAG_FROM] = &h->from,
        [FLAG_UNTIL] = &h->until, [FLAG_STEP] = NULL,        ['c'] = &h->config};
    if (texts[option])
        *texts[option] = optarg;
    if (option == FLAG_STEP)
        h->step_s = (uint32_t)strtoul(optarg, &end, 10);
    return (h->takes_times || !is_time) && (!end || (*end == '\0' && h->step_s > 0));
}

int past_run(struct past *h, int argc, char **argv, int (*show)(struct past *h))
{
    static const struct option names[] = {
        {"config", required_argument, NULL, 'c'},
        {"store", required_argument, NULL, FLAG_STORE},
        {"json", no_argument, NULL, FLAG_JSON},
        {"help", no_argument, NULL, FLAG_HELP},
        {"path", required_argument, NULL, FLAG_PATH},
        {"from", required_argument, NULL, FLAG_FROM},
        {"until", required_argument, NULL, FLAG_UNTIL},
        {"step", required_argument, NULL, FLAG_STEP},
        {NULL, 0, NULL, 0},
    };
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "c:", names, NULL)) != -1;) {
        if (option == FLAG_HELP)
            return fputs(h->help, stdout) < 0 ? 3 : 0;
        if (option == '?' || !take_option(h, option))
            return past_wrong(h, "an unknown option, or one without its value");
    }
    if (optind + 1 < argc)
        return past_wrong(h, "too many arguments");
    h->id = optind < argc ? argv[optind] : NULL;
    if (h->path)
        return open_and_show(h, show);
    return h->config ? find_store(h, show)
                     : past_wrong(h, "no store: write -c FILE or --store FILE");
}
