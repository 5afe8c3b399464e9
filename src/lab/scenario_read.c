// SPDX-License-Identifier: ISC
#include "lab/scenario_read.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void reader_fail(struct reader *r, const struct tree_node *at, const char *text, ...)
{
    char line[NET_ERROR_MAX];
    va_list arguments;
    va_start(arguments, text);
    vsnprintf(line, sizeof line, text, arguments);
    va_end(arguments);
    net_errors_add(r->errors, NET_ERROR, at ? at->line : 1, "%s", line);
}

void reader_keys(struct reader *r, const struct tree_node *map, const char *const *keys)
{
    size_t count = 0;
    while (keys[count])
        count++;
    for (const struct tree_node *child = map ? map->first : NULL; child; child = child->next) {
        bool known = false;
        for (size_t i = 0; child->key && i < count; i++)
            known = known || strcmp(child->key, keys[i]) == 0;
        const char *near = child->key ? tree_nearest(child->key, keys, count) : NULL;
        if (!known)
            reader_fail(r, child, "unknown key '%s'%s%s%s", child->key ? child->key : "",
                        near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "");
    }
}

bool reader_has_room(struct reader *r, const struct tree_node *at, uint32_t count, uint32_t max)
{
    if (count < max)
        return true;
    reader_fail(r, at, "more than %u of these", max);
    return false;
}

static const struct tree_node *find(struct reader *r, const struct tree_node *map, const char *key,
                                    bool must)
{
    const struct tree_node *node = tree_find(map, key);
    if (!node && must)
        reader_fail(r, map, "'%s' is missing", key);
    return node;
}

static const struct tree_node *find_kind(struct reader *r, const struct tree_node *map,
                                         const char *key, enum tree_kind kind)
{
    const struct tree_node *node = tree_find(map, key);
    if (!node || node->kind == kind)
        return node;
    reader_fail(r, node, "'%s' must be %s", key, tree_kind_name(kind));
    return NULL;
}

const char *reader_text(struct reader *r, const struct tree_node *map, const char *key,
                        const char *otherwise)
{
    const struct tree_node *node = find(r, map, key, !otherwise);
    if (node && node->kind == TREE_TEXT)
        return node->text;
    if (node)
        reader_fail(r, node, "'%s' must be a value", key);
    return otherwise ? otherwise : "";
}

double reader_number(struct reader *r, const struct tree_node *map, const char *key,
                     struct reader_range range)
{
    const struct tree_node *node = find(r, map, key, range.otherwise < range.min);
    if (!node)
        return range.otherwise < range.min ? range.min : range.otherwise;
    char *end = NULL;
    double number = node->text ? strtod(node->text, &end) : 0;
    if (end && end != node->text && !*end && number >= range.min && number <= range.max)
        return number;
    reader_fail(r, node, "'%s' must be a number from %g to %g", key, range.min, range.max);
    return range.min;
}

uint32_t reader_word(struct reader *r, const struct tree_node *map, const char *key,
                     const char *const *words)
{
    const char *word = reader_text(r, map, key, words[0]);
    for (uint32_t i = 0; words[i]; i++)
        if (strcmp(words[i], word) == 0)
            return i;
    reader_fail(r, tree_find(map, key), "'%s' cannot be '%s'", key, word);
    return 0;
}

uint32_t reader_node(struct reader *r, const struct tree_node *map, const char *key)
{
    const char *name = reader_text(r, map, key, NULL);
    uint32_t node = scenario_node_find(r->scenario, name);
    if (node != UINT32_MAX)
        return node;
    reader_fail(r, tree_find(map, key), "'%s': no node of the name '%s'", key, name);
    return 0;
}

const struct tree_node *reader_list(struct reader *r, const struct tree_node *map, const char *key)
{
    return find_kind(r, map, key, TREE_LIST);
}

const struct tree_node *reader_map(struct reader *r, const struct tree_node *map, const char *key)
{
    return find_kind(r, map, key, TREE_MAP);
}

void reader_each(struct reader *r, const struct tree_node *list,
                 void (*read)(struct reader *r, const struct tree_node *item))
{
    for (const struct tree_node *item = list ? list->first : NULL; item; item = item->next)
        read(r, item);
}
