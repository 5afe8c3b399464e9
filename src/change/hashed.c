// SPDX-License-Identifier: ISC
#include "change/hashed.h"

#include "base/random.h"
#include "base/siphash.h"

#include <stdlib.h>
#include <string.h>

enum { WORD_HASHED_MAX = 512, NAME_MIN = 3 };  // bytes; shorter names stand in words by chance

static const struct siphash_key key = {0x6665656c20746865, 0x646966666572656e};
static const uint64_t any_word = 0x9e3779b97f4a7c15;

// The weight of a place: odd, so that no word's bits are lost.
static uint64_t weight(uint32_t place)
{
    return random_mix(place + UINT64_C(0x9e3779b97f4a7c15)) | 1;
}

static uint64_t hash_word(struct config_word word, const char *name, size_t name_size)
{
    char bytes[WORD_HASHED_MAX];
    size_t used = 0;
    for (size_t i = 0; i < word.size && used < sizeof bytes;) {
        bool own = name_size >= NAME_MIN && word.size - i >= name_size &&
                   memcmp(word.at + i, name, name_size) == 0;
        bytes[used++] = own ? '\x01' : word.at[i];
        i += own ? name_size : 1;
    }
    return siphash(key, bytes, used);
}

bool hashed_read(struct hashed *hashed, const struct config *config, const char *name)
{
    size_t name_size = strlen(name);
    *hashed = (struct hashed){
        .config = config,
        .words = calloc(config->word_count + 1, sizeof *hashed->words),
        .statements = calloc(config->statement_count + 1, sizeof *hashed->statements),
        .marks = calloc(config->statement_count + 1, 1),
    };
    if (!hashed->words || !hashed->statements || !hashed->marks)
        return false;
    for (uint32_t i = 0; i < config->word_count; i++)
        hashed->words[i] = hash_word(config->words[i], name, name_size);
    for (uint32_t i = 0; i < config->statement_count; i++) {
        const struct config_statement *s = &config->statements[i];
        uint64_t sum = s->parent == CONFIG_NONE ? 0 : hashed->statements[s->parent];
        for (uint32_t w = 0; w < s->word_count; w++)
            sum += hashed->words[s->first_word + w] * weight(s->depth_words + w);
        hashed->statements[i] = sum;
    }
    return true;
}

void hashed_done(struct hashed *hashed)
{
    free(hashed->words);
    free(hashed->statements);
    free(hashed->marks);
    *hashed = (struct hashed){0};
}

uint32_t hashed_word_at(const struct hashed *hashed, uint32_t statement, uint32_t place)
{
    const struct config_statement *s = &hashed->config->statements[statement];
    while (place < s->depth_words)
        s = &hashed->config->statements[s->parent];
    place -= s->depth_words;
    return place < s->word_count ? s->first_word + place : CONFIG_NONE;
}

uint64_t hashed_without(const struct hashed *hashed, uint32_t statement, uint32_t place)
{
    uint32_t word = hashed_word_at(hashed, statement, place);
    uint64_t own = word == CONFIG_NONE ? 0 : hashed->words[word];
    return hashed->statements[statement] + (any_word - own) * weight(place);
}

static bool is_value(struct config_word word)
{
    for (uint32_t i = 0; i < word.size; i++)
        if (word.at[i] >= '0' && word.at[i] <= '9')
            return true;
    return word.size == 0;
}

// Only its own words and its outer block's: what is further out is where it stands, not what.
uint64_t hashed_skeleton(const struct hashed *hashed, uint32_t statement)
{
    const struct config_statement *s = &hashed->config->statements[statement];
    uint64_t sum = hashed->statements[statement];
    for (int level = 0; level < 2; level++) {
        for (uint32_t w = 0; w < s->word_count; w++)
            if (is_value(hashed->config->words[s->first_word + w]))
                sum += (any_word - hashed->words[s->first_word + w]) * weight(s->depth_words + w);
        if (s->parent == CONFIG_NONE)
            break;
        s = &hashed->config->statements[s->parent];
    }
    return sum;
}

uint64_t hashed_first(const struct hashed *hashed, uint32_t statement, uint32_t places)
{
    uint64_t sum = 0;
    for (uint32_t place = 0; place < places; place++) {
        uint32_t word = hashed_word_at(hashed, statement, place);
        sum += word == CONFIG_NONE ? 0 : hashed->words[word] * weight(place);
    }
    return sum;
}

uint32_t hashed_root(const struct hashed *hashed, uint32_t statement)
{
    while (hashed->config->statements[statement].parent != CONFIG_NONE)
        statement = hashed->config->statements[statement].parent;
    return statement;
}
