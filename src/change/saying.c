// SPDX-License-Identifier: ISC
#include "change/saying.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { WORD_SHOWN_MAX = 48, CONTEXT_WORDS_MAX = 12 };

void saying_add(struct saying *s, const char *form, ...)
{
    va_list arguments;
    if (s->used + 1 >= s->size)
        return;
    va_start(arguments, form);
    int more = vsnprintf(s->text + s->used, s->size - s->used, form, arguments);
    va_end(arguments);
    s->used += (size_t)more < s->size - s->used ? (size_t)more : s->size - s->used - 1;
}

// Configurations are anybody's: nothing in them may move a cursor or turn a line around.
void saying_word(struct saying *s, struct config_word word)
{
    char shown[WORD_SHOWN_MAX + 1];
    uint32_t size = word.size < WORD_SHOWN_MAX ? word.size : WORD_SHOWN_MAX;
    for (uint32_t i = 0; i < size; i++)
        shown[i] = word.at[i] > ' ' && word.at[i] < 0x7f ? word.at[i]
                   : word.at[i] == ' '                   ? ' '
                                                         : '?';
    shown[size] = '\0';
    bool quoted = word.size == 0 || memchr(word.at, ' ', word.size);
    saying_add(s, quoted ? "'%s%s'" : "%s%s", shown, word.size > size ? "..." : "");
}

void saying_value(struct saying *s, const struct config_word *words, uint32_t at)
{
    if (config_is_secret(words, at))
        saying_add(s, "(secret)");
    else
        saying_word(s, words[at]);
}

void saying_words(struct saying *s, const struct config_word *words, uint32_t first, uint32_t end)
{
    for (uint32_t i = first; i < end; i++) {
        if (end - first > CONTEXT_WORDS_MAX && i == first + CONTEXT_WORDS_MAX / 2) {
            saying_add(s, " ...");
            i = end - CONTEXT_WORDS_MAX / 2;
        }
        if (i > first)
            saying_add(s, " ");
        saying_value(s, words, i);
    }
}
