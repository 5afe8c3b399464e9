// SPDX-License-Identifier: ISC
#include "incident/words.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

struct words words_in(char *text, size_t size)
{
    assert(size > 0);
    text[0] = '\0';
    return (struct words){text, size, 0};
}

void words_add(struct words *words, const char *form, ...)
{
    va_list arguments;
    va_start(arguments, form);
    int length =
        vsnprintf(words->text + words->length, words->size - words->length, form, arguments);
    va_end(arguments);
    words->length += (size_t)length;
    if (words->length >= words->size)
        words->length = words->size - 1;
}
