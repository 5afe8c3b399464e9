// SPDX-License-Identifier: ISC
// Numbers and addresses as text, fast. Each writes at `to` and gives the end of what it wrote;
// nothing ends with a zero octet. There must be room: TEXT_ADDRESS_MAX for an address, ten octets
// for a number.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { TEXT_ADDRESS_MAX = 45 };  // octets

char *text_decimal(char *to, uint32_t value);
char *text_ipv4(char *to, const uint8_t bytes[static 4]);
// As bgpdump writes it, which is not RFC 5952: also a single zero group becomes "::", and what has
// only its last 32 bits set, but for ::1, ends in dotted form.
char *text_ipv6(char *to, const uint8_t bytes[static 16]);

static inline char *text_bytes(char *to, const char *from, size_t size)
{
    memcpy(to, from, size);
    return to + size;
}

static inline char *text_char(char *to, char c)
{
    *to = c;
    return to + 1;
}

static inline char *text_string(char *to, const char *from)
{
    return text_bytes(to, from, strlen(from));
}
