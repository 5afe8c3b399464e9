// SPDX-License-Identifier: ISC
// Text that was cut to fit a field must not end in half a character: RFC 3629 §3.
#pragma once

#include <stdint.h>
#include <string.h>

// Takes the last character away when bytes of it are missing.
static inline void utf8_trim(char *text)
{
    size_t size = strlen(text), tail = 0;
    while (tail < size && tail < 3 && ((uint8_t)text[size - 1 - tail] & 0xc0) == 0x80)
        tail++;
    if (tail == size)
        return;
    uint8_t first = (uint8_t)text[size - 1 - tail];
    size_t wanted = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;
    if (tail < wanted)
        text[size - 1 - tail] = '\0';
}
