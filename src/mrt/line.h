// SPDX-License-Identifier: ISC
// The lines of `bgpdump -m`, octet for octet, so that what reads them today goes on reading:
//
//   TABLE_DUMP2|TIME|B|PEER|AS|PREFIX|AS PATH|ORIGIN|NEXT
//   HOP|LOCAL_PREF|MED|COMMUNITIES|AG|AGGREGATOR| BGP4MP|TIME|A|..., BGP4MP|TIME|W|PEER|AS|PREFIX,
//   BGP4MP|TIME|STATE|PEER|AS|OLD|NEW
//
// tests/corpus/mrt/DIFFERENCES.md tells where bgpdump's own line is wrong, and what is written
// then.
#pragma once

#include "mrt/item.h"

struct mrt_lines;

// Takes text when there is enough of it, and what is left with mrt_lines_flush().
typedef void mrt_lines_take(void *user, const char *text, size_t size);

struct mrt_lines *mrt_lines_new(mrt_lines_take *take, void *user);  // NULL without memory
void mrt_lines_free(struct mrt_lines *lines);

// Writes the lines of an item; every item of an archive must come by, in order. Entries of a RIB
// are read here, and the item may turn out to be bad, as with mrt_entry_next(). False: this format
// knows no line for such a record.
bool mrt_lines_write(struct mrt_lines *lines, const struct mrt_record *record,
                     struct mrt_item *item);
void mrt_lines_flush(struct mrt_lines *lines);

// How many lines an UPDATE has: adds to both.
void mrt_update_count(const struct mrt_session *session, uint64_t *announced, uint64_t *withdrawn);
