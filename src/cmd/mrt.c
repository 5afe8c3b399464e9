// SPDX-License-Identifier: ISC
// `fairlead mrt`: what an MRT archive holds, as the lines of `bgpdump -m`, as JSON, or counted.
#include "cmd/archive.h"
#include "cmd/mrt_json.h"
#include "cmd/mrt_tally.h"
#include "cmd/verbs.h"
#include "mrt/line.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int usage(FILE *out)
{
    fputs(
        "  fairlead mrt rib.20260101.0000.bz2 | grep '|2001:db8::/32|'\n\n"
        "usage: fairlead mrt [--count] [--json] FILE\n\n"
        "Reads an MRT archive, plain, gzip, bzip2 or zstd, and prints what `bgpdump -m` prints.\n"
        "FILE may be `-`, standard input.\n\n"
        "  --count    only the totals\n"
        "  --json     one JSON object a route, with what RFC 7606 says of it; with --count one\n"
        "             object\n\n"
        "What is bad or of an unknown type is told on standard error. Exit status: 0, also if\n"
        "single records were bad; 2 wrong usage; 3 when the archive is damaged so that it cannot\n"
        "be read on, or cannot be read or written.\n",
        out);
    return out == stdout ? 0 : 2;
}

struct output {
    struct mrt_lines *lines;  // of one form,
    struct mrt_json *json;    // or the other,
    struct mrt_tally *tally;  // and always this
    bool failed;              // nothing more can be written
};

// By hand: what goes through stdio is copied once more.
static void write_out(void *user, const char *text, size_t size)
{
    struct output *out = user;
    while (size > 0 && !out->failed) {
        ssize_t written = write(STDOUT_FILENO, text, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            fprintf(stderr, "fairlead: cannot write: %s\n", strerror(errno));
            out->failed = true;
            return;
        }
        text += written;
        size -= (size_t)written;
    }
}

// Shows one item in the form that is wanted. False when the form has no place for it.
static bool show(struct output *out, const struct mrt_record *record, struct mrt_item *item)
{
    if (out->lines)
        return mrt_lines_write(out->lines, record, item);
    struct mrt_entry entry;
    if (out->json)
        mrt_json_write(out->json, record, item);
    else
        while (mrt_entry_next(item, &entry))
            ;
    return true;
}

static void take(struct output *out, const struct mrt_record *record, struct mrt_peers *peers)
{
    uint16_t entries;
    if (!out->lines && !out->json && mrt_rib_count(record, peers, &entries)) {
        out->tally->records++;
        out->tally->rib_prefixes++;
        out->tally->rib_routes += entries;
        return;
    }
    struct mrt_item item;
    mrt_item_decode(record, peers, &item);
    mrt_tally_item(out->tally, &item);
    enum mrt_kind kind = item.kind;
    bool shown = show(out, record, &item);
    if (kind == MRT_RIB)
        out->tally->rib_routes += item.rib.seen;
    if (item.kind == MRT_BAD)
        mrt_tally_bad(out->tally, record, &item);
    else if (kind == MRT_UNKNOWN || !shown)
        mrt_tally_passed(out->tally, record);
}

static int run(struct output *out, struct archive *archive, bool count_json, bool count)
{
    struct mrt_record record;
    struct mrt_peers peers = {0};
    enum archive_step step = ARCHIVE_RECORD;
    while (!out->failed && (step = archive_next(archive, &record)) == ARCHIVE_RECORD)
        take(out, &record, &peers);
    mrt_peers_done(&peers);
    if (out->lines)
        mrt_lines_flush(out->lines);
    if (out->json)
        mrt_json_flush(out->json);
    mrt_tally_report(out->tally);
    if (count && !mrt_tally_print(out->tally, count_json)) {
        fprintf(stderr, "fairlead: cannot write: %s\n", strerror(errno));
        out->failed = true;
    }
    if (step == ARCHIVE_DAMAGED)
        fprintf(stderr, "fairlead: %s: %s\n", out->tally->path, archive_error(archive));
    return out->failed || step == ARCHIVE_DAMAGED ? 3 : 0;
}

static int run_file(const char *path, bool json, bool count)
{
    struct mrt_tally tally = {.path = strcmp(path, "-") == 0 ? "standard input" : path};
    struct output out = {.tally = &tally};
    struct archive *archive = archive_open(path);
    if (!archive) {
        fprintf(stderr, "fairlead: cannot open '%s': %s\n", path, strerror(errno));
        return 3;
    }
    if (!count && json)
        out.json = mrt_json_new(write_out, &out);
    else if (!count)
        out.lines = mrt_lines_new(write_out, &out);
    int status = 3;
    if (count || out.json || out.lines)
        status = run(&out, archive, json, count);
    else
        fprintf(stderr, "fairlead: no memory\n");
    mrt_lines_free(out.lines);
    mrt_json_free(out.json);
    archive_close(archive);
    return status;
}

int cmd_mrt(int argc, char **argv)
{
    static const struct option options[] = {
        {"count", no_argument, NULL, 'c'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    bool json = false, count = false;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'h')
            return usage(stdout);
        if (option == '?') {
            fprintf(stderr, "fairlead: mrt: unknown option '%s'\n", argv[optind - 1]);
            return usage(stderr);
        }
        json |= option == 'j';
        count |= option == 'c';
    }
    if (optind + 1 != argc) {
        fprintf(stderr, "fairlead: mrt: name one file, or - for standard input\n");
        return usage(stderr);
    }
    return run_file(argv[optind], json, count);
}
