// SPDX-License-Identifier: ISC
// The store as verbs read it: nobody need run.
#pragma once

#include "role/store_read.h"

#include <jansson.h>
#include <sqlite3.h>
#include <stdbool.h>

enum { PAST_GOES_ON = -1 };

enum { PAST_EXTRAS_MAX = 4 };

struct past {
    const char *verb, *help;
    const char *const *extras;  // options of this verb that take a value; NULL after the last
    const char *values[PAST_EXTRAS_MAX];  // theirs, as written; NULL: not
    const char *config, *path, *id;
    bool json;
    char site[NET_NAME_MAX];  // of the configuration; "": none was read
    sqlite3 *db;
};

// Reads the command line, opens the file, and gives what `show` gives: the exit status.
int past_run(struct past *h, int argc, char **argv, int (*show)(struct past *h));
int past_wrong(const struct past *h, const char *what);  // usage; gives 2
int past_unreadable(const struct past *h);               // told; gives 3
// Of what role/store_read.h gives: tells what is not 0, and gives it back.
int past_told(const struct past *h, const char *why, int status);
