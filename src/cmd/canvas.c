// SPDX-License-Identifier: ISC
#include "cmd/canvas.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

enum { TEXT_MAX = 1024, ELLIPSIS = 0x2026, UNKNOWN = '?' };

void canvas_init(struct canvas *canvas, uint32_t rows, uint32_t columns)
{
    *canvas = (struct canvas){.rows = rows, .columns = columns};
    canvas->cells = calloc((size_t)rows * columns + 1, sizeof *canvas->cells);
    if (!canvas->cells)
        canvas->rows = canvas->columns = 0;
    for (size_t i = 0; i < (size_t)canvas->rows * canvas->columns; i++)
        canvas->cells[i].character = ' ';
}

void canvas_done(struct canvas *canvas)
{
    free(canvas->cells);
    *canvas = (struct canvas){0};
}

// The next character of the text, which moves on; 0 at its end, U+FFFD for what is none.
static uint32_t next_of(const char **text)
{
    const uint8_t *bytes = (const uint8_t *)*text;
    uint32_t first = bytes[0], value;
    uint32_t more = first < 0x80 ? 0 : first < 0xc2 ? 4 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    if (first == 0)
        return 0;
    if (more == 4 || first > 0xf4) {
        ++*text;
        return 0xfffd;
    }
    value = more ? first & (0x3fu >> more) : first;
    for (uint32_t i = 1; i <= more; i++) {
        if ((bytes[i] & 0xc0) != 0x80) {  // a final zero too: we stay inside
            ++*text;
            return 0xfffd;
        }
        value = value << 6 | (bytes[i] & 0x3f);
    }
    *text += more + 1;
    return value;
}

// Scripts of which every character is one column wide, and none combines with its neighbour; what
// else there is becomes a question mark rather than a table out of line.
static bool is_one_wide(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x20, 0x7e},     {0xa1, 0xac},     {0xae, 0x2ff},    {0x370, 0x482},
        {0x48a, 0x52f},   {0x2010, 0x2027}, {0x2030, 0x205e}, {0x20a0, 0x20bf},
        {0x2190, 0x21ff}, {0x2200, 0x22ff}, {0x2500, 0x25ff},
    };
    for (uint32_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return false;
}

// Characters for the cells, at most `count`; gives how many there are. Controls are written out.
static uint32_t to_cells(const char *text, uint32_t *characters, uint32_t count)
{
    uint32_t used = 0;
    for (uint32_t c; used + 4 <= count && (c = next_of(&text));) {
        if (c >= 0x20 && (c < 0x7f || c > 0x9f)) {
            characters[used++] = is_one_wide(c) ? c : c == 0xa0 ? ' ' : UNKNOWN;
            continue;
        }
        char written[5];
        snprintf(written, sizeof written, "\\x%02x", (unsigned)(c & 0xff));
        for (uint32_t i = 0; i < 4; i++)
            characters[used++] = (uint8_t)written[i];
    }
    return used;
}

static void put_cells(struct canvas *canvas, struct canvas_place place, const uint32_t *characters,
                      uint32_t count)
{
    for (uint32_t i = 0; i < count && place.column + i < canvas->columns; i++) {
        struct canvas_cell *cell =
            &canvas->cells[(size_t)place.row * canvas->columns + place.column + i];
        cell->character = characters[i];
        cell->ink = place.ink;
    }
}

uint32_t canvas_put(struct canvas *canvas, struct canvas_place place, const char *text)
{
    uint32_t characters[TEXT_MAX];
    uint32_t end = place.end < canvas->columns ? place.end : canvas->columns;
    if (place.row >= canvas->rows || place.column >= end)
        return place.column;
    uint32_t room = end - place.column, count = to_cells(text ? text : "", characters, TEXT_MAX);
    if (count > room) {
        characters[room - 1] = ELLIPSIS;
        count = room;
    }
    if (place.right)
        place.column = end - count;
    put_cells(canvas, place, characters, count);
    return place.column + count;
}

uint32_t canvas_putf(struct canvas *canvas, struct canvas_place place, const char *form, ...)
{
    char text[TEXT_MAX];
    va_list arguments;
    va_start(arguments, form);
    vsnprintf(text, sizeof text, form, arguments);
    va_end(arguments);
    return canvas_put(canvas, place, text);
}

// Cells of the line that begins at `characters`: up to the last space that fits, or all that fit.
static uint32_t line_of(const uint32_t *characters, uint32_t count, uint32_t room)
{
    if (count <= room)
        return count;
    for (uint32_t i = room; i > room / 2; i--)
        if (characters[i] == ' ')
            return i;
    return room;
}

uint32_t canvas_wrap(struct canvas *canvas, struct canvas_place place, uint32_t lines_max,
                     const char *text)
{
    uint32_t characters[TEXT_MAX], lines = 0;
    uint32_t end = place.end < canvas->columns ? place.end : canvas->columns;
    uint32_t count = to_cells(text ? text : "", characters, TEXT_MAX);
    if (place.column >= end)
        return 0;
    for (uint32_t at = 0; at < count && lines < lines_max && place.row < canvas->rows; lines++) {
        uint32_t room = end - place.column, size = line_of(characters + at, count - at, room);
        if (lines + 1 == lines_max && at + size < count) {
            size = count - at < room ? count - at : room;
            characters[at + size - 1] = ELLIPSIS;
        }
        put_cells(canvas, place, characters + at, size);
        at += size;
        while (at < count && characters[at] == ' ')
            at++;
        place.row++;
    }
    return lines;
}

void canvas_mark(struct canvas *canvas, uint32_t row)
{
    for (uint32_t i = 0; row < canvas->rows && i < canvas->columns; i++)
        canvas->cells[(size_t)row * canvas->columns + i].marked = true;
}

void canvas_copy(struct canvas *canvas, uint32_t row, uint32_t rows, const struct canvas *page,
                 uint32_t from)
{
    for (uint32_t r = 0; r < rows && row + r < canvas->rows && from + r < page->rows; r++)
        for (uint32_t c = 0; c < canvas->columns && c < page->columns; c++)
            canvas->cells[(size_t)(row + r) * canvas->columns + c] =
                page->cells[(size_t)(from + r) * page->columns + c];
}
