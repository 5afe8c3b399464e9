// SPDX-License-Identifier: ISC
// What an outage costs by the service levels that were promised: a row of CSV for each account and
// month, with its arithmetic, all of it in whole numbers. What is wrong in a file is told with its
// line, and everything else goes on: no row is lost silently.
//
//   customers: account,sites,level,monthly_fee       sites: names apart by spaces; empty: all
//   levels:    level,down_from_loss_percent,below_percent,credit_percent
//
// A time counts as down when of the probes that take the way of customers' packets at least so many
// percent were lost, of either family. Of a level's rows the one counts whose below_percent is the
// smallest that the availability of the month is below.
#pragma once

#include "said/past.h"

enum { SAID_LEVELS_MAX = 256, SAID_CREDIT_MONTHS_MAX = 24 };

struct said_file {
    const char *name, *text;  // text: of any bytes, ends with a zero
};

struct said_span {
    int64_t from_ns, until_ns;
};

struct said_credits {
    struct said_span of;           // each month that it touches is reckoned
    const struct said_span *told;  // when it was down, by their beginnings; they count where
    uint32_t told_count;           // nothing was measured
    const json_t *rates;           // lines of ASK_PAST_RATES; those in which nothing was lost count
    int64_t step_s;                // for nothing but that it was measured
    int64_t measured_s;            // in all, where a whole month is reckoned; -1: an outage is
    const char *site;              // where it was
    struct said_file customers, levels;
};

// From the onset until it was moved, well or over, as was told.
struct said_span said_credit_span(const struct said_past *past);

// `wrong` gets a line for each mistake; gives how many those are.
uint32_t said_credits_csv(const struct said_credits *credits, struct said_text *csv,
                          struct said_text *wrong);

// Exact decimals: "12.5" with `places` 4 is 125000. False: it is none, or larger than `max`.
bool said_decimal_parse(const char *text, uint32_t places, uint64_t max, uint64_t *value);
