// SPDX-License-Identifier: ISC
// Junos' and BIRD's form: "word word { word; word [ a b ]; }". A list at the end of a statement
// becomes a statement for each of its members, as Junos itself shows it with "display set".
#include "change/config_build.h"

#include <string.h>

struct braced {
    struct config_build *build;
    const char *at, *end;
    uint32_t line;
    uint32_t depth, too_deep;  // blocks that are open
    uint32_t blocks[CONFIG_DEPTH_MAX];
};

static bool is_mark(char c)
{
    return c == '{' || c == '}' || c == ';' || c == '[' || c == ']' || c == ',';
}

static void step(struct braced *r)
{
    r->line += *r->at == '\n';
    r->at++;
}

static void skip_to(struct braced *r, const char *until)
{
    size_t size = strlen(until);
    while (r->at < r->end && ((size_t)(r->end - r->at) < size || memcmp(r->at, until, size) != 0))
        step(r);
    for (size_t i = 0; i < size && r->at < r->end; i++)
        step(r);
}

static void skip_space(struct braced *r)
{
    while (r->at < r->end) {
        if (config_is_space(*r->at) || *r->at == ',')
            step(r);
        else if (*r->at == '#')
            skip_to(r, "\n");
        else if (r->end - r->at >= 2 && memcmp(r->at, "/*", 2) == 0)
            skip_to(r, "*/");
        else
            return;
    }
}

static struct config_word take_quoted(struct braced *r)
{
    char quote = *r->at;
    step(r);
    const char *first = r->at;
    while (r->at < r->end && *r->at != quote) {
        if (*r->at == '\\' && r->end - r->at > 1)
            step(r);
        step(r);
    }
    struct config_word word = {first, (uint32_t)(r->at - first)};
    if (r->at < r->end)
        step(r);
    return word;
}

static struct config_word take_plain(struct braced *r)
{
    const char *first = r->at;
    if (is_mark(*r->at))
        step(r);
    else
        while (r->at < r->end && !config_is_space(*r->at) && !is_mark(*r->at) && *r->at != '"')
            step(r);
    return (struct config_word){first, (uint32_t)(r->at - first)};
}

static uint32_t parent_of(const struct braced *r)
{
    return r->depth > 0 ? r->blocks[r->depth - 1] : CONFIG_NONE;
}

static bool is_just(struct config_word word, char c)
{
    return word.size == 1 && word.at[0] == c;
}

// Where the list begins that is the end of the statement; own_words: there is none.
static uint32_t list_at(const struct config_build *b)
{
    const struct config_word *own = b->config->words + b->config->word_count - b->own_words;
    uint32_t count = b->own_words, at = 0;
    if (count < 2 || !is_just(own[count - 1], ']'))
        return count;
    while (at < count && !is_just(own[at], '['))
        at++;
    return at;
}

// The statement that is read, once for each member of its list.
static void end_list(struct braced *r, uint32_t list)
{
    struct config_build *b = r->build;
    uint32_t count = b->own_words, first = b->config->word_count - count;
    b->own_words = 0;
    for (uint32_t member = list + 1; member + 1 < count; member++) {
        for (uint32_t i = 0; i < list; i++)
            config_add_word(b, b->config->words[first + i]);
        config_add_word(b, b->config->words[first + member]);
        config_add_statement(b, parent_of(r), r->line);
    }
}

static void end_statement(struct braced *r)
{
    struct config_build *b = r->build;
    if (b->own_words == 0)
        return;
    // What stands before a list is repeated for each member: no more than a line's worth of it.
    enum { BEFORE_LIST_MAX = 16 };
    uint32_t list = list_at(b);
    if (list < b->own_words && list <= BEFORE_LIST_MAX)
        end_list(r, list);
    else
        config_add_statement(b, parent_of(r), r->line);
}

static void open_block(struct braced *r)
{
    if (r->depth == CONFIG_DEPTH_MAX) {
        r->too_deep++;
        end_statement(r);
        return;
    }
    uint32_t block = config_add_statement(r->build, parent_of(r), r->line);
    if (block != CONFIG_NONE)
        r->blocks[r->depth++] = block;
}

static void close_block(struct braced *r)
{
    end_statement(r);
    if (r->too_deep > 0)
        r->too_deep--;
    else if (r->depth > 0)
        r->depth--;
}

void config_read_braced(struct config_build *b, const char *text, size_t size)
{
    struct braced r = {.build = b, .at = text, .end = text + size, .line = 1};
    while (!b->is_out_of_memory) {
        skip_space(&r);
        if (r.at == r.end)
            break;
        bool quoted = *r.at == '"';
        struct config_word word = quoted ? take_quoted(&r) : take_plain(&r);
        if (!quoted && is_just(word, '{'))
            open_block(&r);
        else if (!quoted && is_just(word, '}'))
            close_block(&r);
        else if (!quoted && is_just(word, ';'))
            end_statement(&r);
        else
            config_add_word(b, word);
    }
    end_statement(&r);
}
