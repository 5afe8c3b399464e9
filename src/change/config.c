// SPDX-License-Identifier: ISC
#include "change/config.h"

#include "change/config_build.h"

#include <stdlib.h>
#include <string.h>

const char *const config_form_names[CONFIG_FORMS] = {"indented", "braces", "set"};

// ---- room for what is read

static bool grow(void **items, uint32_t *room, size_t item_size)
{
    uint32_t more = *room > 0 ? *room * 2 : 256;
    void *grown = realloc(*items, more * item_size);
    if (!grown)
        return false;
    *items = grown;
    *room = more;
    return true;
}

void config_add_word(struct config_build *b, struct config_word word)
{
    struct config *c = b->config;
    if (b->own_words >= CONFIG_WORDS_MAX)
        return;
    if (c->word_count == c->word_room && !grow((void **)&c->words, &c->word_room, sizeof word)) {
        b->is_out_of_memory = true;
        return;
    }
    c->words[c->word_count++] = word;
    b->own_words++;
}

uint32_t config_add_statement(struct config_build *b, uint32_t parent, uint32_t line)
{
    struct config *c = b->config;
    struct config_statement statement = {
        .parent = parent,
        .first_word = c->word_count - b->own_words,
        .word_count = b->own_words,
        .line = line,
    };
    b->own_words = 0;
    if (parent != CONFIG_NONE) {
        const struct config_statement *outer = &c->statements[parent];
        statement.depth_words = outer->depth_words + outer->word_count;
    }
    if (c->statement_count == c->statement_room &&
        !grow((void **)&c->statements, &c->statement_room, sizeof statement)) {
        b->is_out_of_memory = true;
        return CONFIG_NONE;
    }
    if (parent != CONFIG_NONE)
        c->statements[parent].is_block = true;
    c->statements[c->statement_count] = statement;
    return c->statement_count++;
}

// ---- lines

bool config_line_next(struct config_lines *lines, struct config_word *line)
{
    if (lines->size == 0)
        return false;
    const char *end = memchr(lines->at, '\n', lines->size);
    size_t size = end ? (size_t)(end - lines->at) : lines->size;
    *line = (struct config_word){lines->at, (uint32_t)size};
    lines->at += size + (end ? 1 : 0);
    lines->size -= size + (end ? 1 : 0);
    lines->number++;
    return true;
}

bool config_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct config_word config_trim(struct config_word line)
{
    while (line.size > 0 && config_is_space(line.at[0])) {
        line.at++;
        line.size--;
    }
    while (line.size > 0 && config_is_space(line.at[line.size - 1]))
        line.size--;
    return line;
}

bool config_begins(struct config_word line, const char *with)
{
    size_t size = strlen(with);
    return line.size >= size && memcmp(line.at, with, size) == 0;
}

// The next word of a line; a text in quotes is one. False: there are no more.
static bool take_word(struct config_word *line, struct config_word *word)
{
    *line = config_trim(*line);
    if (line->size == 0)
        return false;
    char quote = line->at[0];
    uint32_t size = 1;
    if (quote == '"' || quote == '\'') {
        while (size < line->size && line->at[size] != quote)
            size += line->at[size] == '\\' && size + 1 < line->size ? 2 : 1;
        *word = (struct config_word){line->at + 1, size - 1};
        size += size < line->size;
    } else {
        while (size < line->size && !config_is_space(line->at[size]))
            size++;
        *word = (struct config_word){line->at, size};
    }
    line->at += size;
    line->size -= size;
    return true;
}

static void take_words(struct config_build *b, struct config_word line)
{
    struct config_word word;
    while (take_word(&line, &word))
        config_add_word(b, word);
}

// ---- indented lines

static uint32_t indent_of(struct config_word line)
{
    uint32_t columns = 0;
    while (columns < line.size && (line.at[columns] == ' ' || line.at[columns] == '\t'))
        columns++;
    return columns;
}

static bool says_nothing(struct config_word line)
{
    return line.size == 0 || line.at[0] == '!' || line.at[0] == '#' ||
           config_begins(line, "exit-") || (line.size == 4 && config_begins(line, "exit")) ||
           (line.size == 3 && config_begins(line, "end"));
}

