// SPDX-License-Identifier: ISC
#include "change/siblings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { WORD_SHOWN_MAX = 48, CONTEXT_WORDS_MAX = 12 };

struct saying {
    char *text;
    size_t size, used;
};

__attribute__((format(printf, 2, 3))) static void say(struct saying *s, const char *form, ...)
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
static void say_word(struct saying *s, struct config_word word)
{
    char shown[WORD_SHOWN_MAX + 1];
    uint32_t size = word.size < WORD_SHOWN_MAX ? word.size : WORD_SHOWN_MAX;
    for (uint32_t i = 0; i < size; i++)
        shown[i] = word.at[i] > ' ' && word.at[i] < 0x7f ? word.at[i]
                   : word.at[i] == ' '                   ? ' '
                                                         : '?';
    shown[size] = '\0';
    bool quoted = word.size == 0 || memchr(word.at, ' ', word.size);
    say(s, quoted ? "'%s%s'" : "%s%s", shown, word.size > size ? "..." : "");
}

static void say_value(struct saying *s, const struct config_word *words, uint32_t at)
{
    if (config_is_secret(words, at))
        say(s, "(secret)");
    else
        say_word(s, words[at]);
}

// Of a long statement its first and its last words.
static void say_words(struct saying *s, const struct config_word *words, uint32_t first,
                      uint32_t end)
{
    for (uint32_t i = first; i < end; i++) {
        if (end - first > CONTEXT_WORDS_MAX && i == first + CONTEXT_WORDS_MAX / 2) {
            say(s, " ...");
            i = end - CONTEXT_WORDS_MAX / 2;
        }
        if (i > first)
            say(s, " ");
        say_value(s, words, i);
    }
}

static uint32_t words_of(const struct sibling *siblings, const struct sibling_place *place,
                         struct config_word words[CONFIG_WORDS_MAX])
{
    return config_flat(siblings[place->sibling].now, place->statement, words);
}

static void say_was(struct saying *s, const struct sibling_finding *f)
{
    if (f->was.size == 0)
        return;
    say(s, ", it had ");
    say_word(s, f->was);
    say(s, " before");
}

static void say_one_word(struct saying *s, const struct sibling *siblings,
                         const struct sibling_finding *f)
{
    struct config_word words[CONFIG_WORDS_MAX], usual[CONFIG_WORDS_MAX];
    uint32_t count = words_of(siblings, &f->at, words);
    uint32_t usual_count = words_of(siblings, &f->usual_at, usual);
    uint32_t at = f->at.word;
    if (at >= count || f->usual_at.word >= usual_count)
        return;
    bool secret = config_is_secret(words, at);
    say_words(s, words, 0, at + 1);
    if (at + 1 < count) {
        say(s, " ");
        say_words(s, words, at + 1, count);
    }
    say(s, "; the others have ");
    const char *name = siblings[f->usual_at.sibling].name;
    const struct config_word *word = &usual[f->usual_at.word];
    if (memmem(word->at, word->size, name, strlen(name)))
        say(s, "their own names");
    else
        say_value(s, usual, f->usual_at.word);
    if (secret)
        say(s, " of their own");
    else
        say_was(s, f);
}

void sibling_say(const struct sibling *siblings, const struct sibling_finding *f, char *text,
                 size_t size)
{
    struct saying s = {.text = text, .size = size};
    struct config_word words[CONFIG_WORDS_MAX];
    if (size > 0)
        text[0] = '\0';
    if (f->kind == SIBLING_WORD)
        say_one_word(&s, siblings, f);
    else if (f->kind == SIBLING_MISSING) {
        say(&s, "it lacks '");
        say_words(&s, words, 0, words_of(siblings, &f->usual_at, words));
        say(&s, "', which the others have");
    } else {
        say_words(&s, words, 0, words_of(siblings, &f->at, words));
        if (f->kind == SIBLING_STATEMENT) {
            say(&s, "; the others have '");
            say_words(&s, words, 0, words_of(siblings, &f->usual_at, words));
            say(&s, "'");
        } else {
            say(&s, ", which the others do not have");
        }
    }
    if (f->alike > 0)
        say(&s, " (and %u more like it)", f->alike);
}
