// SPDX-License-Identifier: ISC
// Rows of parse_test.c: one edit of the good file, and everything that must be said of it.
#pragma once

#include <stddef.h>

struct parse_row {
    const char *name, *find, *replacement, *expected;
};

extern const struct parse_row parse_rows[];
extern const size_t parse_row_count;
