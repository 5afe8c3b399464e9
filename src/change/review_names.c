// SPDX-License-Identifier: ISC
// Names that are used and defined, and terms that lost their conditions. In January 2026 a removed
// prefix list made a term of a large network match everything: 25 minutes of leaked routes.
#include "base/siphash.h"
#include "change/hashed.h"
#include "change/review_inside.h"

#include <stdlib.h>
#include <string.h>

enum { PATTERNS_MAX = 4, PATTERN_WORDS_MAX = 5, NAME_SHOWN_MAX = 64 };

// Words side by side: "$" is the name, "*" any word; the first pattern word "^" is the beginning.
struct name_rule {
    const char *thing;
    bool indented;            // of that form; otherwise Junos'
    const char *only_within;  // one of the words before it
    const char *defines[PATTERNS_MAX][PATTERN_WORDS_MAX];
    const char *uses[PATTERNS_MAX][PATTERN_WORDS_MAX];
};

// clang-format off
static const struct name_rule rules[] = {
    {"route-map", true, NULL,
     {{"^", "route-map", "$"}},
     {{"neighbor", "*", "route-map", "$"}, {"redistribute", "*", "route-map", "$"}}},
    {"prefix list", true, NULL,
     {{"^", "ip", "prefix-list", "$"}, {"^", "ipv6", "prefix-list", "$"}},
     {{"match", "ip", "address", "prefix-list", "$"},
      {"match", "ipv6", "address", "prefix-list", "$"},
      {"neighbor", "*", "prefix-list", "$"}}},
    {"AS path list", true, NULL,
     {{"^", "bgp", "as-path", "access-list", "$"}, {"^", "ip", "as-path", "access-list", "$"}},
     {{"match", "as-path", "$"}}},
    {"BFD profile", true, NULL,
     {{"^", "bfd", "profile", "$"}}, {{"neighbor", "*", "bfd", "profile", "$"}}},
    {"policy", false, "protocols",
     {{"policy-options", "policy-statement", "$"}}, {{"import", "$"}, {"export", "$"}}},
    {"prefix list", false, NULL,
     {{"policy-options", "prefix-list", "$"}},
     {{"from", "prefix-list", "$"}, {"from", "prefix-list-filter", "$"}}},
    {"community", false, NULL,
     {{"policy-options", "community", "$"}},
     {{"from", "community", "$"}, {"then", "community", "add", "$"},
      {"then", "community", "set", "$"}, {"then", "community", "delete", "$"}}},
    {"AS path", false, NULL,
     {{"policy-options", "as-path", "$"}}, {{"from", "as-path", "$"}}},
};
// clang-format on
enum { RULES = sizeof rules / sizeof rules[0] };

static bool is_name(struct config_word word)
{
    for (uint32_t i = 0; i < word.size; i++)
        if (!memchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:-",
                    word.at[i], 66))
            return false;
    return word.size > 0;
}

// The place of the name when the pattern stands at `at`; CONFIG_NONE.
static uint32_t match_at(const char *const pattern[PATTERN_WORDS_MAX],
                         const struct config_word *words, uint32_t count, uint32_t at)
{
    uint32_t name = CONFIG_NONE;
    for (uint32_t p = 0; p < PATTERN_WORDS_MAX && pattern[p]; p++) {
        if (strcmp(pattern[p], "^") == 0) {
            if (at != 0)
                return CONFIG_NONE;
            continue;
        }
        if (at >= count)
            return CONFIG_NONE;
        if (strcmp(pattern[p], "$") == 0)
            name = at;
        else if (strcmp(pattern[p], "*") != 0 && !review_is(words[at], pattern[p]))
            return CONFIG_NONE;
        at++;
    }
    return name;
}

static uint32_t find_name(const char *const patterns[PATTERNS_MAX][PATTERN_WORDS_MAX],
                          const struct config_word *words, uint32_t count)
{
    for (uint32_t p = 0; p < PATTERNS_MAX && patterns[p][0]; p++)
        for (uint32_t at = 0; at < count; at++) {
            uint32_t name = match_at(patterns[p], words, count, at);
            if (name != CONFIG_NONE && is_name(words[name]))
                return name;
        }
    return CONFIG_NONE;
}

static bool is_within(const char *outer, const struct config_word *words, uint32_t before)
{
    for (uint32_t i = 0; outer && i < before; i++)
        if (review_is(words[i], outer))
            return true;
    return outer == NULL;
}

static uint64_t number_of(size_t rule, struct config_word name)
{
    static const struct siphash_key key = {0x6e616d6573207468, 0x61742061726520};
    return siphash(key, name.at, name.size) * 31 + rule;
}

static bool applies(const struct name_rule *rule, const struct config *config)
{
    return rule->indented == (config->form == CONFIG_INDENTED);
}

