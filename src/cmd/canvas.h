// SPDX-License-Identifier: ISC
// Cells of a terminal's screen in memory: what a full-screen view draws on, and its tests look at.
// One character a cell: what a terminal would take for a command, or show wider or narrower than
// one cell, becomes harmless here, so that nothing from a neighbour moves a column.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum canvas_ink {  // what a text means; how it looks is the terminal's affair
    CANVAS_PLAIN,
    CANVAS_FAINT,
    CANVAS_TITLE,
    CANVAS_GOOD,
    CANVAS_WARN,
    CANVAS_BAD,
    CANVAS_INKS
};

struct canvas_cell {
    uint32_t character;  // of Unicode; one column wide
    enum canvas_ink ink;
    bool marked;  // chosen, or a bar: inverted
};

struct canvas {
    uint32_t rows, columns;
    struct canvas_cell *cells;  // row by row; NULL: memory is out, and nothing is drawn
};

// Where a text goes: from `column` to before `end`; longer ones are cut, and end in an ellipsis.
struct canvas_place {
    uint32_t row, column, end;
    enum canvas_ink ink;
    bool right;  // aligned to the end
};

void canvas_init(struct canvas *canvas, uint32_t rows, uint32_t columns);  // empty
void canvas_done(struct canvas *canvas);
// Gives the column behind the text. Outside of the canvas nothing is drawn.
uint32_t canvas_put(struct canvas *canvas, struct canvas_place place, const char *text);
uint32_t canvas_putf(struct canvas *canvas, struct canvas_place place, const char *form, ...)
    __attribute__((format(printf, 3, 4)));
// As many lines as it takes, broken between words, each from `column` to `end`, `lines_max` at
// most. Gives how many.
uint32_t canvas_wrap(struct canvas *canvas, struct canvas_place place, uint32_t lines_max,
                     const char *text);
void canvas_mark(struct canvas *canvas, uint32_t row);
// Rows `from` and on of `page` to rows `row` to `row + rows - 1`.
void canvas_copy(struct canvas *canvas, uint32_t row, uint32_t rows, const struct canvas *page,
                 uint32_t from);
