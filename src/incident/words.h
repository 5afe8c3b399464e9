// SPDX-License-Identifier: ISC
// A text under construction; what does not fit is cut, and ends with "..." then.
#pragma once

#include <stddef.h>

struct words {
    char *text;
    size_t size, length;
};

// Of an array; it is empty then.
#define WORDS_IN(array) words_in(array, sizeof(array))
struct words words_in(char *text, size_t size);
void words_add(struct words *words, const char *form, ...) __attribute__((format(printf, 2, 3)));
