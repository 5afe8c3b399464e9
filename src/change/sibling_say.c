// SPDX-License-Identifier: ISC
#include "change/saying.h"
#include "change/siblings.h"

#include <string.h>

static uint32_t words_of(const struct sibling *siblings, const struct sibling_place *place,
                         struct config_word words[CONFIG_WORDS_MAX])
{
    return config_flat(siblings[place->sibling].now, place->statement, words);
}

static void say_was(struct saying *s, const struct sibling_finding *f)
{
    if (f->was.size == 0)
        return;
    saying_add(s, ", it had ");
    saying_word(s, f->was);
    saying_add(s, " before");
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
    saying_words(s, words, 0, at + 1);
    if (at + 1 < count) {
        saying_add(s, " ");
        saying_words(s, words, at + 1, count);
    }
    saying_add(s, "; the others have ");
    const char *name = siblings[f->usual_at.sibling].name;
    const struct config_word *word = &usual[f->usual_at.word];
    if (memmem(word->at, word->size, name, strlen(name)))
        saying_add(s, "their own names");
    else
        saying_value(s, usual, f->usual_at.word);
    if (secret)
        saying_add(s, " of their own");
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
        saying_add(&s, "it lacks '");
        saying_words(&s, words, 0, words_of(siblings, &f->usual_at, words));
        saying_add(&s, "', which the others have");
    } else {
        saying_words(&s, words, 0, words_of(siblings, &f->at, words));
        if (f->kind == SIBLING_STATEMENT) {
            saying_add(&s, "; the others have '");
            saying_words(&s, words, 0, words_of(siblings, &f->usual_at, words));
            saying_add(&s, "'");
        } else {
            saying_add(&s, ", which the others do not have");
        }
    }
    if (f->alike > 0)
        saying_add(&s, " (and %u more like it)", f->alike);
}
