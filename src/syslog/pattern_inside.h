// SPDX-License-Identifier: ISC
// A rule as it is matched. Between pattern.c and pattern_read.c; nobody else's.
#pragma once

#include "syslog/pattern.h"

enum { SYSLOG_FORGET = SYSLOG_FIELDS };

struct syslog_part {  // letters, and then a piece that is taken
    struct syslog_text letters;
    uint8_t field;             // enum syslog_field, or SYSLOG_FORGET
    bool takes, takes_blanks;  // takes: false: the rule ends with the letters
};

struct syslog_compiled {
    struct syslog_rule rule;
    struct syslog_text id, app;
    uint32_t part_count;
    struct syslog_part parts[SYSLOG_RULE_PARTS_MAX];
    uint32_t example_count, example_lines[SYSLOG_EXAMPLES_MAX];
    struct syslog_text examples[SYSLOG_EXAMPLES_MAX];
    uint32_t next;  // of those under the same key: a place, and 1
};

enum { SYSLOG_HEADS = 1024, SYSLOG_FILES_MAX = 64 };

struct syslog_patterns {
    uint32_t count, room, file_count;
    char *files[SYSLOG_FILES_MAX];  // the texts, in which rules point
    uint32_t heads[SYSLOG_HEADS];   // by id, or else by app: a place, and 1
    uint32_t any_head;              // neither
    struct syslog_compiled *rules;
};

bool syslog_rule_matches(const struct syslog_compiled *rule, const struct syslog_message *message,
                         struct syslog_match *match);
// Chains all rules there are, in their order.
void syslog_patterns_index(struct syslog_patterns *patterns);
// Whether each example of the rules from `first` on gives its own rule.
bool syslog_examples_hold(const struct syslog_patterns *patterns, uint32_t first,
                          struct syslog_pattern_error *error);
