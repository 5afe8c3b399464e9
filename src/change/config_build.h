// SPDX-License-Identifier: ISC
// A configuration while it is read; only for the files that read one form each.
#pragma once

#include "change/config.h"

struct config_build {
    struct config *config;
    uint32_t own_words;  // of the statement that is being read; the last ones of config->words
    bool is_out_of_memory;
};

struct config_lines {
    const char *at;
    size_t size;
    uint32_t number;  // of the line given last
};

bool config_line_next(struct config_lines *lines, struct config_word *line);
bool config_is_space(char c);
struct config_word config_trim(struct config_word line);
bool config_begins(struct config_word line, const char *with);

void config_add_word(struct config_build *b, struct config_word word);
// Of the words added since the last one; CONFIG_NONE: memory is out.
uint32_t config_add_statement(struct config_build *b, uint32_t parent, uint32_t line);

void config_read_braced(struct config_build *b, const char *text, size_t size);
