// SPDX-License-Identifier: ISC
// The store as verbs read it: nobody need run.
#pragma once

#include <jansson.h>
#include <sqlite3.h>
#include <stdbool.h>

enum { PAST_GOES_ON = -1 };

struct past {
    const char *verb, *help;
    const char *config, *path, *id;
    bool json;
    sqlite3 *db;
};

struct past_outage {
    int64_t run, number, onset_ns, changed_ns;
};

// Reads the command line, opens the file, and gives what `show` gives: the exit status.
int past_run(struct past *h, int argc, char **argv, int (*show)(struct past *h));
int past_wrong(const struct past *h, const char *what);  // usage; gives 2
int past_unreadable(const struct past *h);               // told; gives 3
// The one that `id` names: "RUN.NUMBER", or a number: the last one that has it. PAST_GOES_ON, or
// the exit status.
int past_find(const struct past *h, struct past_outage *found);
// All that was told from its onset to its last word: at_ns, kind, said, text. NULL: it is told.
sqlite3_stmt *past_facts(const struct past *h, const struct past_outage *of);

const char *past_text(sqlite3_stmt *row, int column);  // "" when it is NULL
