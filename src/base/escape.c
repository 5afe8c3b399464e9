// SPDX-License-Identifier: ISC
#include "base/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

// Octets of the UTF-8 character at `bytes` (RFC 3629 §4), 0 when there is none.
static size_t utf8_size(const uint8_t *bytes, size_t left)
{
    static const struct {
        uint8_t first_min, first_max, second_min, second_max, size;
    } forms[] = {
        {0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (bytes[0] < forms[i].first_min || bytes[0] > forms[i].first_max)
            continue;
        if (forms[i].size > left)
            return 0;
        if (forms[i].size > 1 && (bytes[1] < forms[i].second_min || bytes[1] > forms[i].second_max))
            return 0;
        for (size_t j = 2; j < forms[i].size; j++)
            if (bytes[j] < 0x80 || bytes[j] > 0xbf)
                return 0;
        return forms[i].size;
    }
    return 0;
}

// Not what a terminal or a reader of logs could take for something else than text.
static bool is_plain(const uint8_t *bytes, size_t size)
{
    if (size <= 1)
        return size == 1 && bytes[0] >= 0x20 && bytes[0] < 0x7f && bytes[0] != '"' &&
               bytes[0] != '\\';
    if (bytes[0] == 0xc2)
        return bytes[1] >= 0xa0;  // U+0080 to U+009F are controls too
    // U+200B to U+200F, U+2028 to U+202E and U+2060 to U+206F turn or hide the text around them.
    if (bytes[0] == 0xe2 && bytes[1] == 0x80)
        return bytes[2] < 0x8b || (bytes[2] > 0x8f && bytes[2] < 0xa8) || bytes[2] > 0xae;
    return !(bytes[0] == 0xe2 && bytes[1] == 0x81 && bytes[2] >= 0xa0 && bytes[2] <= 0xaf);
}

bool escape_text(const void *bytes, size_t size, char *text, size_t text_size)
{
    const uint8_t *from = bytes;
    char *to = text, *end = text + text_size - 1;
    while (size > 0) {
        size_t character = utf8_size(from, size);
        bool plain = is_plain(from, character);
        size_t taken = plain ? character : 1, written = plain ? character : 4;
        if (written > (size_t)(end - to))
            break;
        if (plain)
            memcpy(to, from, written);
        else
            snprintf(to, 5, "\\x%02x", from[0]);
        to += written;
        from += taken;
        size -= taken;
    }
    *to = '\0';
    return size == 0;
}
