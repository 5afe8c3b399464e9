// SPDX-License-Identifier: ISC
// What cmocka lacks for tests written as tables: a check that names its row, and bytes from hex.
#pragma once

// clang-format off: cmocka wants these four first.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <stdio.h>

#include "base/prefix.h"

#define CHECK_ROW(row, condition)                                                                  \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fail_msg("row '%s': %s", (row), #condition);                                           \
    } while (0)

// Writes the bytes of "04 fbf4 005a" and gives how many they are. Spaces group fields for the eye.
static inline size_t check_hex(const char *hex, uint8_t *bytes)
{
    size_t size = 0;
    unsigned byte;
    for (int used; sscanf(hex, "%2x%n", &byte, &used) == 1; hex += used)
        bytes[size++] = (uint8_t)byte;
    return size;
}

static inline struct prefix check_prefix(const char *text)
{
    struct prefix prefix = {0};
    if (!prefix_parse(text, &prefix))
        fail_msg("'%s' is no prefix", text);
    return prefix;
}

static inline struct address check_address(const char *text)
{
    struct address address = {0};
    if (!address_parse(text, &address))
        fail_msg("'%s' is no address", text);
    return address;
}
