// SPDX-License-Identifier: ISC
// An outage that is past, out of the store's file, as src/said/ makes texts of it.
#pragma once

#include "role/store_read.h"
#include "said/past.h"

struct store_past {
    struct said_past said;
    json_t *outage, *facts, *rates;  // behind it
};

// As store_read(): 0, or the exit status of a verb, with `why` (STORE_WHY_MAX bytes).
int store_past_load(struct store_past *past, struct sqlite3 *db, const char *id, char *why);
// The same with each ten seconds of the way of customers' packets, however long it was, and of no
// other.
int store_past_load_exact(struct store_past *past, struct sqlite3 *db, const char *id, char *why);
// Answers ASK_PAST_POSTMORTEM and ASK_PAST_EVIDENCE, as store_read() the others.
int store_past_read(struct store_reader *reader, const struct ask_history *ask);
void store_past_done(struct store_past *past);
