// SPDX-License-Identifier: ISC
#include "base/clock.h"
#include "lab/scenario_read.h"

#include <string.h>

static void add_word(struct scenario_said *said, struct reader *r, const struct tree_node *word)
{
    if (!word->text || !word->text[0])
        reader_fail(r, word, "not a word that is said");
    else if (reader_has_room(r, word, said->word_count, SCENARIO_SAID_WORDS_MAX))
        said->words[said->word_count++] = word->text;
}

// The fault of this name, or the first lost packet.
static uint32_t after_of(struct reader *r, const struct tree_node *map)
{
    const struct scenario *s = r->scenario;
    const char *name = reader_text(r, map, "after", "loss");
    for (uint32_t i = 0; i < s->fault_count; i++)
        if (s->faults[i].name && strcmp(s->faults[i].name, name) == 0)
            return i;
    if (strcmp(name, "loss") != 0)
        reader_fail(r, map, "no fault of this name: '%s'", name);
    return SCENARIO_FIRST_LOSS;
}

void reader_said(struct reader *r, const struct tree_node *map)
{
    static const char *const keys[] = {"effect", "words", "after", "within_s", "before_loss", NULL};
    static const char *const answers[] = {"no", "yes", NULL};
    struct scenario_expect *expect = &r->scenario->expect;
    reader_keys(r, map, keys);
    if (!reader_has_room(r, map, expect->said_count, SCENARIO_SAID_MAX))
        return;
    struct scenario_said *said = &expect->said[expect->said_count++];
    const struct tree_node *words = reader_list(r, map, "words");
    said->effect = reader_text(r, map, "effect", "outage");
    said->after = after_of(r, map);
    said->within_ms =
        (uint32_t)(reader_number(r, map, "within_s", (struct reader_range){0.001, 1e6, 0}) * 1e3);
    said->before_loss = reader_word(r, map, "before_loss", answers) == 1;
    for (const struct tree_node *word = words ? words->first : NULL; word; word = word->next)
        add_word(said, r, word);
    if (said->word_count == 0)
        reader_fail(r, map, "nothing is said: write words: [ca2, commit]");
}
