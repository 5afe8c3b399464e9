// SPDX-License-Identifier: ISC
// For fuzzers: what people are shown in one line is one.
#pragma once

#include <stdbool.h>

static inline bool is_line(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return false;
    return true;
}
