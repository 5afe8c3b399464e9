// SPDX-License-Identifier: ISC
// What the next life of the daemon must know of outages that are open, in the store's file: rows of
// each, the last word, gone when it is over.
#pragma once

#include "engine/event.h"
#include "role/store_file.h"

#include <jansson.h>

// The table, in the file from version 6 on.
extern const char store_kept_schema[];

// An effect that is kept ("kept_fact", "kept_outage"). Gives a result code of SQLite.
int store_kept_add(struct store_file *file, const json_t *effect, const char *text);
// It is over. Likewise.
int store_kept_drop(struct store_file *file, int64_t number);
// The run in which an open outage of this number began.
int64_t store_kept_run(struct store_file *file, int64_t number);
// Every row as the event that it comes back as, an outage's facts before itself; what names
// something that is no more, or is no such thing, is left out.
int store_kept_each(struct store_file *file, const struct net *net,
                    void (*tell)(void *context, const struct event *event), void *context);
