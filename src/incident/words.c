// SPDX-License-Identifier: ISC
#include "incident/words.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct words words_in(char *text, size_t size)
{
    assert(size > 0);
    text[0] = '\0';
    return (struct words){text, size, 0};
}

// Between characters of UTF-8; nothing can be added after.
static void end_cut(struct words *words)
{
    static const char dots[] = "...";
    size_t at = words->size < sizeof dots ? 0 : words->size - sizeof dots;
    while (at > 0 && ((unsigned char)words->text[at] & 0xc0) == 0x80)
        at--;
    snprintf(words->text + at, words->size - at, "%s", dots);
    words->length = at + strlen(words->text + at);
    words->size = words->length + 1;
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
        end_cut(words);
}
