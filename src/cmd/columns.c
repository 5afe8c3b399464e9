// SPDX-License-Identifier: ISC
#include "cmd/columns.h"

#include "base/escape.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void columns_init(struct columns *columns, uint32_t count, uint32_t right)
{
    *columns = (struct columns){.count = count, .right = right};
}

void columns_done(struct columns *columns)
{
    for (uint32_t i = 0; i < columns->cells; i++)
        free(columns->texts[i]);
    free(columns->texts);
}

void columns_add(struct columns *columns, const char *text)
{
    char harmless[COLUMNS_CELL_MAX];
    if (columns->cells == columns->room) {
        uint32_t room = 2 * columns->room + 64;
        char **texts = realloc(columns->texts, room * sizeof *texts);
        columns->failed |= !texts;
        columns->texts = texts ? texts : columns->texts;
        columns->room = texts ? room : columns->room;
    }
    escape_text(text ? text : "-", text ? strlen(text) : 1, harmless, sizeof harmless);
    char *copy = columns->failed ? NULL : strdup(harmless);
    columns->failed |= !copy;
    if (copy)
        columns->texts[columns->cells++] = copy;
}

void columns_addf(struct columns *columns, const char *form, ...)
{
    char text[COLUMNS_CELL_MAX];
    va_list arguments;
    va_start(arguments, form);
    vsnprintf(text, sizeof text, form, arguments);
    va_end(arguments);
    columns_add(columns, text);
}

// Characters, as UTF-8 counts them: a terminal's columns, but for wide and combining ones.
static uint32_t width_of(const char *text)
{
    uint32_t width = 0;
    for (; *text; text++)
        width += (*text & 0xc0) != 0x80;
    return width;
}

uint32_t columns_rows(const struct columns *columns)
{
    return columns->cells / columns->count;
}

void columns_print(const struct columns *columns, const char *indent)
{
    uint32_t widths[COLUMNS_MAX] = {0};
    for (uint32_t i = 0; i < columns->cells; i++) {
        uint32_t width = width_of(columns->texts[i]), *most = &widths[i % columns->count];
        *most = width > *most ? width : *most;
    }
    for (uint32_t i = 0; i < columns->cells; i++) {
        uint32_t column = i % columns->count, width = width_of(columns->texts[i]);
        bool last = column + 1 == columns->count, right = columns->right >> column & 1;
        int pad = (int)(widths[column] - width);
        printf("%s%*s%s", column == 0 ? indent : "  ", right ? pad : 0, "", columns->texts[i]);
        if (last)
            putchar('\n');
        else if (!right)
            printf("%*s", pad, "");
    }
}
