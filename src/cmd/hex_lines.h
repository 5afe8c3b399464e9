// SPDX-License-Identifier: ISC
// Reads octets in hexadecimal, one message a line, in memory that does not grow with the line.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { HEX_LINE_OCTETS_MAX = 1 << 18 };  // several of the longest messages

struct hex_line {
    uint8_t *bytes;     // HEX_LINE_OCTETS_MAX of them; the caller's
    size_t size;        // read so far, white space between digits left out
    size_t bad_column;  // from 1: what stands there is no octet; 0: all is well
    bool too_long;      // the rest was passed over
};

// False at the end of the file. A last line without a newline is a line.
bool hex_line_read(FILE *in, struct hex_line *line);
// Whether it holds octets, all of them; else says why not (HEX_LINE_REASON_MAX bytes).
enum { HEX_LINE_REASON_MAX = 64 };
bool hex_line_is_good(const struct hex_line *line, char *reason);
