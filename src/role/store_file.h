// SPDX-License-Identifier: ISC
// The file of the store (SQLite): what was told to people, to be read when it is over or when the
// daemon is down. Opening it brings an older one up to date, and moves a broken one out of the
// way; one that a newer Fairlead wrote is left alone. May block, as disks do.
#pragma once

#include "base/clock.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    STORE_VERSION = 6,              // PRAGMA user_version
    STORE_FACTS_MAX = 1000 * 1000,  // about half a gigabyte; the oldest go first
    STORE_EXPIRE_STEP = 10 * 1000,  // facts in one transaction
    STORE_WHY_MAX = 160,            // bytes
};

struct sqlite3;
struct sqlite3_stmt;

struct store_file {
    struct sqlite3 *db;  // NULL: it is not open
    struct sqlite3_stmt *add, *outage, *path, *rate;
    int64_t run;  // of the daemon: numbers of outages begin anew with each, beyond those open
};

struct store_fact {
    struct wall at;
    const char *text;  // an effect, one JSON line (engine/message.h)
    const char *said;  // the same as a sentence; "": nobody wants to read it
};

enum store_result {
    STORE_DONE,
    STORE_FAILED,  // for now: full, locked, unreadable
    STORE_BROKEN,  // it is no such file, or no longer
    STORE_NEWER,   // of a newer Fairlead
};

// `moved` (STORE_WHY_MAX bytes) gets where a broken one was moved to, or "". Of all of these `why`
// (STORE_WHY_MAX bytes) says what is wrong if it is not STORE_DONE, and nothing is changed.
enum store_result store_file_open(struct store_file *file, const char *path, struct wall began,
                                  char *moved, char *why);
void store_file_close(struct store_file *file);
// What a result code of SQLite comes to.
enum store_result store_file_failed(struct store_file *file, int code, char *why);
// All or none of them.
enum store_result store_file_add(struct store_file *file, const struct store_fact *facts,
                                 uint32_t count, char *why);
// What is older is let go of.
struct store_oldest {
    struct wall fact, rate;
};
// That, and what is more than STORE_FACTS_MAX and STORE_RATES_MAX, a step at a time. `more`: call
// again.
enum store_result store_file_expire(struct store_file *file, struct store_oldest oldest, bool *more,
                                    char *why);
