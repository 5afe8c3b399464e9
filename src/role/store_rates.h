// SPDX-License-Identifier: ISC
// Rates of paths in the store's file: a row for each path and RATE_S, by when they end.
#pragma once

#include "role/store_file.h"

#include <jansson.h>

enum { STORE_RATES_MAX = 10 * 1000 * 1000 };  // about 330 MB; the oldest go first

// The tables, in the file from version 4 on.
extern const char store_rates_schema[];

// All of these give a result code of SQLite.
int store_rates_prepare(struct store_file *file);
void store_rates_done(struct store_file *file);
int store_rates_add(struct store_file *file, struct wall at, const json_t *rate);
// At most STORE_EXPIRE_STEP rows, about; adds how many went.
int store_rates_expire(struct store_file *file, struct wall oldest, int64_t *gone);
