// SPDX-License-Identifier: ISC
// `fairlead audit`: whether the log is what was written, and what stands in it.
#include "audit/reader.h"
#include "base/escape.h"
#include "cmd/verbs.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "  fairlead audit verify /var/lib/fairlead/audit.jsonl*     nothing was changed since\n"
    "  fairlead audit show --incident 7 audit.jsonl             what was done about it, and why\n"
    "\n"
    "usage: fairlead audit verify [--json] FILE...\n"
    "       fairlead audit show [--since TIME] [--incident N] [--json] FILE...\n"
    "\n"
    "Reads the audit log (key 'audit'), the files of one log in their order. verify says how many\n"
    "records there are, and the last one's hash, or the line and byte of the first record that is\n"
    "not what was written: changed, put in, taken out or moved. That the last records were taken\n"
    "away shows only to who kept a later hash: the daemon logs it when it starts and ends.\n"
    "\n"
    "  --since TIME    only from then on: 2026-11-26T10:00, or as much of it, UTC\n"
    "  --incident N    only what names this incident\n"
    "  --json          verify: one object; show: the records as they stand there\n"
    "  --help          this page\n"
    "\n"
    "Exit status: 0 done, 1 the log is not what was written, 2 wrong usage, 3 it cannot be read.\n";

enum { FLAG_SINCE = 1, FLAG_INCIDENT, FLAG_JSON, FLAG_HELP };

struct wish {
    bool verify, json;
    const char *since;
    long long incident;  // -1: all
};

struct reading {
    const struct wish *wish;
    const char *file;
    struct audit_reader reader;
};

static int wrong(const char *what)
{
    fprintf(stderr, "fairlead: audit: %s: try fairlead audit --help\n", what);
    return 2;
}

// ---- show

static bool is_wanted(const struct wish *wish, const json_t *record)
{
    const char *time = json_string_value(json_object_get(record, "time"));
    const json_t *incident = json_object_get(json_object_get(record, "effect"), "incident");
    if (wish->since[0] && (!time || strcmp(time, wish->since) < 0))
        return false;
    return wish->incident < 0 ||
           (json_is_integer(incident) && json_integer_value(incident) == wish->incident);
}

// What a peer or a person said may hold what terminals obey.
static void show_value(const json_t *value)
{
    char harmless[2048];
    const char *text = json_string_value(value);
    if (!text) {
        json_dumpf(value, stdout, JSON_ENCODE_ANY | JSON_COMPACT);
        return;
    }
    escape_text(text, json_string_length(value), harmless, sizeof harmless);
    printf(strchr(text, ' ') || !text[0] ? "\"%s\"" : "%s", harmless);
}

static void show_members(json_t *object, const char *first)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        if (strcmp(key, first) == 0 || strcmp(key, "at_ns") == 0 || strcmp(key, "hash") == 0 ||
            strcmp(key, "number") == 0 || strcmp(key, "time") == 0 || strcmp(key, "record") == 0)
            continue;
        printf(" %s=", key);
        show_value(value);
    }
}

static void show(const struct wish *wish, json_t *record, const char *line, size_t size)
{
    const char *kind = json_string_value(json_object_get(record, "record"));
    const char *time = json_string_value(json_object_get(record, "time"));
    json_t *inside = kind ? json_object_get(record, kind) : NULL;
    if (!is_wanted(wish, record))
        return;
    if (wish->json) {
        printf("%.*s\n", (int)size, line);
        return;
    }
    printf("%6" JSON_INTEGER_FORMAT "  %-27s  ",
           json_integer_value(json_object_get(record, "number")), time ? time : "-");
    if (json_is_object(inside)) {
        show_value(json_object_get(inside, kind));
        show_members(inside, kind);
    } else {
        show_value(json_object_get(record, "record"));
        show_members(record, "record");
    }
    puts("");
}

// ---- files

static int report(const struct reading *r, const struct audit_wrong *wrong)
{
    if (r->wish->json && r->wish->verify) {
        json_t *verdict = json_pack(
            "{s:s, s:s, s:I, s:I, s:s, s:b, s:I}", "verdict", "bad", "file", r->file, "line",
            (json_int_t)wrong->line, "byte", (json_int_t)wrong->byte, "reason", wrong->what,
            "may_be_torn", (int)wrong->may_be_torn, "records", (json_int_t)r->reader.records);
        json_dumpf(verdict, stdout, JSON_COMPACT);
        puts("");
        json_decref(verdict);
    }
    fprintf(stderr, "fairlead: %s:%" PRIu64 ": the record at byte %" PRIu64 " %s%s\n", r->file,
            wrong->line, wrong->byte, wrong->what,
            wrong->may_be_torn ? ": nothing whole follows, as after a power loss; the daemon marks "
                                 "that when it starts"
                               : "");
    return 1;
}

