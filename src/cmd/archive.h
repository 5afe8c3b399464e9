// SPDX-License-Identifier: ISC
// An MRT archive as a file, packed or not, or as standard input: a record at a time, in memory that
// grows with the longest record only, and only once that record is there.
#pragma once

#include "mrt/reader.h"

struct archive;

enum archive_step {
    ARCHIVE_RECORD,
    ARCHIVE_END,      // behind the last record, all was well
    ARCHIVE_DAMAGED,  // nothing behind it can be read: archive_error() says where and why
};

// "-" is standard input. NULL when it cannot be opened, or without memory; errno says why.
struct archive *archive_open(const char *path);
void archive_close(struct archive *a);

// The record is a view that holds until the next call.
enum archive_step archive_next(struct archive *a, struct mrt_record *record);

// "damaged at octet 70: a record of 80 octets begins there, 10 are left": octets of the unpacked
// archive. Good after ARCHIVE_DAMAGED.
const char *archive_error(const struct archive *a);
