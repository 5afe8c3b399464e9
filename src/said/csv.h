// SPDX-License-Identifier: ISC
// Comma-separated values (RFC 4180), a record a line.
#pragma once

#include "said/text.h"

enum { CSV_FIELDS_MAX = 16, CSV_FIELD_MAX = 256 };

struct csv_record {
    uint32_t line;  // from 1
    uint32_t count;
    char fields[CSV_FIELDS_MAX][CSV_FIELD_MAX];
};

struct csv_reader {
    const char *rest;
    uint32_t line;
};

enum csv_result { CSV_END, CSV_RECORD, CSV_WRONG };

// The next line that is not empty. CSV_WRONG: `why` says what is wrong, and the next call goes on
// behind it.
enum csv_result csv_next(struct csv_reader *reader, struct csv_record *record, const char **why);
void csv_add_field(struct said_text *text, const char *field);  // quoted where it must be
