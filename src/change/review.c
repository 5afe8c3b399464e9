// SPDX-License-Identifier: ISC
#include "change/review.h"

#include "change/hashed.h"
#include "change/review_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const review_kind_names[REVIEW_KINDS] = {"template", "undefined", "matches_all",
                                                     "differs"};

struct saying review_open(struct review *review, enum review_kind kind, uint32_t line)
{
    if (review->count == REVIEW_FINDINGS_MAX) {
        review->more++;
        return (struct saying){0};
    }
    struct review_finding *finding = &review->items[review->count++];
    *finding = (struct review_finding){.kind = kind, .line = line};
    return (struct saying){.text = finding->what, .size = sizeof finding->what};
}

bool review_is(struct config_word word, const char *text)
{
    return word.size == strlen(text) && memcmp(word.at, text, word.size) == 0;
}

// ---- what a template left behind

static bool is_left_behind(struct config_word word)
{
    static const char *const inside[] = {"{{", "}}", "{%", "%}", "${", "<no"};
    static const char *const whole[] = {"None", "undefined", "NaN"};
    for (size_t i = 0; i < sizeof inside / sizeof inside[0]; i++)
        if (memmem(word.at, word.size, inside[i], strlen(inside[i])))
            return true;
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++)
        if (review_is(word, whole[i]))
            return true;
    return false;
}

// Braces are marks in Junos' form: "{{ x }}" is two blocks without a name there.
static bool is_nameless_twice(const struct config *config, uint32_t statement)
{
    const struct config_statement *s = &config->statements[statement];
    return s->is_block && s->word_count == 0 && s->parent != CONFIG_NONE &&
           config->statements[s->parent].line == s->line;
}

void review_templates(const struct config *config, struct review *review)
{
    struct config_word words[CONFIG_WORDS_MAX];
    for (uint32_t i = 0; i < config->statement_count; i++) {
        const struct config_statement *s = &config->statements[i];
        bool found = is_nameless_twice(config, i);
        for (uint32_t w = 0; !found && w < s->word_count; w++)
            found = is_left_behind(config->words[s->first_word + w]);
        if (!found)
            continue;
        struct saying say = review_open(review, REVIEW_TEMPLATE, s->line);
        saying_add(&say, "a template left something behind: ");
        saying_words(&say, words, 0, config_flat(config, i, words));
    }
}

// ---- sets of numbers

static int by_number(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

bool review_numbers_add(struct review_numbers *numbers, uint64_t number)
{
    if (numbers->count == numbers->room) {
        size_t room = numbers->room > 0 ? numbers->room * 2 : 256;
        uint64_t *grown = realloc(numbers->items, room * sizeof *grown);
        if (!grown)
            return false;
        numbers->items = grown;
        numbers->room = room;
    }
    numbers->items[numbers->count++] = number;
    return true;
}

void review_numbers_sort(struct review_numbers *numbers)
{
    if (numbers->count > 0)
        qsort(numbers->items, numbers->count, sizeof numbers->items[0], by_number);
}

bool review_numbers_have(const struct review_numbers *numbers, uint64_t number)
{
    return numbers->count > 0 && bsearch(&number, numbers->items, numbers->count,
                                         sizeof numbers->items[0], by_number) != NULL;
}

void review_numbers_done(struct review_numbers *numbers)
{
    free(numbers->items);
}

// ---- differences from a golden file

static bool add_leaves(struct review_numbers *numbers, const struct hashed *hashed)
{
    for (uint32_t i = 0; i < hashed->config->statement_count; i++)
        if (!hashed->config->statements[i].is_block &&
            !review_numbers_add(numbers, hashed->statements[i]))
            return false;
    review_numbers_sort(numbers);
    return true;
}

static void tell_those_not_in(const struct review_numbers *there, const struct hashed *here,
                              bool is_golden, struct review *review)
{
    struct config_word words[CONFIG_WORDS_MAX];
    const struct config *config = here->config;
    for (uint32_t i = 0; i < config->statement_count; i++) {
        const struct config_statement *s = &config->statements[i];
        if (s->is_block || review_numbers_have(there, here->statements[i]))
            continue;
        struct saying say = review_open(review, REVIEW_DIFFERS, is_golden ? 0 : s->line);
        saying_add(&say,
                   is_golden ? "it lacks what the golden file has in line %u: "
                             : "the golden file does not have: ",
                   s->line);
        saying_words(&say, words, 0, config_flat(config, i, words));
    }
}

bool review_golden(const struct config *config, const struct config *golden, struct review *review)
{
    struct hashed now = {0}, then = {0};
    struct review_numbers now_numbers = {0}, then_numbers = {0};
    bool good = hashed_read(&now, config, "") && hashed_read(&then, golden, "") &&
                add_leaves(&now_numbers, &now) && add_leaves(&then_numbers, &then);
    if (good) {
        tell_those_not_in(&then_numbers, &now, false, review);
        tell_those_not_in(&now_numbers, &then, true, review);
    }
    review_numbers_done(&now_numbers);
    review_numbers_done(&then_numbers);
    hashed_done(&now);
    hashed_done(&then);
    return good;
}