static bool add_definitions(const struct config *config, struct review_numbers *defined)
{
    struct config_word words[CONFIG_WORDS_MAX];
    for (uint32_t i = 0; i < config->statement_count; i++) {
        uint32_t count = config_flat(config, i, words);
        for (size_t r = 0; r < RULES; r++) {
            uint32_t name = applies(&rules[r], config) ? find_name(rules[r].defines, words, count)
                                                       : CONFIG_NONE;
            if (name != CONFIG_NONE && !review_numbers_add(defined, number_of(r, words[name])))
                return false;
        }
    }
    review_numbers_sort(defined);
    return true;
}

static void check_uses(const struct config *config, const struct review_numbers *defined,
                       const struct review_numbers *before, struct review *review)
{
    struct config_word words[CONFIG_WORDS_MAX];
    for (uint32_t i = 0; i < config->statement_count; i++) {
        uint32_t count = config_flat(config, i, words);
        for (size_t r = 0; r < RULES && !config->statements[i].is_block; r++) {
            uint32_t name =
                applies(&rules[r], config) ? find_name(rules[r].uses, words, count) : CONFIG_NONE;
            if (name == CONFIG_NONE || !is_within(rules[r].only_within, words, name) ||
                review_numbers_have(defined, number_of(r, words[name])))
                continue;
            bool was = review_numbers_have(before, number_of(r, words[name]));
            if (defined->count == 0 && !was)
                continue;
            struct saying say = review_open(review, REVIEW_UNDEFINED, config->statements[i].line);
            saying_add(&say, "%s ", rules[r].thing);
            saying_word(&say, words[name]);
            saying_add(&say, was ? " is used, and no longer defined: "
                                 : " is used, and nowhere defined: ");
            saying_words(&say, words, 0, count);
        }
    }
}

bool review_names(const struct config *config, const struct config *before, struct review *review)
{
    struct review_numbers defined = {0}, defined_before = {0};
    bool good =
        add_definitions(config, &defined) && (!before || add_definitions(before, &defined_before));
    if (good)
        check_uses(config, &defined, &defined_before, review);
    review_numbers_done(&defined);
    review_numbers_done(&defined_before);
    return good;
}

// ---- terms and their conditions

// How many words name the term that this statement is of; 0: of none.
static uint32_t term_words(const struct config *config, const struct config_word *words,
                           uint32_t count, bool *is_condition)
{
    *is_condition = false;
    if (config->form == CONFIG_INDENTED) {
        *is_condition = count > 4 && review_is(words[4], "match");
        return count >= 4 && review_is(words[0], "route-map") ? 4 : 0;
    }
    for (uint32_t at = 0; at + 2 < count; at++) {
        if (!review_is(words[at], "term"))
            continue;
        *is_condition = review_is(words[at + 2], "from");
        return *is_condition || review_is(words[at + 2], "then") ? at + 2 : 0;
    }
    return 0;
}

static bool read_conditions(const struct hashed *hashed, struct review_numbers *terms)
{
    struct config_word words[CONFIG_WORDS_MAX];
    bool is_condition, good = true;
    for (uint32_t i = 0; good && i < hashed->config->statement_count; i++) {
        uint32_t count = config_flat(hashed->config, i, words);
        uint32_t own = term_words(hashed->config, words, count, &is_condition);
        if (is_condition)
            good = review_numbers_add(terms, hashed_first(hashed, i, own));
    }
    review_numbers_sort(terms);
    return good;
}

static bool tell_emptied(const struct hashed *now, const struct review_numbers *terms,
                         const struct review_numbers *before, struct review *review)
{
    struct config_word words[CONFIG_WORDS_MAX];
    struct review_numbers told = {0};
    bool is_condition, good = true;
    for (uint32_t i = 0; good && i < now->config->statement_count; i++) {
        uint32_t count = config_flat(now->config, i, words);
        uint32_t own = term_words(now->config, words, count, &is_condition);
        uint64_t term = own > 0 ? hashed_first(now, i, own) : 0;
        if (own == 0 || is_condition || !review_numbers_have(before, term) ||
            review_numbers_have(terms, term) || review_numbers_have(&told, term))
            continue;
        good = review_numbers_add(&told, term);
        review_numbers_sort(&told);
        struct saying say =
            review_open(review, REVIEW_MATCHES_ALL, now->config->statements[i].line);
        saying_words(&say, words, 0, own);
        saying_add(&say, " lost all its conditions: it matches everything now");
    }
    review_numbers_done(&told);
    return good;
}

bool review_conditions(const struct config *config, const struct config *before,
                       struct review *review)
{
    struct hashed now = {0}, then = {0};
    struct review_numbers now_terms = {0}, then_terms = {0};
    bool good = hashed_read(&now, config, "") && hashed_read(&then, before, "") &&
                read_conditions(&now, &now_terms) && read_conditions(&then, &then_terms) &&
                tell_emptied(&now, &now_terms, &then_terms, review);
    review_numbers_done(&now_terms);
    review_numbers_done(&then_terms);
    hashed_done(&now);
    hashed_done(&then);
    return good;
}
