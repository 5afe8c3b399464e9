// SPDX-License-Identifier: ISC
// What an archive held, and what of it could not be shown: for `fairlead mrt`.
#pragma once

#include "mrt/item.h"

enum { MRT_PASSED_MAX = 32, MRT_BAD_SAID_MAX = 10 };

struct mrt_passed {  // records of one type that were passed over
    uint16_t type, subtype;
    uint64_t records;
};

struct mrt_tally {
    const char *path;  // as it is called in messages
    uint64_t records, peer_tables, rib_prefixes, rib_routes, table_routes, messages, announced,
        withdrawn, states, unknown, bad;
    struct mrt_passed passed[MRT_PASSED_MAX];
    size_t passed_count;
    uint64_t passed_others;  // records of still other types
};

// Counts an item as decoded, but for the entries of a RIB, which the reader of them counts.
void mrt_tally_item(struct mrt_tally *tally, const struct mrt_item *item);
// Counts and tells of one that turned out to be bad, now or when its entries were read.
void mrt_tally_bad(struct mrt_tally *tally, const struct mrt_record *record,
                   const struct mrt_item *item);
// Counts one that is passed over.
void mrt_tally_passed(struct mrt_tally *tally, const struct mrt_record *record);

// Tells on standard error what was passed over or bad, if anything was.
void mrt_tally_report(const struct mrt_tally *tally);
// The totals on standard output, for people or as one JSON object. False when it cannot be written.
bool mrt_tally_print(const struct mrt_tally *tally, bool json);
