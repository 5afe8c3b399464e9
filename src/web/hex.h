// SPDX-License-Identifier: ISC
// Octets as hexadecimal digits, in lower case, and back: ids of sessions, digests, signatures.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// `text` has room for 2 * size + 1 bytes.
static inline void web_hex_write(const uint8_t *bytes, size_t size, char *text)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[2 * size] = '\0';
}

static inline int web_hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

// Just `size` octets, all of `text`.
static inline bool web_hex_read(const char *text, uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        int high = web_hex_digit(text[2 * i]);
        int low = high < 0 ? -1 : web_hex_digit(text[2 * i + 1]);
        if (low < 0)
            return false;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return text[2 * size] == '\0';
}
