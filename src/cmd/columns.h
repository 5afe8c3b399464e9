// SPDX-License-Identifier: ISC
// Text in aligned columns, as wide as what they hold; the last one is not padded. What came from a
// neighbour is made harmless for a terminal.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { COLUMNS_MAX = 12, COLUMNS_CELL_MAX = 512 };

struct columns {
    uint32_t count;  // of columns
    uint32_t right;  // bit set: numbers, aligned to the right
    uint32_t cells, room;
    char **texts;  // row by row
    bool failed;   // memory is out
};

void columns_init(struct columns *columns, uint32_t count, uint32_t right);
void columns_done(struct columns *columns);
// The next cell, from the left, row by row. NULL is "-".
void columns_add(struct columns *columns, const char *text);
void columns_addf(struct columns *columns, const char *form, ...)
    __attribute__((format(printf, 2, 3)));
void columns_print(const struct columns *columns, const char *indent);
uint32_t columns_rows(const struct columns *columns);
