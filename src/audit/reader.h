// SPDX-License-Identifier: ISC
// Reads an audit log line by line and says where it stops being what was written. What a power loss
// left half written is no fault once the writer has closed it: by a record "torn" that names its
// size and hash.
#pragma once

#include "audit/chain.h"

#include <jansson.h>
#include <nettle/sha2.h>
#include <stdbool.h>

struct audit_wrong {
    uint64_t line, byte;  // where the record begins: the first line is 1, the first byte 0
    const char *what;     // as the rest of "the record here ..."
    bool may_be_torn;     // nothing but the rest of one write follows
    uint64_t bytes;       // that follow, this one among them
};

struct audit_reader {
    struct audit_chain chain;  // of the last good record
    bool begun;                // a record was read, of this file or of one before
    bool file_begun;           // of this file
    uint64_t line, byte;       // of the next line
    uint64_t records, torn;    // good ones; stretches that were closed
    bool doubts;               // since `doubt` nothing was a record
    struct audit_wrong doubt;
    struct sha256_ctx doubted;
};

void audit_reader_init(struct audit_reader *reader);
// The next file of the same chain follows.
void audit_reader_next_file(struct audit_reader *reader);
// One line, without its newline; `ended`: it had one. False once the log is wrong for sure: `wrong`
// says where. `record` gets what it says (to be given back) or NULL when it is none; it may be
// NULL.
bool audit_reader_line(struct audit_reader *reader, const char *text, size_t size, bool ended,
                       json_t **record);
// At the end of a file: false when it is wrong.
bool audit_reader_end(const struct audit_reader *reader, struct audit_wrong *wrong);
