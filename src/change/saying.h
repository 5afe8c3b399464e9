// SPDX-License-Identifier: ISC
// Words of a configuration in a line for people: cut to fit, without what a terminal would obey,
// and without secrets.
#pragma once

#include "change/config.h"

struct saying {
    char *text;
    size_t size, used;
};

void saying_add(struct saying *s, const char *form, ...) __attribute__((format(printf, 2, 3)));
void saying_word(struct saying *s, struct config_word word);
// The one at this place, or "(secret)".
void saying_value(struct saying *s, const struct config_word *words, uint32_t at);
// Of a long statement its first and its last words.
void saying_words(struct saying *s, const struct config_word *words, uint32_t first, uint32_t end);
