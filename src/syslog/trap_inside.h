// SPDX-License-Identifier: ISC
// A rule for traps as it is matched. Between trap.c and trap_read.c; nobody else's.
#pragma once

#include "syslog/trap.h"

enum {
    TRAP_PREFIX_MAX = 32,
    TRAP_IDS_MAX = 4,
    TRAP_SOURCES_MAX = 8,
    TRAP_EXAMPLES_MAX = 4,
    TRAP_FILES_MAX = 64,
};

struct trap_prefix {
    uint32_t count, ids[TRAP_PREFIX_MAX];
};

enum trap_from { TRAP_VALUE, TRAP_ADDRESS, TRAP_INDEX, TRAP_INET, TRAP_TEXT, TRAP_FROMS };

struct trap_source {
    enum syslog_field field;
    enum trap_from from;
    struct trap_prefix prefix;
    struct syslog_text words;  // of TRAP_TEXT
};

struct trap_rule {
    struct syslog_rule rule;
    uint32_t id_count, source_count, example_count, example_lines[TRAP_EXAMPLES_MAX];
    struct syslog_text names[TRAP_IDS_MAX], examples[TRAP_EXAMPLES_MAX];
    struct trap_prefix ids[TRAP_IDS_MAX];
    bool has_only;
    struct trap_prefix only;
    int64_t only_number;
    struct trap_source sources[TRAP_SOURCES_MAX];
};

struct trap_rules {
    uint32_t count, file_count;
    char *files[TRAP_FILES_MAX];  // the texts, in which rules point
    struct trap_rule *rules;
};
