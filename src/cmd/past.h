// SPDX-License-Identifier: ISC
// The store as verbs read it: nobody need run.
#pragma once

#include "role/store_read.h"

#include <jansson.h>
#include <sqlite3.h>
#include <stdbool.h>

enum { PAST_GOES_ON = -1 };

struct past {
    const char *verb, *help;
    bool takes_times;  // --from, --until, --path, --step
    const char *config, *path, *id;
    const char *of_path;       // NULL: not asked
    const char *from, *until;  // as written; NULL: not
    uint32_t step_s;
    bool json;
    sqlite3 *db;
};

// Reads the command line, opens the file, and gives what `show` gives: the exit status.
int past_run(struct past *h, int argc, char **argv, int (*show)(struct past *h));
int past_wrong(const struct past *h, const char *what);  // usage; gives 2
int past_unreadable(const struct past *h);               // told; gives 3
// Of store_read() and its like: tells what is not 0, and gives it back.
int past_told(const struct past *h, const struct store_reader *reader, int status);
// The one that `id` names. PAST_GOES_ON, or the exit status.
int past_find(const struct past *h, struct store_outage *found);
// All that was told from its onset to its last word: at_ns, kind, said, text. NULL: it is told.
sqlite3_stmt *past_facts(const struct past *h, const struct store_outage *of);

const char *past_text(sqlite3_stmt *row, int column);  // "" when it is NULL
