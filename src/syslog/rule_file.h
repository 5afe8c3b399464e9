// SPDX-License-Identifier: ISC
// What files of rules have in common, be they for lines of syslog or for traps: lines, an error
// that names one, and a copy that the rules point into.
#pragma once

#include "syslog/pattern.h"

struct rule_place {
    uint32_t line;  // from 1
    struct syslog_pattern_error *error;
};

// Says what is wrong there, with the text's first letters; always false.
bool rule_wrong(const struct rule_place *place, const char *what, struct syslog_text text);

// Has each line read, without its end, `place` being at it; false when one cannot be.
bool rule_lines(struct rule_place *place, struct syslog_text text,
                bool (*read)(void *reading, struct syslog_text line), void *reading);

// The text, behind the vendor's name in *kept, which the caller frees; `at` is NULL without memory.
struct syslog_text rule_file_copy(char **kept, const char *vendor, struct syslog_text text);
