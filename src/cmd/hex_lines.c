// SPDX-License-Identifier: ISC
#include "cmd/hex_lines.h"

static int digit(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void put(struct hex_line *line, uint8_t octet)
{
    if (line->size < HEX_LINE_OCTETS_MAX)
        line->bytes[line->size++] = octet;
    else
        line->too_long = true;
}

bool hex_line_read(FILE *in, struct hex_line *line)
{
    line->size = line->bad_column = 0;
    line->too_long = false;
    size_t column = 0;
    int high = -1;
    int c = getc(in);
    if (c == EOF)
        return false;
    for (; c != EOF && c != '\n'; c = getc(in)) {
        column++;
        if (c == ' ' || c == '\t' || c == '\r')
            continue;
        int value = digit(c);
        if (value < 0 && line->bad_column == 0)
            line->bad_column = column;
        if (value >= 0 && high >= 0)
            put(line, (uint8_t)(high << 4 | value));
        high = high < 0 ? value : -1;
    }
    if (high >= 0 && line->bad_column == 0)
        line->bad_column = column;  // half an octet
    return true;
}

bool hex_line_is_good(const struct hex_line *line, char *reason)
{
    if (line->bad_column > 0)
        snprintf(reason, HEX_LINE_REASON_MAX, "column %zu is no octet in hexadecimal",
                 line->bad_column);
    else if (line->too_long)
        snprintf(reason, HEX_LINE_REASON_MAX, "the line is longer than any message");
    return line->bad_column == 0 && !line->too_long;
}