static void read_indented(struct config_build *b, struct config_lines lines)
{
    struct {
        uint32_t columns, statement;
    } blocks[CONFIG_DEPTH_MAX];
    uint32_t depth = 0;
    struct config_word line;
    while (!b->is_out_of_memory && config_line_next(&lines, &line)) {
        uint32_t columns = indent_of(line);
        line = config_trim(line);
        if (says_nothing(line))
            continue;
        while (depth > 0 && blocks[depth - 1].columns >= columns)
            depth--;
        take_words(b, line);
        uint32_t parent = depth > 0 ? blocks[depth - 1].statement : CONFIG_NONE;
        uint32_t statement = config_add_statement(b, parent, lines.number);
        if (depth < CONFIG_DEPTH_MAX) {
            blocks[depth].columns = columns;
            blocks[depth++].statement = statement;
        }
    }
}

// ---- lines of "set"

// What is deleted or deactivated is told from what is set by its first word.
static void read_set(struct config_build *b, struct config_lines lines)
{
    struct config_word line;
    while (!b->is_out_of_memory && config_line_next(&lines, &line)) {
        line = config_trim(line);
        if (line.size == 0 || line.at[0] == '#')
            continue;
        if (config_begins(line, "set ")) {
            line.at += 4;
            line.size -= 4;
        }
        take_words(b, line);
        config_add_statement(b, CONFIG_NONE, lines.number);
    }
}

// ---- which form it is

// "{{ x }}" at the end of a line is a template's, in whatever form.
static bool ends_part(struct config_word line)
{
    char last = line.at[line.size - 1], before = line.size > 1 ? line.at[line.size - 2] : ' ';
    return last == '{' || last == ';' || (last == '}' && before != '}');
}

static enum config_form form_of(struct config_lines lines)
{
    enum { LOOK_MAX = 2000 };
    uint32_t all = 0, set = 0, braced = 0;
    struct config_word line;
    while (all < LOOK_MAX && config_line_next(&lines, &line)) {
        line = config_trim(line);
        if (line.size == 0 || line.at[0] == '#' || line.at[0] == '!')
            continue;
        all++;
        set += config_begins(line, "set ") || config_begins(line, "delete ") ||
               config_begins(line, "deactivate ");
        braced += ends_part(line);
    }
    if (all > 0 && set * 2 > all)
        return CONFIG_SET;
    return all > 0 && braced * 2 >= all ? CONFIG_BRACED : CONFIG_INDENTED;
}

bool config_read(struct config *config, const char *text, size_t size)
{
    *config = (struct config){0};
    if (size > CONFIG_BYTES_MAX)
        return false;
    struct config_build build = {.config = config};
    struct config_lines lines = {text, size, 0};
    config->form = form_of(lines);
    if (config->form == CONFIG_INDENTED)
        read_indented(&build, lines);
    else if (config->form == CONFIG_SET)
        read_set(&build, lines);
    else
        config_read_braced(&build, text, size);
    if (build.is_out_of_memory)
        config_done(config);
    return !build.is_out_of_memory;
}

void config_done(struct config *config)
{
    free(config->statements);
    free(config->words);
    *config = (struct config){0};
}

// ---- looking

uint32_t config_flat(const struct config *config, uint32_t statement,
                     struct config_word words[CONFIG_WORDS_MAX])
{
    const struct config_statement *s = &config->statements[statement];
    uint32_t end = s->depth_words + s->word_count;
    for (;;) {
        for (uint32_t i = 0; i < s->word_count && s->depth_words + i < CONFIG_WORDS_MAX; i++)
            words[s->depth_words + i] = config->words[s->first_word + i];
        if (s->parent == CONFIG_NONE)
            return end < CONFIG_WORDS_MAX ? end : CONFIG_WORDS_MAX;
        s = &config->statements[s->parent];
    }
}

static bool ends_like(struct config_word word, const char *with)
{
    size_t size = strlen(with);
    return word.size >= size && strncasecmp(word.at + word.size - size, with, size) == 0;
}

bool config_is_secret(const struct config_word *words, uint32_t at)
{
    static const char *const before[] = {"password", "secret",    "key",          "md5",
                                         "keyring",  "community", "key-string",   "psk",
                                         "token",    "sha1",      "hmac-sha-256", "passphrase"};
    if (config_begins(words[at], "$") && words[at].size > 3 && memchr(words[at].at + 1, '$', 3))
        return true;  // as Junos and crypt(5) write what they have encrypted
    // "password 7 0822455D0A16": up to two words between.
    for (uint32_t back = 1; back <= 3 && back <= at; back++)
        for (size_t i = 0; i < sizeof before / sizeof before[0]; i++)
            if (ends_like(words[at - back], before[i]))
                return true;
    return false;
}