static int read_lines(struct reading *r, FILE *file)
{
    char *line = NULL;
    size_t room = 0;
    bool good = true;
    for (ssize_t size; good && (size = getline(&line, &room, file)) > 0;) {
        bool ended = line[size - 1] == '\n';
        json_t *record;
        good = audit_reader_line(&r->reader, line, (size_t)(size - ended), ended, &record);
        if (record && !r->wish->verify)
            show(r->wish, record, line, (size_t)(size - ended));
        json_decref(record);
    }
    int error = ferror(file) ? errno : 0;
    free(line);
    return error;
}

static int read_file(struct reading *r)
{
    struct audit_wrong wrong;
    FILE *file = fopen(r->file, "r");
    int error = file ? 0 : errno;
    audit_reader_next_file(&r->reader);
    if (file)
        error = read_lines(r, file);
    if (file)
        fclose(file);
    if (error) {
        fprintf(stderr, "fairlead: cannot read '%s': %s\n", r->file, strerror(error));
        return 3;
    }
    return audit_reader_end(&r->reader, &wrong) ? 0 : report(r, &wrong);
}

static void say_good(const struct reading *r, int files)
{
    const struct audit_reader *a = &r->reader;
    if (!r->wish->json)
        printf("good: %" PRIu64 " records in %d files, %" PRIu64
               " torn ends; the last is number %" PRIu64 "\n%s\n",
               a->records, files, a->torn, a->chain.number, a->chain.hash);
    else
        printf("{\"verdict\":\"good\",\"files\":%d,\"records\":%" PRIu64 ",\"torn\":%" PRIu64
               ",\"number\":%" PRIu64 ",\"hash\":\"%s\"}\n",
               files, a->records, a->torn, a->chain.number, a->chain.hash);
}

static int run(const struct wish *wish, char **files, int count)
{
    struct reading *r = calloc(1, sizeof *r);
    int status = r ? 0 : 3;
    if (!r)
        fprintf(stderr, "fairlead: out of memory\n");
    else
        audit_reader_init(&r->reader);
    for (int i = 0; i < count && status == 0; i++) {
        r->wish = wish;
        r->file = files[i];
        status = read_file(r);
    }
    if (status == 0 && wish->verify)
        say_good(r, count);
    free(r);
    if (fflush(stdout) == EOF) {
        fprintf(stderr, "fairlead: cannot write: %s\n", strerror(errno));
        return 3;
    }
    return status;
}

int cmd_audit(int argc, char **argv)
{
    static const struct option names[] = {{"since", required_argument, NULL, FLAG_SINCE},
                                          {"incident", required_argument, NULL, FLAG_INCIDENT},
                                          {"json", no_argument, NULL, FLAG_JSON},
                                          {"help", no_argument, NULL, FLAG_HELP},
                                          {NULL, 0, NULL, 0}};
    struct wish wish = {.since = "", .incident = -1};
    char *end = "";
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        if (option == FLAG_HELP)
            return fputs(help, stdout) < 0 ? 3 : 0;
        if (option == '?')
            return wrong("an unknown option, or one without its value");
        wish.json |= option == FLAG_JSON;
        wish.since = option == FLAG_SINCE ? optarg : wish.since;
        wish.incident = option == FLAG_INCIDENT ? strtoll(optarg, &end, 10) : wish.incident;
        if (*end || (option == FLAG_INCIDENT && (wish.incident < 0 || end == optarg)))
            return wrong("--incident wants a number");
    }
    const char *deed = optind < argc ? argv[optind] : "";
    wish.verify = strcmp(deed, "verify") == 0;
    if (!wish.verify && strcmp(deed, "show") != 0)
        return wrong("write verify or show");
    if (wish.verify && (wish.since[0] || wish.incident >= 0))
        return wrong("verify reads everything: --since and --incident are for show");
    if (optind + 1 >= argc)
        return wrong("no file: write that of the key 'audit'");
    return run(&wish, argv + optind + 1, argc - optind - 1);
}
