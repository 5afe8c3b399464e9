// SPDX-License-Identifier: ISC
// What the store knows of a whole month, as credits are reckoned of it: every outage, and the loss
// on the way of customers' packets.
#pragma once

#include "role/store_read.h"
#include "said/credits.h"

struct store_month {
    struct said_span of, *told;  // by their beginnings
    uint32_t told_count;
    int64_t measured_s;
    json_t *rates;  // those in which anything was lost, and the first that was measured
};

// `month`: "2016-06". 0, or the exit status of a verb, with `why` (STORE_WHY_MAX bytes): 1 nothing
// is known of it, 2 it is no month, 3 the file cannot be read.
int store_month_load(struct store_month *month, struct sqlite3 *db, const char *text, char *why);
void store_month_done(struct store_month *month);
